import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";
import { LocalError, type Graph, type GraphResource } from "../../../local/graph/graph.ts";
import { readTargetGroups, type TargetGroup } from "../../../local/graph/target-groups.ts";
import { revision, SHIFTING } from "../ecs/fake-service.ts";
import { evaluatedFile } from "../evaluated.ts";

type Fields = Readonly<Record<string, unknown>>;

function resource(type: string, id: string, inputs: Fields, outputs: Fields = {}): GraphResource {
  const name = id.replace("arn:", "");
  const shared = { urn: `urn:${id}`, parent: "", dependencies: [], ignoreChanges: [] };
  return { ...shared, type, name, id, inputs, outputs };
}

function graphOf(...resources: readonly GraphResource[]): Graph {
  return { project: "test", stack: "dev", region: "eu-west-1", outputs: {}, resources };
}

const TARGET_GROUP = "aws:lb/targetGroup:TargetGroup";
const LISTENER = "aws:lb/listener:Listener";

function targetGroup(inputs: Fields = {}): GraphResource {
  const arnSuffix = "targetgroup/weather/1";
  return resource(TARGET_GROUP, "arn:weather", { targetType: "ip", ...inputs }, { arnSuffix });
}

function loadBalancer(name: string, inputs: Fields): GraphResource {
  return resource("aws:lb/loadBalancer:LoadBalancer", `arn:${name}`, inputs, {
    arnSuffix: `app/${name}/1`,
  });
}

function listener(name: string, loadBalancerArn: string, ...actions: Fields[]): GraphResource {
  return resource(LISTENER, `arn:${name}`, { loadBalancerArn, defaultActions: actions });
}

const FORWARD = { type: "forward", targetGroupArn: "arn:weather" };

function read(...resources: readonly GraphResource[]): TargetGroup {
  const [group] = readTargetGroups(graphOf(...resources), []);
  assert.ok(group !== undefined);
  return group;
}

describe("GIVEN a target group", () => {
  test("WHEN nothing else is declared THEN it has AWS's defaults", () => {
    assert.deepEqual(read(targetGroup()), {
      arn: "arn:weather",
      name: "weather",
      arnSuffix: "targetgroup/weather/1",
      loadBalancer: undefined,
      algorithm: "round_robin",
      anomalyMitigation: false,
      crossZone: true,
      slowStartSeconds: 0,
      deregistrationDelaySeconds: 300,
      health: {
        dnsFailover: { count: 1, percentage: undefined },
        unhealthyStateRouting: { count: 1, percentage: undefined },
      },
      healthCheck: {
        path: "/",
        port: "traffic-port",
        matcher: "200",
        intervalSeconds: 30,
        timeoutSeconds: 5,
        healthyThreshold: 5,
        unhealthyThreshold: 2,
      },
      maxConcurrency: Number.POSITIVE_INFINITY,
    });
  });

  test("WHEN its attributes are declared THEN it has them", () => {
    const group = read(
      targetGroup({
        loadBalancingAlgorithmType: "weighted_random",
        loadBalancingAnomalyMitigation: "on",
        loadBalancingCrossZoneEnabled: "false",
        deregistrationDelay: 30,
        stickiness: { type: "lb_cookie", enabled: false },
        targetGroupHealth: {
          dnsFailover: {
            minimumHealthyTargetsCount: "off",
            minimumHealthyTargetsPercentage: "50",
          },
          unhealthyStateRouting: {
            minimumHealthyTargetsCount: 2,
            minimumHealthyTargetsPercentage: "off",
          },
        },
      }),
    );
    assert.deepEqual(
      [group.algorithm, group.anomalyMitigation, group.crossZone, group.deregistrationDelaySeconds],
      ["weighted_random", true, false, 30],
    );
    assert.deepEqual(group.health, {
      dnsFailover: { count: undefined, percentage: 50 },
      unhealthyStateRouting: { count: 2, percentage: undefined },
    });
  });

  test("WHEN slow start is declared THEN it has it", () => {
    assert.equal(read(targetGroup({ slowStart: 30 })).slowStartSeconds, 30);
  });

  test("WHEN the load balancer's own cross-zone setting holds THEN it is on", () => {
    const inputs = { loadBalancingCrossZoneEnabled: "use_load_balancer_configuration" };
    assert.equal(read(targetGroup(inputs)).crossZone, true);
  });
});

describe("GIVEN a target group's load balancer", () => {
  const subnets = ["eu-west-1b", "eu-west-1c"].map((availabilityZone, index) =>
    resource("aws:ec2/subnet:Subnet", `subnet-${index}`, { availabilityZone }),
  );
  const balancer = loadBalancer("public", { subnets: ["subnet-0", "subnet-1"] });
  const expected = {
    arnSuffix: "app/public/1",
    zones: ["eu-west-1b", "eu-west-1c"],
    idleTimeoutSeconds: 60,
  };

  test("WHEN a listener forwards to it THEN it is that listener's, with a node in the zone of each subnet", () => {
    const group = read(targetGroup(), balancer, ...subnets, listener("l", "arn:public", FORWARD));
    assert.deepEqual(group.loadBalancer, expected);
  });

  test("WHEN a rule forwards to it with a weight THEN it is that rule's", () => {
    const rule = resource("aws:lb/listenerRule:ListenerRule", "arn:rule", {
      listenerArn: "arn:l",
      actions: [
        { type: "forward", forward: { targetGroups: [{ arn: "arn:weather", weight: 0 }] } },
      ],
    });
    const group = read(targetGroup(), balancer, ...subnets, listener("l", "arn:public"), rule);
    assert.deepEqual(group.loadBalancer, expected);
  });

  test("WHEN its subnets are mapped THEN the zones are theirs", () => {
    const mapped = loadBalancer("public", { subnetMappings: [{ subnetId: "subnet-1" }] });
    const group = read(targetGroup(), mapped, ...subnets, listener("l", "arn:public", FORWARD));
    assert.deepEqual(group.loadBalancer?.zones, ["eu-west-1c"]);
  });

  test("WHEN two load balancers forward to it THEN it is refused, as by AWS", () => {
    const two = [balancer, loadBalancer("internal", { subnets: ["subnet-0"] })];
    const listeners = ["public", "internal"].map((name) =>
      listener(`of-${name}`, `arn:${name}`, FORWARD),
    );
    assert.throws(
      () => read(targetGroup(), ...two, ...subnets, ...listeners),
      new LocalError(
        "The target group `weather` is used by the load balancers `public` and `internal`. AWS allows one: declare a target group for each.",
      ),
    );
  });
});

test("GIVEN a load balancer with an idle timeout of its own WHEN its target group is read THEN it has it, for its connections to targets", () => {
  const subnet = resource("aws:ec2/subnet:Subnet", "subnet", { availabilityZone: "eu-west-1b" });
  const balancer = loadBalancer("public", { subnets: ["subnet"], idleTimeout: 400 });
  const group = read(targetGroup(), balancer, subnet, listener("l", "arn:public", FORWARD));
  assert.equal(group.loadBalancer?.idleTimeoutSeconds, 400);
});

test("GIVEN a deployment that shifts traffic to tasks with the target optimizer WHEN its target groups are read THEN both have the most requests of a target", () => {
  const { task } = revision();
  const optimizer = {
    agent: "agent",
    dataPort: 80,
    controlPort: 3000,
    destinationPort: 8080,
    maxConcurrency: 4,
  };
  const service = revision({ loadBalancers: [SHIFTING], task: { ...task, optimizer } });
  const inputs = { targetType: "ip", targetControlPort: 3000 };
  const groups = readTargetGroups(
    graphOf(resource(TARGET_GROUP, "blue", inputs), resource(TARGET_GROUP, "green", inputs)),
    [service],
  );
  assert.deepEqual(
    groups.map(({ name, maxConcurrency }) => [name, maxConcurrency]),
    [
      ["blue", 4],
      ["green", 4],
    ],
  );
});

describe("GIVEN a target group that AWS would refuse, or that would run otherwise here", () => {
  for (const [inputs, problem] of [
    [{ slowStart: 10 }, "has `slowStart` 10. Give 30 to 900 seconds, or 0 for none."],
    [
      { slowStart: 30, loadBalancingAlgorithmType: "least_outstanding_requests" },
      "has `slowStart` 30 with the algorithm `least_outstanding_requests`. AWS allows it with `round_robin` alone: change `loadBalancingAlgorithmType`, or leave `slowStart` out.",
    ],
    [
      { slowStart: 30, loadBalancingAlgorithmType: "weighted_random" },
      "has `slowStart` 30 with the algorithm `weighted_random`. AWS allows it with `round_robin` alone: change `loadBalancingAlgorithmType`, or leave `slowStart` out.",
    ],
    [
      { loadBalancingAnomalyMitigation: "on" },
      "has `loadBalancingAnomalyMitigation` `on` with the algorithm `round_robin`. AWS allows it with `weighted_random` alone: change `loadBalancingAlgorithmType`, or switch it off.",
    ],
    [
      { stickiness: { type: "lb_cookie" } },
      "has `stickiness`, which is not modelled here. Switch it off with `enabled: false`: MCP needs none.",
    ],
    [
      { healthCheck: { enabled: false } },
      "has `healthCheck.enabled` false. AWS allows that for Lambda functions alone: leave it out.",
    ],
    [
      { healthCheck: { protocol: "HTTPS" } },
      "has `healthCheck.protocol` `HTTPS`. Containers speak `HTTP` here: give that, or leave it out.",
    ],
    [
      {
        targetGroupHealth: {
          dnsFailover: { minimumHealthyTargetsPercentage: "40" },
          unhealthyStateRouting: { minimumHealthyTargetsPercentage: "50" },
        },
      },
      "has `minimumHealthyTargetsPercentage` 40 in `dnsFailover` and 50 in `unhealthyStateRouting`. The first must be at least as high as the second.",
    ],
  ] as const) {
    test(`WHEN it is ${JSON.stringify(inputs)} THEN a sentence says what to change`, () => {
      assert.throws(
        () => read(targetGroup(inputs)),
        new LocalError(`The target group \`weather\` ${problem}`),
      );
    });
  }
});

test("GIVEN a program with alarms WHEN its target groups are read THEN they have the dimensions that the alarms read, and the zones of the service", async () => {
  const program = fileURLToPath(new URL("../../engine/programs/transforms.ts", import.meta.url));
  const graph = await evaluatedFile(program);
  const [group] = readTargetGroups(graph, []);
  const alarm = graph.resources.find(
    ({ type, name }) =>
      type === "aws:cloudwatch/metricAlarm:MetricAlarm" && name.endsWith("-zone-unavailable"),
  );
  const queries = (alarm?.inputs["metricQueries"] ?? []) as readonly {
    readonly metric?: { readonly dimensions: Fields };
  }[];
  const read = queries.flatMap(({ metric }) => (metric === undefined ? [] : [metric.dimensions]));
  assert.ok(group?.loadBalancer !== undefined && read.length > 0);
  const { arnSuffix, loadBalancer: its } = group;
  assert.deepEqual(
    read,
    its.zones.flatMap((AvailabilityZone) => {
      const dimensions = { AvailabilityZone, LoadBalancer: its.arnSuffix, TargetGroup: arnSuffix };
      return [dimensions, dimensions];
    }),
  );
});
