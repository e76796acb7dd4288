import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import { createRequestAlarms, createTokenAlarm } from "../../../infra/alarms/alarms-requests.ts";
import { guardNames } from "../../../infra/alarms/alarms-service.ts";
import { arn, deploy, valueOf } from "../mocks.ts";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const TOPIC = arn("sns", "alarms");
const LOAD_BALANCER = "app/mcp/50dc6c495c0c9188";

const alarms = (groups: readonly string[], alarmLatencySeconds?: number) =>
  deploy(() =>
    createRequestAlarms(
      "weather",
      {
        loadBalancerArnSuffix: LOAD_BALANCER,
        targetGroups: groups.map((name) => new aws.lb.TargetGroup(name)),
        alarms: true,
        alarmErrorPercent: 5,
        alarmLatencySeconds,
        alarmRefusedTokenPercent: 20,
        longestCallSeconds: 60,
        topicArn: TOPIC,
        tags: { team: "blue" },
      },
      {},
    ),
  );

const metric = (id: string, metricName: string, stat: string, group: string) => ({
  id,
  returnData: false,
  metric: {
    namespace: "AWS/ApplicationELB",
    metricName,
    period: 60,
    stat,
    dimensions: {
      LoadBalancer: LOAD_BALANCER,
      TargetGroup: `targetgroup/${group}/943f017f100becff`,
    },
  },
});

test("GIVEN one target group WHEN the alarms on requests are declared THEN they ring on its errors and its slowest calls", async () => {
  const declaration = await alarms(["weather"]);

  assert.deepEqual(declaration.only(ALARM, "weather-errors").inputs, {
    alarmDescription:
      "Too many calls of the MCP service weather fail: callers get answers of 500 to 599. Runbook: docs/runbook.md#errors",
    comparisonOperator: "GreaterThanThreshold",
    threshold: 5,
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    treatMissingData: "notBreaching",
    metricQueries: [
      {
        id: "greatest",
        label: "Errors in percent of the requests",
        expression: "s0",
        returnData: true,
      },
      {
        id: "s0",
        expression: "IF(r0 >= 10, 100 * FILL(e0, 0) / r0, 0)",
        returnData: false,
      },
      metric("e0", "HTTPCode_Target_5XX_Count", "Sum", "weather"),
      metric("r0", "RequestCount", "Sum", "weather"),
    ],
    alarmActions: [TOPIC],
    okActions: [TOPIC],
    tags: { team: "blue" },
  });
  const { inputs } = declaration.only(ALARM, "weather-latency");
  assert.equal(inputs["threshold"], 30);
  assert.equal(inputs["evaluationPeriods"], 3);
  assert.equal(inputs["datapointsToAlarm"], 3);
  assert.deepEqual(inputs["metricQueries"], [
    {
      id: "greatest",
      label: "99th percentile of the response time in seconds",
      expression: "s0",
      returnData: true,
    },
    { id: "s0", expression: "IF(r0 >= 10, t0, 0)", returnData: false },
    metric("t0", "TargetResponseTime", "p99", "weather"),
    metric("r0", "RequestCount", "Sum", "weather"),
  ]);
});

test("GIVEN two target groups WHEN the alarms on requests are declared THEN the worse one decides", async () => {
  const declaration = await alarms(["weather", "weather-alternate"], 2.5);

  for (const name of ["weather-errors", "weather-latency"]) {
    const queries = declaration.only(ALARM, name).inputs["metricQueries"] as {
      id: string;
      expression?: string;
    }[];
    assert.equal(queries[0]?.expression, "IF(s0 >= s1, s0, s1)");
    assert.equal(queries.length, 7);
  }
  assert.equal(declaration.only(ALARM, "weather-latency").inputs["threshold"], 2.5);
});

test("GIVEN a service whose callers need tokens WHEN its alarm is declared THEN it rings on refused tokens, not on requests without any", async () => {
  const declaration = await deploy(() => {
    createTokenAlarm(
      "weather",
      {
        metricServiceName: "tools-dev-weather",
        alarmRefusedTokenPercent: 20,
        topicArn: TOPIC,
        tags: undefined,
      },
      {},
    );
  });

  const counted = (id: string, metricName: string, more: object) => ({
    id,
    returnData: false,
    metric: {
      namespace: "McpService",
      metricName,
      period: 300,
      stat: "Sum",
      dimensions: { Service: "tools-dev-weather", ...more },
    },
  });
  assert.deepEqual(declaration.only(ALARM).inputs, {
    alarmDescription:
      "The MCP service weather refuses the tokens of many calls: callers get 401. Runbook: docs/runbook.md#tokens-refused",
    comparisonOperator: "GreaterThanThreshold",
    threshold: 20,
    evaluationPeriods: 2,
    datapointsToAlarm: 2,
    treatMissingData: "notBreaching",
    metricQueries: [
      {
        id: "share",
        label: "Refused tokens in percent of the calls",
        expression: "IF(refused >= 20, 100 * refused / (refused + FILL(calls, 0)), 0)",
        returnData: true,
      },
      counted("refused", "Refusals", { Reason: "invalid_token" }),
      counted("calls", "Calls", {}),
    ],
    alarmActions: [TOPIC],
    okActions: [TOPIC],
  });
});

test("GIVEN a share of errors for deployments, none, or 0 WHEN guards are chosen THEN errors and latency guard, latency alone, or nothing", async () => {
  const { result } = await alarms(["weather"]);
  const names = (given: number | undefined) => Promise.all(guardNames(result, given).map(valueOf));

  assert.deepEqual(await names(undefined), ["weather-errors", "weather-latency"]);
  assert.deepEqual(await names(2), ["weather-latency"]);
  assert.deepEqual(await names(0), []);
  assert.deepEqual(guardNames(undefined, undefined), []);
});
