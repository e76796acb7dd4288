import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  checkRollback,
  createRollbackAlarm,
  defaultErrorPercent,
  rollback,
} from "../../../infra/deployment/deployment-rollback.ts";
import { DeploymentStrategy } from "../../../infra/deployment/deployment-strategy.ts";
import { assertRefused, deploy, rejectionsOf, valueOf } from "../mocks.ts";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

function alarm(groups: readonly string[]) {
  return deploy(() => {
    createRollbackAlarm(
      "weather",
      {
        errorPercent: 5,
        loadBalancerArnSuffix: "app/mcp/50dc6c495c0c9188",
        targetGroups: groups.map((name) => new aws.lb.TargetGroup(name)),
        tags: { team: "blue" },
      },
      {},
    );
  });
}

/** The two metrics of a group, and the share of errors that is made from them. */
const queries = (index: number, group: string): unknown[] => [
  {
    id: `s${index}`,
    expression: `IF(r${index} >= 10, 100 * FILL(e${index}, 0) / r${index}, 0)`,
    returnData: false,
  },
  ...[
    [`e${index}`, "HTTPCode_Target_5XX_Count"],
    [`r${index}`, "RequestCount"],
  ].map(([id, metricName]) => ({
    id,
    returnData: false,
    metric: {
      namespace: "AWS/ApplicationELB",
      metricName,
      period: 60,
      stat: "Sum",
      dimensions: {
        LoadBalancer: "app/mcp/50dc6c495c0c9188",
        TargetGroup: `targetgroup/${group}/943f017f100becff`,
      },
    },
  })),
];

test("GIVEN two target groups WHEN the alarm is declared THEN it sees the worse of them, on the replicas' own errors", async () => {
  const declaration = await alarm(["weather", "weather-alternate"]);

  assert.deepEqual(declaration.only(ALARM, "weather-rollback").inputs, {
    alarmDescription:
      "Over 5 % of the calls of weather fail: a deployment that runs is taken back. Runbook: docs/runbook.md#rollback",
    comparisonOperator: "GreaterThanThreshold",
    threshold: 5,
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    treatMissingData: "notBreaching",
    metricQueries: [
      {
        id: "greatest",
        label: "Errors in percent of the requests",
        expression: "IF(s0 >= s1, s0, s1)",
        returnData: true,
      },
      ...queries(0, "weather"),
      ...queries(1, "weather-alternate"),
    ],
    tags: { team: "blue" },
  });
});

test("GIVEN one target group WHEN the alarm is declared THEN its share alone decides", async () => {
  const { inputs } = (await alarm(["weather"])).only(ALARM);

  assert.deepEqual(inputs["metricQueries"], [
    {
      id: "greatest",
      label: "Errors in percent of the requests",
      expression: "s0",
      returnData: true,
    },
    ...queries(0, "weather"),
  ]);
});

test("GIVEN a strategy WHEN nobody says otherwise THEN what the circuit breaker does not know gets an alarm", () => {
  assert.deepEqual(
    Object.values(DeploymentStrategy).map((strategy) => [strategy, defaultErrorPercent(strategy)]),
    [
      ["ROLLING", 0],
      ["BLUE_GREEN", 5],
      ["CANARY", 5],
      ["LINEAR", 5],
    ],
  );
});

test("GIVEN no alarm WHEN the service's inputs are made THEN there is no block, whose empty list the provider would drop", async () => {
  assert.deepEqual(rollback(DeploymentStrategy.Rolling, []), {
    deploymentCircuitBreaker: { enable: true, rollback: true },
  });
  const { alarms } = rollback(DeploymentStrategy.Rolling, pulumi.output([]));
  assert.equal(await valueOf(pulumi.output(alarms)), undefined);
});

test("GIVEN alarms in any order WHEN the service's inputs are made THEN they are the same", async () => {
  const names = async (given: pulumi.Input<string[]>): Promise<unknown> =>
    (await valueOf(pulumi.output(rollback(DeploymentStrategy.Linear, given).alarms)))?.alarmNames;

  assert.deepEqual(await names(["b", "a"]), ["a", "b"]);
  assert.deepEqual(await names(pulumi.output(["a", "b"])), ["a", "b"]);
});

test("GIVEN what names no alarm WHEN it is checked THEN it is refused", async () => {
  const wayOut =
    "give the name of a CloudWatch alarm in the same region, 1 to 255 characters, not its ARN.";
  const arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors";
  for (const name of ["", arn, "x".repeat(256)]) {
    assertRefused(() => {
      checkRollback("McpService", { rollbackAlarms: ["errors", name], rollbackErrorPercent: 5 });
    }, `McpService: \`rollbackAlarms\` has \`${name}\`; ${wayOut}`);
  }
  assert.deepEqual(
    await rejectionsOf(() => {
      checkRollback("McpService", {
        rollbackAlarms: [pulumi.output(arn)],
        rollbackErrorPercent: 0,
      });
    }),
    [`McpService: \`rollbackAlarms\` has \`${arn}\`; ${wayOut}`],
  );
});

test("GIVEN a share of errors that is none WHEN it is checked THEN it is refused", () => {
  for (const rollbackErrorPercent of [0, 0.5, 5, 99.9])
    checkRollback("McpService", { rollbackAlarms: [], rollbackErrorPercent });
  for (const rollbackErrorPercent of [-1, 100, NaN]) {
    assertRefused(() => {
      checkRollback("McpService", { rollbackAlarms: [], rollbackErrorPercent });
    }, `McpService: \`rollbackErrorPercent\` is ${rollbackErrorPercent}; give a percentage from 0 (no alarm) to less than 100.`);
  }
});
