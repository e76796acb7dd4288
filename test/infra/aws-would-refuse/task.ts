/** Rules about tasks, services and their scaling. */
import { DeploymentStrategy } from "../../../infra/index.ts";
import { arn } from "../mocks.ts";
import { serviceMistakes, type Mistake } from "./rules.ts";

export const TASK_MISTAKES: readonly Mistake[] = serviceMistakes([
  [
    1,
    "memory that does not go with the processor",
    { cpu: 0.25, memory: 4096 },
    "`memory` is 4096 MiB; with 0.25 vCPU Fargate offers 512, 1024, 2048.",
    ["cpu", "memory"],
  ],
  [
    1,
    "a processor that is not on offer",
    { cpu: 3, memory: 8192 },
    "`cpu` is 3 vCPU; Fargate offers 0.25, 0.5, 1, 2, 4, 8, 16.",
    ["cpu"],
  ],
  [
    4,
    "calls that Spot does not leave time for",
    { fargateSpotWeight: 1, longestCallSeconds: 100, drainSeconds: 10 },
    "`longestCallSeconds` is 100 and `drainSeconds` is 10: with 5 seconds to close, a replica needs 115 seconds to end, and Spot leaves it" +
      " 110. Give the two a sum of at most 105 seconds, or leave `fargateSpotWeight` out.",
    ["fargateSpotWeight", "longestCallSeconds", "drainSeconds"],
  ],
  [
    12,
    "a weight that is too large",
    { fargateSpotWeight: 1001 },
    "`fargateSpotWeight` is 1001; give a whole number from 0 to 1000.",
    ["fargateSpotWeight"],
  ],
  [
    12,
    "a base that is too large",
    { fargateSpotWeight: 1, fargateBase: 5001 },
    "`fargateBase` is 5001; give a whole number from 0 to 5000.",
    ["fargateBase"],
  ],
  [
    17,
    "no room to rebalance",
    { maximumPercent: 100, minimumHealthyPercent: 50 },
    "`maximumPercent` is 100, which leaves no room to start a replica in another zone before one is stopped. Give more than 100, or set" +
      " `availabilityZoneRebalancing` to false.",
    ["maximumPercent"],
  ],
  [
    18,
    "no room to deploy",
    { minReplicas: 1, maximumPercent: 150 },
    "`minimumHealthyPercent` is 100 and `maximumPercent` is 150: of 1 replicas (`minReplicas`) ECS could neither stop one nor start one" +
      " more, and no deployment would ever end. Give a `maximumPercent` of at least 200.",
    ["minReplicas", "maximumPercent"],
  ],
  [
    18,
    "no room to deploy while a schedule holds",
    {
      minReplicas: 4,
      maximumPercent: 125,
      schedules: [{ name: "night", cron: "0 20 * * ? *", minReplicas: 2, maxReplicas: 9 }],
    },
    "`minimumHealthyPercent` is 100 and `maximumPercent` is 125: of 2 replicas (`minReplicas`) ECS could neither stop one nor start one" +
      " more, and no deployment would ever end. Give a `maximumPercent` of at least 150.",
  ],
  [
    19,
    "too small a canary",
    {
      deploymentStrategy: DeploymentStrategy.Canary,
      targetOngoingRequests: 20,
      canaryPercent: 0.05,
    },
    "`canaryPercent` is 0.05; give a percentage from 0.1 to 100 in steps of 0.1.",
  ],
  [
    19,
    "too small a step",
    { deploymentStrategy: DeploymentStrategy.Linear, targetOngoingRequests: 20, stepPercent: 2.9 },
    "`stepPercent` is 2.9; give a percentage from 3 to 100 in steps of 0.1.",
  ],
  [
    19,
    "too long a bake",
    {
      deploymentStrategy: DeploymentStrategy.BlueGreen,
      targetOngoingRequests: 20,
      bakeMinutes: 1441,
    },
    "`bakeMinutes` is 1441; give a whole number of minutes from 0 to 1440.",
  ],
  [
    19,
    "a bake where nothing bakes",
    { bakeMinutes: 10 },
    "`bakeMinutes` is given, but `deploymentStrategy` is `ROLLING`, which does not look at it. Leave it out, or set `deploymentStrategy` to" +
      " `BLUE_GREEN`, `CANARY`, `LINEAR`.",
  ],
  [
    21,
    "requests counted in one group of two",
    { deploymentStrategy: DeploymentStrategy.BlueGreen, requestCountPerTarget: 100 },
    "`requestCountPerTarget` is given, but in blue/green, canary and linear deployments traffic moves between two target groups, and AWS" +
      " counts the requests of one only. Give `targetOngoingRequests` instead, which every replica measures itself.",
    ["requestCountPerTarget"],
  ],
  [
    23,
    "a minimum above the maximum",
    { minReplicas: 5, maxReplicas: 4 },
    "`minReplicas` is 5 and `maxReplicas` is 4; give a maximum that is not below the minimum.",
    ["minReplicas", "maxReplicas"],
  ],
  [
    23,
    "a scheduled minimum above its maximum",
    { schedules: [{ name: "day", cron: "0 6 * * ? *", minReplicas: 5, maxReplicas: 4 }] },
    "`schedules.day.minReplicas` is 5 and `schedules.day.maxReplicas` is 4; give a maximum that is not below the minimum.",
  ],
  [
    46,
    "a JSON key without the colons after it",
    { secrets: { KEY: `${arn("secretsmanager", "secret:keys-AbCdEf")}:key` } },
    "`secrets.KEY` is not the ARN of a secret; give the ARN of a Secrets Manager secret, followed by `:key::` for one key of a JSON value," +
      " or the ARN of an SSM parameter.",
    ["secrets"],
  ],
  [
    52,
    "a variable that is a secret, too",
    { environment: { KEY: "plain" }, secrets: { KEY: arn("ssm", "parameter/key") } },
    "`KEY` stands in `secrets` and in `environment` (or among a bundled server's own variables); ECS takes each name once. Keep one of them.",
    ["environment", "secrets"],
  ],
  [
    56,
    "variables that are too large",
    { environment: { LARGE: "x".repeat(65_536) } },
    "`environment` and `secrets` have 65565 bytes in the task definition, and ECS registers one of at most 65536, of which 2048 are for the" +
      " rest of it. Put large values into the image, or into a parameter or secret that the container reads itself.",
    ["environment"],
  ],
]);
