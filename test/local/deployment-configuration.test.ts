import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LocalError, type Graph, type GraphResource } from "../../local/graph/graph.ts";
import { readServices, type EcsService } from "../../local/graph/services.ts";

type Inputs = Readonly<Record<string, unknown>>;

const resource = (
  type: string,
  id: string,
  inputs: Inputs,
  ignoreChanges: string[] = [],
  outputs: Inputs = {},
): GraphResource => ({
  urn: `urn:${type}:${id}`,
  parent: "",
  dependencies: [],
  ignoreChanges,
  type,
  name: "tools",
  id,
  inputs,
  outputs,
});

/** A service with these inputs beside what every service has. */
function read(
  service: Inputs,
  others: readonly GraphResource[] = [],
  ignoreChanges: string[] = [],
): EcsService {
  const graph: Graph = {
    project: "test",
    stack: "dev",
    region: "us-east-1",
    outputs: {},
    resources: [
      resource("awsx:ecr:Image", "", { context: "server" }, [], { imageUri: "image" }),
      resource("aws:ecs/taskDefinition:TaskDefinition", "arn:task", {
        family: "tools",
        containerDefinitions: JSON.stringify([
          {
            name: "server",
            image: "image",
            command: ["node"],
            portMappings: [{ containerPort: 8080 }],
          },
        ]),
      }),
      resource(
        "aws:ecs/service:Service",
        "arn:service",
        {
          taskDefinition: "arn:task",
          networkConfiguration: { subnets: ["subnet-00000001"] },
          ...service,
        },
        ignoreChanges,
      ),
      ...others,
    ],
  };
  const [found] = readServices(graph, "/program.ts");
  assert.ok(found);
  return found;
}

const ATTACHMENT = { targetGroupArn: "arn:blue", containerName: "server", containerPort: 8080 };
const ADVANCED = {
  alternateTargetGroupArn: "arn:green",
  productionListenerRule: "arn:rule",
  roleArn: "arn:role",
};
const PRODUCTION_RULE = resource("aws:lb/listenerRule:ListenerRule", "arn:rule", {});

describe("GIVEN a service as the program declares it", () => {
  test("WHEN it says nothing of its deployments THEN AWS's defaults hold", () => {
    const service = read({});
    assert.deepEqual(
      [service.strategy, service.rebalancesZones, service.keepsDesiredCount, service.alarms],
      ["ROLLING", true, false, { names: [], rollback: false, bakeSeconds: 0 }],
    );
    assert.deepEqual(service.trafficShift, {
      bakeMinutes: 0,
      canaryPercent: 5,
      canaryBakeMinutes: 10,
      stepPercent: 10,
      stepBakeMinutes: 6,
    });
  });
  test("WHEN the program ignores changes of the count THEN deployments keep it", () => {
    assert.equal(read({}, [], ["desiredCount"]).keepsDesiredCount, true);
  });
  test("WHEN rebalancing is turned off THEN it is off", () => {
    assert.equal(read({ availabilityZoneRebalancing: "DISABLED" }).rebalancesZones, false);
  });
  test("WHEN it shifts traffic THEN its target groups, rules and minutes are read, and the circuit breaker is off", () => {
    const service = read(
      {
        deploymentConfiguration: {
          strategy: "LINEAR",
          bakeTimeInMinutes: "12",
          linearConfiguration: { stepPercent: 25, stepBakeTimeInMinutes: "3" },
        },
        deploymentCircuitBreaker: { enable: true, rollback: true },
        loadBalancers: [{ ...ATTACHMENT, advancedConfiguration: ADVANCED }],
      },
      [PRODUCTION_RULE],
    );
    assert.deepEqual(service.loadBalancers, [
      {
        ...ATTACHMENT,
        shift: {
          alternateTargetGroupArn: "arn:green",
          productionListenerRuleArn: "arn:rule",
          testListenerRuleArn: undefined,
        },
      },
    ]);
    assert.deepEqual(
      [
        service.trafficShift.bakeMinutes,
        service.trafficShift.stepPercent,
        service.trafficShift.stepBakeMinutes,
      ],
      [12, 25, 3],
    );
    assert.deepEqual(service.circuitBreaker, { enable: false, rollback: false });
  });
  test("WHEN it has hooks THEN one line says that they are not called", () => {
    const service = read(
      {
        deploymentConfiguration: {
          strategy: "BLUE_GREEN",
          lifecycleHooks: [
            { lifecycleStages: ["POST_SCALE_UP"] },
            { lifecycleStages: ["POST_SCALE_UP", "PRE_SCALE_UP"] },
          ],
        },
        loadBalancers: [{ ...ATTACHMENT, advancedConfiguration: ADVANCED }],
      },
      [PRODUCTION_RULE],
    );
    assert.deepEqual(service.differences, [
      "the hooks of `tools` at POST_SCALE_UP, PRE_SCALE_UP are not called here: deployments go on as if they had succeeded",
    ]);
  });
});

describe("GIVEN the alarms of a service's deployments", () => {
  const alarms = { alarmNames: ["errors", "latency"], enable: true, rollback: true };
  test("WHEN they look back on different times THEN the longest is how long a deployment bakes", () => {
    const service = read({ alarms }, [
      resource("aws:cloudwatch/metricAlarm:MetricAlarm", "1", {
        name: "errors",
        evaluationPeriods: 3,
        metricQueries: [{ metric: { period: 60 } }, { expression: "m1" }],
      }),
      resource("aws:cloudwatch/metricAlarm:MetricAlarm", "2", {
        name: "latency",
        evaluationPeriods: 5,
        period: 60,
      }),
      resource("aws:cloudwatch/metricAlarm:MetricAlarm", "3", {
        name: "another's",
        evaluationPeriods: 60,
        period: 60,
      }),
    ]);
    assert.deepEqual(service.alarms, {
      names: ["errors", "latency"],
      rollback: true,
      bakeSeconds: 300,
    });
  });
  test("WHEN they are not enabled THEN none is watched", () => {
    assert.deepEqual(read({ alarms: { ...alarms, enable: false } }).alarms.names, []);
  });
});

describe("GIVEN a service that cannot shift the traffic that it is to shift", () => {
  const deploymentConfiguration = { strategy: "CANARY" };
  test("WHEN it has no second target group THEN a sentence says what is missing", () => {
    assert.throws(
      () => read({ deploymentConfiguration, loadBalancers: [ATTACHMENT] }),
      new LocalError(
        "The service `tools` deploys as `CANARY`, but its target group `arn:blue` has no `advancedConfiguration`. Give it an" +
          " `alternateTargetGroupArn` and a `productionListenerRule`, or deploy as `ROLLING`.",
      ),
    );
  });
  test("WHEN its rule is not declared THEN a sentence names it", () => {
    assert.throws(
      () =>
        read({
          deploymentConfiguration,
          loadBalancers: [{ ...ATTACHMENT, advancedConfiguration: ADVANCED }],
        }),
      new LocalError(
        "The service `tools` shifts traffic by the listener rule `arn:rule`, which the program does not declare.",
      ),
    );
  });
});
