/** Rules about capacity: Fargate, instances and GPUs. */
import { InstanceManagement } from "../../../infra/capacity/instance-capacity.ts";
import { McpPlatform, McpService } from "../../../infra/index.ts";
import { HANDLE } from "../platform-handle.ts";
import { platformMistakes, serviceMistakes, type Mistake } from "./rules.ts";

const GPU = { gpu: { instanceTypes: ["g6.xlarge"] } };

export const CAPACITY_MISTAKES: readonly Mistake[] = [
  ...serviceMistakes([
    [
      3,
      "a GPU on Fargate",
      { gpu: 1 },
      "`gpu` is given, but the replicas run on Fargate, which has no GPUs. Declare instances that have some: `instances: { instanceTypes:" +
        ' ["g6.xlarge"] }`; or, on a platform, `instanceCapacity: { gpu: { instanceTypes: ["g6.xlarge"] } }` there and `capacity: "gpu"` here.',
      ["gpu"],
    ],
    [
      12,
      "a capacity that the platform has not",
      { capacity: "gpu" },
      "`capacity` is `gpu`, which the platform's `instanceCapacity` does not have: there is none. Declare it there: `instanceCapacity: { gpu:" +
        ' { instanceTypes: ["g6.xlarge"] } }`.',
    ],
    [
      12,
      "two kinds of capacity",
      { platform: { ...HANDLE }, capacity: "gpu", fargateSpotWeight: 1 },
      "`fargateSpotWeight` is given beside `capacity`: the replicas run on instances, and none on Fargate. Leave one of them out; for Spot" +
        " instances set `spot` of the capacity.",
      ["fargateSpotWeight"],
    ],
  ]),
  {
    rule: 12,
    what: "a capacity that a platform of the program has not",
    program: () => {
      const { handle } = new McpPlatform("mcp", { instanceCapacity: GPU });
      new McpService("weather", { platform: handle, image: "acme/tools", capacity: "cpu" });
    },
    sentence:
      "McpService: `capacity` is `cpu`, which the platform's `instanceCapacity` does not have; it has `gpu`. Give one of them, or declare it" +
      " there.",
  },
  {
    rule: 13,
    what: "a platform whose providers ECS would not name",
    program: () => new McpPlatform("ecs-tools", { instanceCapacity: GPU }),
    sentence:
      "McpPlatform: the name `ecs-tools` does not fit beside `instanceCapacity`, whose capacity providers are named after it: ECS keeps names" +
      " that begin with `aws`, `ecs` or `fargate` to itself. Choose another beginning.",
  },
  ...platformMistakes([
    [
      13,
      "a capacity that is called Fargate",
      { instanceCapacity: { fargate: { instanceTypes: ["m7g.large"] } } },
      "`instanceCapacity` has the name `fargate`, but Fargate has no instances, and a service runs on it without being told. Choose another" +
        " name.",
    ],
    [
      13,
      "a capacity whose name is too long",
      { instanceCapacity: { "a-name-that-is-17": { instanceTypes: ["m7g.large"] } } },
      "`instanceCapacity` has the name `a-name-that-is-17`; give names of at most 16 lower-case letters, digits and single hyphens, beginning" +
        " with a letter, since roles and instances are named after it.",
    ],
    [
      54,
      "the size of a group that there is not",
      {
        instanceCapacity: {
          managed: {
            management: InstanceManagement.ManagedInstances,
            instanceTypes: ["m7g.large"],
            maxInstances: 2,
          },
        },
      },
      '`instanceCapacity.managed.maxInstances` is given beside `management: "managed-instances"`, but ECS starts as many instances as the' +
        ' replicas need, and `maxReplicas` bounds these. Leave it out, or set `management: "auto-scaling-group"`.',
    ],
  ]),
];
