import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { DeploymentStrategy, McpService, type McpServiceArgs } from "../../infra/index.ts";
import { productionRulePriority, rulePriority } from "../../infra/ingress/rule-priority.ts";
import {
  ACCOUNT,
  arn,
  assertRefused,
  deploy,
  isTaggable,
  REGION,
  rejectionsOf,
  valueOf,
  type Declaration,
} from "./mocks.ts";
import { HANDLE } from "./platform-handle.ts";

const SERVICE = "pulumi-mcp-service:index:McpService";
const ECS = "aws:ecs/service:Service";
const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const RULE = "aws:lb/listenerRule:ListenerRule";
const GROUP = "aws:lb/targetGroup:TargetGroup";
const IMAGE = "ghcr.io/acme/tools@sha256:ab";

function deployService(args: McpServiceArgs): Promise<Declaration<McpService>> {
  return deploy(
    () => new McpService("weather", { platform: { ...HANDLE }, image: IMAGE, ...args }),
  );
}

/** Only `targetOngoingRequests` counts while traffic moves between two groups. */
const SHIFTING = { targetOngoingRequests: 8 };

/** What a service has that it has not with a rolling deployment, and the reverse. */
async function beside(args: McpServiceArgs): Promise<{ more: string[]; less: string[] }> {
  const plain = (await deployService(SHIFTING)).childrenOf(SERVICE);
  const children = (await deployService({ ...SHIFTING, ...args })).childrenOf(SERVICE);
  return {
    more: children.filter((child) => !plain.includes(child)),
    less: plain.filter((child) => !children.includes(child)),
  };
}

test("GIVEN deployments that shift traffic WHEN a service is declared THEN it has a second group, a rule, a role and an alarm on its zones for them", async () => {
  for (const deploymentStrategy of [
    DeploymentStrategy.BlueGreen,
    DeploymentStrategy.Canary,
    DeploymentStrategy.Linear,
  ]) {
    assert.deepEqual(await beside({ deploymentStrategy }), {
      more: [
        "aws:cloudwatch/metricAlarm:MetricAlarm weather-zone-unavailable-alternate",
        "aws:iam/role:Role weather-load-balancer",
        "aws:iam/rolePolicy:RolePolicy weather-load-balancer",
        "aws:lb/listenerRule:ListenerRule weather-production",
        "aws:lb/targetGroup:TargetGroup weather-alternate",
      ],
      // Another rule, at another priority: while a running service changes over, both stand, and no call is lost.
      less: ["aws:lb/listenerRule:ListenerRule weather"],
    });
  }
});

test("GIVEN a canary WHEN it is declared THEN both groups are alike and on the rule, whose weights are ECS's from then on", async () => {
  const declaration = await deployService({
    ...SHIFTING,
    deploymentStrategy: DeploymentStrategy.Canary,
  });
  const groups = ["weather", "weather-alternate"].map((name) => {
    const { namePrefix, ...alike } = declaration.only(GROUP, name).inputs;
    return { namePrefix, alike };
  });
  const [primary, alternate] = ["weather", "weather-alternate"].map((name) =>
    arn("elasticloadbalancing", `targetgroup/${name}/943f017f100becff`),
  );
  const rule = declaration.only(RULE);

  assert.deepEqual(groups[1]?.alike, groups[0]?.alike);
  assert.deepEqual(
    groups.map(({ namePrefix }) => namePrefix),
    [undefined, "weath-"],
  );
  assert.deepEqual(rule.inputs["actions"], [
    {
      type: "forward",
      forward: {
        targetGroups: [
          { arn: primary, weight: 1 },
          { arn: alternate, weight: 0 },
        ],
      },
    },
  ]);
  assert.deepEqual(rule.ignoreChanges, ["actions"]);
  assert.equal(rule.inputs["priority"], productionRulePriority("/mcp"));
  assert.notEqual(productionRulePriority("/mcp"), rulePriority("/mcp"));
  const service = declaration.only(ECS);
  assert.deepEqual(service.inputs["loadBalancers"], [
    {
      targetGroupArn: primary,
      containerName: "server",
      containerPort: 8080,
      advancedConfiguration: {
        alternateTargetGroupArn: alternate,
        productionListenerRule: arn("elasticloadbalancing", "listener-rule/app/weather-production"),
        roleArn: `arn:aws:iam::${ACCOUNT}:role/weather-load-balancer`,
      },
    },
  ]);
  assert.deepEqual(service.inputs["alarms"], {
    alarmNames: ["weather-errors", "weather-latency"],
    enable: true,
    rollback: true,
  });
  // ECS may not touch rule and groups before the role allows it.
  assert.ok(service.dependsOn.includes("aws:iam/rolePolicy:RolePolicy weather-load-balancer"));
  declaration.assertNothingUndefined();
  declaration.assertUrnsUnique();
});

test("GIVEN a name as long as they come WHEN its alternate group is named THEN AWS takes the prefix", async () => {
  for (const name of ["a", "abcd-efg-hijkl-mnopq-rst", "x".repeat(24)]) {
    const declaration = await deploy(() => {
      new McpService(name, {
        platform: { ...HANDLE },
        image: IMAGE,
        deploymentStrategy: DeploymentStrategy.BlueGreen,
        ...SHIFTING,
      });
    });
    const prefix = declaration.only(GROUP, `${name}-alternate`).inputs["namePrefix"];
    assert.match(String(prefix), /^[a-z][a-z0-9-]{0,4}-$/u);
  }
});

test("GIVEN alarms of the user's WHEN a service is declared THEN they stand beside ours, and ours goes where it is turned off", async () => {
  const names = async (args: McpServiceArgs): Promise<unknown> =>
    (await deployService(args)).only(ECS).inputs["alarms"];

  assert.deepEqual(await names({ rollbackAlarms: [pulumi.output("mine")] }), {
    alarmNames: ["mine", "weather-errors", "weather-latency"],
    enable: true,
    rollback: true,
  });
  assert.deepEqual(await names({ rollbackAlarms: ["mine"], rollbackErrorPercent: 2 }), {
    alarmNames: ["mine", "weather-latency", "weather-rollback"],
    enable: true,
    rollback: true,
  });
  assert.deepEqual(await names({ alarms: false }), undefined);
  assert.deepEqual(
    await names({
      ...SHIFTING,
      deploymentStrategy: DeploymentStrategy.BlueGreen,
      alarms: false,
    }),
    { alarmNames: ["weather-rollback"], enable: true, rollback: true },
  );
  assert.deepEqual(await names({ alarms: false, rollbackAlarms: ["mine"] }), {
    alarmNames: ["mine"],
    enable: true,
    rollback: true,
  });
  assert.deepEqual(
    await names({
      ...SHIFTING,
      deploymentStrategy: DeploymentStrategy.BlueGreen,
      rollbackErrorPercent: 0,
    }),
    undefined,
  );
});

test("GIVEN sessions WHEN they are allowed THEN the agent may write beside a root that stays read-only, and reach its service", async () => {
  const declaration = await deployService({ enableExecuteCommand: true });
  const { volumes, containerDefinitions } = declaration.only(TASK).inputs;
  const [container] = JSON.parse(String(containerDefinitions)) as [Record<string, unknown>];

  assert.deepEqual(
    volumes,
    ["logs", "state", "logs-collector", "state-collector"].map((name) => ({
      name: `ssm-agent-${name}`,
    })),
  );
  assert.deepEqual(container["mountPoints"], [
    { containerPath: "/var/lib/amazon/ssm", readOnly: false, sourceVolume: "ssm-agent-state" },
    { containerPath: "/var/log/amazon/ssm", readOnly: false, sourceVolume: "ssm-agent-logs" },
  ]);
  assert.equal(container["readonlyRootFilesystem"], true);
  const service = declaration.only(ECS);
  assert.equal(service.inputs["enableExecuteCommand"], true);
  assert.ok(service.dependsOn.includes("aws:iam/rolePolicy:RolePolicy weather-execute-command"));
});

test("GIVEN Spot WHEN a service is declared THEN its containers end before the machine does", async () => {
  const stopTimeout = async (args: McpServiceArgs): Promise<unknown> => {
    const { containerDefinitions } = (await deployService(args)).only(TASK).inputs;
    return (JSON.parse(String(containerDefinitions)) as [Record<string, unknown>])[0][
      "stopTimeout"
    ];
  };

  assert.equal(await stopTimeout({ fargateSpotWeight: 1, longestCallSeconds: 95 }), 110);
  assert.equal(await stopTimeout({ longestCallSeconds: 300 }), 120);
});

test("GIVEN a slow start WHEN a service is declared THEN neither health check counts before it", async () => {
  const declaration = await deployService({
    startupSeconds: 200,
    healthCheckCommand: ["CMD", "check"],
  });
  const { containerDefinitions } = declaration.only(TASK).inputs;

  assert.equal(declaration.only(ECS).inputs["healthCheckGracePeriodSeconds"], 230);
  assert.match(String(containerDefinitions), /"startPeriod":230\b/u);
});

test("GIVEN a service WHEN something goes wrong THEN its command asks its own cluster", async () => {
  const { result } = await deployService({});

  assert.match(
    await valueOf(result.eventsCommand),
    new RegExp(
      `^aws ecs describe-services --region ${REGION} --cluster shared --services \\$\\(`,
      "u",
    ),
  );
});

test("GIVEN tags WHEN everything for deployments is declared THEN every resource that takes tags has them", async () => {
  const declaration = await deployService({
    ...SHIFTING,
    deploymentStrategy: DeploymentStrategy.Linear,
    enableExecuteCommand: true,
    tags: { team: "blue" },
  });
  for (const { type, name, inputs } of declaration.resources) {
    if (await isTaggable(type))
      assert.deepEqual(inputs["tags"], { team: "blue" }, `${type} ${name}`);
  }
});

const refused = (args: McpServiceArgs, message: string): void => {
  assertRefused(
    () => new McpService("weather", { image: IMAGE, ...args }),
    `McpService: ${message}`,
  );
};

test("GIVEN deployments that AWS would refuse or never finish WHEN a service is constructed THEN each is refused", () => {
  refused(
    { deploymentStrategy: "blue-green" as string as DeploymentStrategy },
    "`deploymentStrategy` is `blue-green`; give one of `ROLLING`, `BLUE_GREEN`, `CANARY`, `LINEAR`.",
  );
  refused(
    { bakeMinutes: 5 },
    "`bakeMinutes` is given, but `deploymentStrategy` is `ROLLING`, which does not look at it. Leave it out, or set `deploymentStrategy` to" +
      " `BLUE_GREEN`, `CANARY`, `LINEAR`.",
  );
  refused(
    { maximumPercent: 125 },
    "`minimumHealthyPercent` is 100 and `maximumPercent` is 125: of 2 replicas (`minReplicas`) ECS could neither stop one nor start one more, and no" +
      " deployment would ever end. Give a `maximumPercent` of at least 150.",
  );
  refused(
    { minimumHealthyPercent: 50, maximumPercent: 100 },
    "`maximumPercent` is 100, which leaves no room to start a replica in another zone before one is stopped. Give more than 100, or set" +
      " `availabilityZoneRebalancing` to false.",
  );
  refused(
    { steadyStateTimeoutMinutes: 0 },
    "`steadyStateTimeoutMinutes` is 0; give a whole number of minutes from 1 to 10080.",
  );
  refused(
    { rollbackAlarms: ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors"] },
    "`rollbackAlarms` has `arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors`; give the name of a CloudWatch alarm in the same region, 1 to 255" +
      " characters, not its ARN.",
  );
});

test("GIVEN capacity that AWS would refuse, or calls that Spot would cut WHEN a service is constructed THEN each is refused", async () => {
  refused(
    { fargateSpotWeight: 1001 },
    "`fargateSpotWeight` is 1001; give a whole number from 0 to 1000.",
  );
  const cut =
    "`longestCallSeconds` is 300 and `drainSeconds` is 10: with 5 seconds to close, a replica needs 315 seconds to end, and Spot leaves it 110. Give the" +
    " two a sum of at most 105 seconds, or leave `fargateSpotWeight` out.";
  refused({ fargateSpotWeight: 1, longestCallSeconds: 300 }, cut);
  assert.deepEqual(
    await rejectionsOf(
      () =>
        new McpService("weather", {
          platform: { ...HANDLE },
          image: IMAGE,
          fargateSpotWeight: pulumi.output(1),
          longestCallSeconds: 300,
        }),
    ),
    [`McpService: ${cut}`],
  );
});
