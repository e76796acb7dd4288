import assert from "node:assert/strict";
import { test } from "node:test";
import { Exposure, InstanceManagement, McpPlatform, NatGateways } from "../../../infra/index.ts";
import {
  checkObservability,
  type ObservabilityArguments,
} from "../../../infra/observability/observability-args.ts";
import { arn, assertRefused, deploy, valueOf } from "../mocks.ts";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const TOPIC = "aws:sns/topic:Topic";
const GROUP = "aws:cloudwatch/logGroup:LogGroup";
const KEY = arn("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab");
const THEIRS = arn("sns", "theirs");

const watching = (resources: readonly { readonly type: string; readonly name: string }[]) =>
  resources
    .filter(({ type }) => /^aws:(?:cloudwatch|sns)\//u.test(type) && !type.includes("Query"))
    .map(({ type, name }) => `${type.split(":").at(-1) ?? ""} ${name}`)
    .sort();

test("GIVEN no arguments WHEN a platform is deployed THEN what services share is watched, and a topic of its own is told", async () => {
  const declaration = await deploy(() => new McpPlatform("mcp"));

  assert.deepEqual(
    watching(declaration.resources).filter((each) => !each.startsWith("Dashboard")),
    [
      "EventRule mcp-deployment-failed",
      "EventRule mcp-tasks-not-placed",
      "EventTarget mcp-deployment-failed",
      "EventTarget mcp-tasks-not-placed",
      "LogGroup mcp",
      "MetricAlarm mcp-cloudfront-errors",
      "MetricAlarm mcp-connections-rejected",
      "MetricAlarm mcp-load-balancer-errors",
      "MetricAlarm mcp-nat-ports",
      "Topic mcp-alarms",
      "Topic mcp-cloudfront-alarms",
      "TopicPolicy mcp-alarms",
      "TopicPolicy mcp-cloudfront-alarms",
    ],
  );
  const { alarmTopicArn, kmsKeyArn, containerInsights, zoneNames } = await valueOf(
    declaration.result.handle,
  );
  assert.equal(alarmTopicArn, arn("sns", "mcp-alarms"));
  assert.equal(kmsKeyArn, "");
  assert.equal(containerInsights, "disabled");
  assert.deepEqual(zoneNames, ["us-east-1a", "us-east-1b", "us-east-1c"]);
});

test("GIVEN a platform WHEN its alarms are declared THEN each reads what AWS publishes, and tells the topic of its region", async () => {
  const declaration = await deploy(() => new McpPlatform("mcp"));

  const queries = (name: string) =>
    declaration.only(ALARM, name).inputs["metricQueries"] as { expression?: string }[];
  assert.equal(
    queries("mcp-load-balancer-errors")[0]?.expression,
    "IF(errors >= 10, 100 * errors / (errors + FILL(requests, 0)), 0)",
  );
  assert.deepEqual(queries("mcp-connections-rejected"), [
    {
      id: "rejected",
      returnData: true,
      metric: {
        namespace: "AWS/ApplicationELB",
        metricName: "RejectedConnectionCount",
        period: 60,
        stat: "Sum",
        dimensions: { LoadBalancer: "app/mcp/50dc6c495c0c9188" },
      },
    },
  ]);
  const port = (id: string, natGateway: string) => ({
    id,
    returnData: false,
    metric: {
      namespace: "AWS/NATGateway",
      metricName: "ErrorPortAllocation",
      period: 60,
      stat: "Sum",
      dimensions: { NatGatewayId: natGateway },
    },
  });
  assert.deepEqual(queries("mcp-nat-ports"), [
    {
      id: "ports",
      label: "Connections without a port",
      expression: "FILL(g0, 0) + FILL(g1, 0) + FILL(g2, 0)",
      returnData: true,
    },
    port("g0", "nat-mcp-a"),
    port("g1", "nat-mcp-b"),
    port("g2", "nat-mcp-c"),
  ]);
  const { region, alarmActions, evaluationPeriods } = declaration.only(
    ALARM,
    "mcp-cloudfront-errors",
  ).inputs;
  assert.deepEqual(
    { region, alarmActions, evaluationPeriods },
    {
      region: "us-east-1",
      alarmActions: [arn("sns", "mcp-cloudfront-alarms")],
      evaluationPeriods: 5,
    },
  );
  assert.equal(declaration.only(TOPIC, "mcp-cloudfront-alarms").inputs["region"], "us-east-1");
});

test("GIVEN a gateway that AWS stretches over the zones, or none WHEN a platform is deployed THEN its ports are read zone by zone, or not at all", async () => {
  const deployed = (natGateways: NatGateways) =>
    deploy(() => new McpPlatform("mcp", { exposure: Exposure.Internal, zones: 2, natGateways }));

  const { inputs } = (await deployed(NatGateways.Regional)).only(ALARM, "mcp-nat-ports");
  assert.deepEqual(
    (inputs["metricQueries"] as { metric?: { dimensions: object } }[])
      .slice(1)
      .map(({ metric }) => metric?.dimensions),
    ["us-east-1a", "us-east-1b"].map((zone) => ({
      AvailabilityZone: zone,
      NatGatewayId: "mcp-id",
    })),
  );
  const without = await deployed(NatGateways.None);
  assert.ok(!without.inventory().includes(`${ALARM} mcp-nat-ports`));
});

test("GIVEN instances WHEN a platform is deployed THEN those of Auto Scaling groups have an alarm on what is missing", async () => {
  const declaration = await deploy(
    () =>
      new McpPlatform("mcp", {
        instanceCapacity: {
          gpu: { instanceTypes: ["g6.xlarge"] },
          managed: {
            management: InstanceManagement.ManagedInstances,
            instanceTypes: ["m7i.large"],
          },
        },
      }),
  );

  const { inputs } = declaration.only(ALARM, "mcp-gpu-capacity-missing");
  assert.equal(inputs["threshold"], 100);
  assert.equal(inputs["evaluationPeriods"], 15);
  assert.deepEqual(inputs["metricQueries"], [
    {
      id: "needed",
      returnData: true,
      metric: {
        namespace: "AWS/ECS/ManagedScaling",
        metricName: "CapacityProviderReservation",
        period: 60,
        stat: "Average",
        dimensions: { CapacityProviderName: "mcp-gpu", ClusterName: "mcp" },
      },
    },
  ]);
  assert.ok(!declaration.inventory().includes(`${ALARM} mcp-managed-capacity-missing`));
});

test("GIVEN topics of the user's WHEN a platform is deployed THEN they are told, and none is made", async () => {
  const eu = "arn:aws:sns:eu-central-1:123456789012:theirs";
  const deployed = (args: ObservabilityArguments) => deploy(() => new McpPlatform("mcp", args));
  const actions = async (args: ObservabilityArguments) => {
    const declaration = await deployed(args);
    assert.deepEqual(
      declaration.inventory().filter((each) => each.startsWith("aws:sns/")),
      [],
    );
    return [
      declaration.only(ALARM, "mcp-load-balancer-errors").inputs["alarmActions"],
      declaration.only(ALARM, "mcp-cloudfront-errors").inputs["alarmActions"],
      declaration.only("aws:cloudwatch/eventTarget:EventTarget", "mcp-tasks-not-placed").inputs[
        "arn"
      ],
    ];
  };

  assert.deepEqual(await actions({ alarmTopicArn: THEIRS }), [[THEIRS], [THEIRS], THEIRS]);
  // An alarm tells no topic of another region.
  assert.deepEqual(await actions({ alarmTopicArn: eu }), [[eu], [], eu]);
  assert.deepEqual(await actions({ alarmTopicArn: eu, cloudFrontAlarmTopicArn: THEIRS }), [
    [eu],
    [THEIRS],
    eu,
  ]);
});

test("GIVEN no alarms WHEN a platform is deployed THEN the topic is there for services, and nothing else", async () => {
  const declaration = await deploy(() => new McpPlatform("mcp", { alarms: false }));

  assert.deepEqual(
    watching(declaration.resources).filter((each) => !each.startsWith("Dashboard")),
    ["LogGroup mcp", "Topic mcp-alarms", "TopicPolicy mcp-alarms"],
  );
});

test("GIVEN a key and an address WHEN a platform is deployed THEN logs are encrypted, topics are not, and both topics write", async () => {
  const declaration = await deploy(
    () => new McpPlatform("mcp", { kmsKeyArn: KEY, alarmEmail: "on-call@example.com" }),
  );

  assert.deepEqual(declaration.only(GROUP).inputs, { retentionInDays: 30, kmsKeyId: KEY });
  assert.equal((await valueOf(declaration.result.handle)).kmsKeyArn, KEY);
  assert.deepEqual(declaration.only(TOPIC, "mcp-alarms").inputs, {});
  assert.deepEqual(
    declaration.inventory().filter((each) => each.includes("TopicSubscription")),
    ["mcp-alarms", "mcp-cloudfront-alarms"].map(
      (name) => `aws:sns/topicSubscription:TopicSubscription ${name}`,
    ),
  );
});

test("GIVEN Container Insights WHEN a platform is deployed THEN the cluster measures, and its events are forgotten after a day", async () => {
  for (const containerInsights of ["enabled", "enhanced"] as const) {
    const declaration = await deploy(
      () => new McpPlatform("mcp", { containerInsights, kmsKeyArn: KEY, tags: { team: "blue" } }),
    );
    assert.deepEqual(declaration.only("aws:ecs/cluster:Cluster").inputs["settings"], [
      { name: "containerInsights", value: containerInsights },
    ]);
    assert.deepEqual(declaration.only(GROUP, "mcp-container-insights").inputs, {
      name: "/aws/ecs/containerinsights/mcp/performance",
      retentionInDays: 1,
      kmsKeyId: KEY,
      tags: { team: "blue" },
    });
  }
  const declaration = await deploy(() => new McpPlatform("mcp"));
  assert.deepEqual(declaration.only("aws:ecs/cluster:Cluster").inputs["settings"], [
    { name: "containerInsights", value: "disabled" },
  ]);
});

test("GIVEN what AWS would refuse, or nobody would hear of WHEN it is checked THEN it is refused", () => {
  const refused = (args: ObservabilityArguments, message: string, exposure?: Exposure): void => {
    assertRefused(() => {
      checkObservability("McpPlatform", args, exposure ?? Exposure.Assigned);
    }, `McpPlatform: ${message}`);
  };
  refused(
    { kmsKeyArn: "alias/logs" },
    "`kmsKeyArn` is `alias/logs`; give the ARN of a KMS key, such as `arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab`," +
      " not its id or an alias.",
  );
  refused(
    { alarmTopicArn: THEIRS, alarmEmail: "on-call@example.com" },
    "`alarmEmail` is given beside `alarmTopicArn`: the topic is yours, and so are its subscriptions. Leave one of them out.",
  );
  refused(
    { cloudFrontAlarmTopicArn: THEIRS },
    "`cloudFrontAlarmTopicArn` is given, but `exposure` is `domain`, without CloudFront: nothing would be published there. Leave it out.",
    Exposure.Domain,
  );
  refused(
    { alarms: false, cloudFrontAlarmTopicArn: THEIRS },
    "`cloudFrontAlarmTopicArn` is given, but `alarms` is false: nothing would be published there. Leave it out.",
  );
  refused(
    { containerInsights: "on" as never },
    "`containerInsights` is `on`; give one of `disabled`, `enabled`, `enhanced`.",
  );
  checkObservability(
    "McpPlatform",
    { kmsKeyArn: KEY, alarmEmail: "on-call@example.com", cloudFrontAlarmTopicArn: THEIRS },
    Exposure.Assigned,
  );
});
