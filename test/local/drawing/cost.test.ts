import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { taskPrice } from "../../../local/drawing/cost/compute.ts";
import { costChange } from "../../../local/drawing/cost/cost-text.ts";
import { estimate } from "../../../local/drawing/cost/estimate.ts";
import type { Graph, GraphResource } from "../../../local/graph/graph.ts";
import { graphOf, resource } from "./small-graph.ts";

const SERVICE = "aws:ecs/service:Service";
const TASK = "aws:ecs/taskDefinition:TaskDefinition";

const cents = (amount: number): number => Math.round(amount * 100) / 100;

/** Items as [what, least, most], in cents. */
function items(graph: Graph, kind?: "fixed" | "usage"): unknown[] {
  return estimate(graph)
    .items.filter((item) => kind === undefined || item.kind === kind)
    .map(({ what, monthly }) => [what, cents(monthly.least), cents(monthly.most)]);
}

function vpc(strategy: string): GraphResource {
  return resource("awsx:ec2:Vpc", "mcp", {
    availabilityZoneNames: ["us-east-1a", "us-east-1b"],
    natGateways: { strategy },
  });
}

function service(inputs: Record<string, unknown>, task: Record<string, unknown>): GraphResource[] {
  return [
    resource(TASK, "weather", task),
    resource(
      SERVICE,
      "weather",
      { taskDefinition: "weather-0123456789", ...inputs },
      { id: "arn:aws:ecs:us-east-1:1:service/mcp/weather" },
    ),
  ];
}

describe("GIVEN the smallest sane stack of the reference", () => {
  const stack = graphOf(
    ...service(
      { desiredCount: 2, launchType: "FARGATE" },
      { cpu: "512", memory: "1024", runtimePlatform: { cpuArchitecture: "ARM64" } },
    ),
    resource("aws:lb/loadBalancer:LoadBalancer", "mcp", { internal: false, subnets: ["a", "b"] }),
    vpc("Single"),
    ...["a", "b", "c", "d"].map((name) =>
      resource("aws:cloudwatch/metricAlarm:MetricAlarm", name, {
        metricName: "Errors",
        period: 60,
      }),
    ),
    resource("aws:cloudwatch/logGroup:LogGroup", "mcp", { retentionInDays: 30 }),
  );

  it("WHEN it is priced THEN each part is the reference's, and the gateway's own address is added", () => {
    assert.deepEqual(items(stack, "fixed"), [
      // 28.835; the reference cuts it to 28.83.
      ["Fargate, 0.5 vCPU, 1 GB, ARM", 28.84, 28.84],
      ["Application Load Balancer", 16.43, 16.43],
      ["2 public IPv4 addresses", 7.3, 7.3],
      ["1 NAT gateway", 32.85, 32.85],
      ["1 public IPv4 address", 3.65, 3.65],
      ["4 alarms over 4 metrics", 0.4, 0.4],
    ]);
    const logs = items(stack, "usage").find((item) =>
      String((item as unknown[])[0]).includes("written"),
    );
    assert.deepEqual(logs, ["Logs, 2 GB written", 1, 1]);
    // The load balancer's use, which the reference takes for about 1, and its 2 GB of logs; without the address, which it leaves out.
    assert.equal(Math.round(estimate(stack).fixed.least + 1 + 1 - 3.65), 88);
  });

  it("WHEN a second zone gets a gateway THEN 32.85 and an address are added", () => {
    const zones = graphOf(
      ...stack.resources.filter(({ type }) => type !== "awsx:ec2:Vpc"),
      vpc("OnePerAz"),
    );

    assert.equal(
      cents(estimate(zones).fixed.least - estimate(stack).fixed.least),
      cents(32.85 + 3.65),
    );
  });
});

describe("GIVEN a service that scales", () => {
  const target = resource("aws:appautoscaling/target:Target", "weather", {
    resourceId: "service/mcp/weather",
    minCapacity: 3,
    maxCapacity: 12,
  });

  it("WHEN it runs on Spot, too THEN the base comes first, and the weights share the rest", () => {
    const strategies = [
      { capacityProvider: "FARGATE", base: 1, weight: 1 },
      { capacityProvider: "FARGATE_SPOT", weight: 3 },
    ];
    const stack = graphOf(
      ...service({ capacityProviderStrategies: strategies }, { cpu: "1024", memory: "2048" }),
      target,
    );
    const [onDemand, spot] = estimate(stack).items;

    assert.deepEqual(
      [onDemand?.quantity, spot?.quantity],
      [
        { least: 1.5, most: 3.75 },
        { least: 1.5, most: 8.25 },
      ],
    );
    assert.equal(
      cents(taskPrice(1, 2, false, false).amount),
      cents(730 * (0.04048 + 2 * 0.004445)),
    );
    assert.equal(cents(spot?.price.amount ?? 0), cents(0.32 * 730 * (0.04048 + 2 * 0.004445)));
  });

  it("WHEN its tasks have more than the free disk THEN the rest has a price", () => {
    const stack = graphOf(
      ...service(
        { launchType: "FARGATE", desiredCount: 1 },
        { cpu: "256", memory: "512", ephemeralStorage: { sizeInGib: 40 } },
      ),
    );

    assert.deepEqual(items(stack)[1], ["Fargate storage, 20 GiB above 20", 1.62, 1.62]);
  });
});

describe("GIVEN instances", () => {
  const group = (instanceType: string): GraphResource =>
    resource("aws:autoscaling/group:Group", "gpu", {
      minSize: 1,
      maxSize: 3,
      mixedInstancesPolicy: { launchTemplate: { overrides: [{ instanceType }] } },
    });

  it("WHEN their price is known THEN it counts at the fewest and the most", () => {
    assert.deepEqual(items(graphOf(group("g4dn.xlarge"))), [
      ["Instances g4dn.xlarge", 383.98, 1151.94],
    ]);
  });

  it("WHEN their group may be empty THEN what the fewest replicas on them take counts at the fewest", () => {
    const instances = {
      ...group("g6.xlarge"),
      inputs: { ...group("g6.xlarge").inputs, minSize: 0 },
      outputs: { arn: "arn:group" },
    };
    const provider = {
      ...resource("aws:ecs/capacityProvider:CapacityProvider", "gpu", {
        autoScalingGroupProvider: { autoScalingGroupArn: "arn:group" },
      }),
      outputs: { name: "gpu-provider" },
    };
    // A third of an instance each: as many as it has network interfaces for.
    const definition = resource("aws:ecs/taskDefinition:TaskDefinition", "task", {
      family: "task",
      cpu: "1365",
      memory: "4915",
      containerDefinitions: JSON.stringify([{ name: "server", image: "i" }]),
    });
    const service = (name: string, desiredCount: number): GraphResource =>
      resource("aws:ecs/service:Service", name, {
        desiredCount,
        taskDefinition: definition.id,
        capacityProviderStrategies: [{ capacityProvider: "gpu-provider", weight: 1 }],
      });

    for (const [count, least] of [
      [0, 0],
      [3, 587.5],
      [4, 1175.01],
      [30, 1762.51],
    ] as const) {
      const stack = graphOf(instances, provider, definition, service("one", count));
      assert.deepEqual(items(stack), [["Instances g6.xlarge", least, 1762.51]]);
    }
  });

  it("WHEN it is not THEN they are listed, and never free", () => {
    const { items, unpriced } = estimate(graphOf(group("m9z.huge")));

    assert.deepEqual(items, []);
    assert.deepEqual(unpriced, [
      {
        what: "Instances m9z.huge",
        of: ["aws.autoscaling.Group gpu"],
        why: "the price of this type is not in the table",
      },
    ]);
  });
});

describe("GIVEN what is watched", () => {
  it("WHEN alarms look at several metrics, or fast THEN each metric counts", () => {
    const metric = (period: number): object => ({ metric: { metricName: "x", period } });
    const stack = graphOf(
      resource("aws:cloudwatch/metricAlarm:MetricAlarm", "two", {
        metricQueries: [{ expression: "a" }, metric(60), metric(60)],
      }),
      resource("aws:cloudwatch/metricAlarm:MetricAlarm", "fast", { metricName: "x", period: 10 }),
      resource("aws:appautoscaling/policy:Policy", "tracking", {
        policyType: "TargetTrackingScaling",
      }),
      resource("aws:cloudwatch/dashboard:Dashboard", "one"),
    );

    assert.deepEqual(items(stack), [
      ["1 alarm over 2 metrics", 0.2, 0.2],
      ["1 alarm at 10 or 30 seconds over 1 metric", 0.3, 0.3],
      ["Alarms of 1 target tracking policy, two each that AWS makes", 0.2, 0.2],
      ["1 dashboard", 3, 3],
    ]);
  });
});

describe("GIVEN types that nothing is known of", () => {
  it("WHEN they are priced THEN they are listed by type, and components and free ones are not", () => {
    const { unpriced } = estimate(
      graphOf(
        resource("aws:rds/instance:Instance", "a"),
        resource("aws:rds/instance:Instance", "b"),
        resource("aws:iam/role:Role", "free"),
        resource("my:index:Thing", "component", {}, { options: { kind: "component" } }),
      ),
    );

    assert.deepEqual(unpriced, [
      {
        what: "2 aws.rds.Instances",
        of: ["aws.rds.Instance a", "aws.rds.Instance b"],
        why: "no price in the table",
      },
    ]);
  });
});

describe("GIVEN two prices", () => {
  it("WHEN they are compared THEN the change says what it is at the most replicas where that differs", () => {
    const range = (least: number, most = least): { least: number; most: number } => ({
      least,
      most,
    });

    assert.equal(costChange(range(10), range(10)), "the same price");
    assert.equal(costChange(range(10), range(13.65)), "+3.65 US dollars a month");
    assert.equal(
      costChange(range(10, 100), range(5, 50)),
      "−5.00 US dollars a month (−50.00 at the most replicas)",
    );
  });
});

describe("GIVEN private names and parameters", () => {
  it("WHEN they are priced THEN the zone and large parameters cost, small ones do not, and queries are said to", () => {
    const graph = graphOf(
      resource("aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace", "mcp", {}),
      resource("aws:servicediscovery/service:Service", "weather", {}),
      resource("aws:ssm/parameter:Parameter", "small", { insecureValue: "x".repeat(4096) }),
      resource("aws:ssm/parameter:Parameter", "large", { insecureValue: "x".repeat(4097) }),
    );

    assert.deepEqual(items(graph), [
      ["Hosted zone of private names", 0.5, 0.5],
      ["1 parameter above 4 kB", 0.05, 0.05],
    ]);
    assert.deepEqual(
      estimate(graph).unpriced.map(({ what }) => what),
      ["DNS queries for private names"],
    );
  });
});
