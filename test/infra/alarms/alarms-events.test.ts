import assert from "node:assert/strict";
import { test } from "node:test";
import { createEventRules, notify } from "../../../infra/alarms/alarms-events.ts";
import { ACCOUNT, arn, deploy, REGION } from "../mocks.ts";

const RULE = "aws:cloudwatch/eventRule:EventRule";
const TARGET = "aws:cloudwatch/eventTarget:EventTarget";
const ROLE = "aws:iam/role:Role";
const POLICY = "aws:iam/rolePolicy:RolePolicy";
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/mcp-events`;

const DEPLOYMENT = { partition: "aws", region: REGION, accountId: ACCOUNT };
const TAGS = { team: "blue" };

const rules = () =>
  deploy(() => {
    const notices = createEventRules(
      "mcp",
      {
        clusterArn: arn("ecs", "cluster/mcp-1234567"),
        clusterName: "mcp-1234567",
        deployment: DEPLOYMENT,
        tags: TAGS,
      },
      {},
    );
    const topicArn = arn("sns", "alarms");
    notify("mcp", notices, { topicArn, deployment: DEPLOYMENT, tags: TAGS }, {});
    return notices;
  });

const pattern = (inputs: Readonly<Record<string, unknown>>): unknown =>
  JSON.parse(String(inputs["eventPattern"]));

test("GIVEN a cluster WHEN its rules are declared THEN they match the deployments and tasks of its services alone", async () => {
  const declaration = await rules();

  assert.deepEqual(pattern(declaration.only(RULE, "mcp-deployment-failed").inputs), {
    source: ["aws.ecs"],
    "detail-type": ["ECS Deployment State Change"],
    resources: [{ prefix: `arn:aws:ecs:${REGION}:${ACCOUNT}:service/mcp-1234567/` }],
    detail: { eventName: ["SERVICE_DEPLOYMENT_FAILED"] },
  });
  assert.deepEqual(pattern(declaration.only(RULE, "mcp-tasks-not-placed").inputs), {
    source: ["aws.ecs"],
    "detail-type": ["ECS Service Action"],
    detail: {
      clusterArn: [arn("ecs", "cluster/mcp-1234567")],
      eventName: [
        "ECS_OPERATION_THROTTLED",
        "SERVICE_TASK_CONFIGURATION_FAILURE",
        "SERVICE_TASK_PLACEMENT_FAILURE",
        "SERVICE_TASK_START_IMPAIRED",
      ],
    },
  });
});

test("GIVEN rules WHEN a topic is to be told THEN it gets a text with the service, the reason, and where to read on", async () => {
  const declaration = await rules();

  assert.deepEqual(declaration.only(TARGET, "mcp-deployment-failed").inputs, {
    rule: "mcp-deployment-failed",
    arn: arn("sns", "alarms"),
    roleArn: ROLE_ARN,
    inputTransformer: {
      inputPaths: { service: "$.resources[0]", reason: "$.detail.reason", time: "$.time" },
      inputTemplate:
        '"ECS has given up the deployment of <service> at <time>: <reason>. It goes back to the last revision that was complete; the fault stays until the next deployment. Runbook: docs/runbook.md#deployment-failed"',
    },
  });
  for (const { inputs } of declaration.resources.filter(({ type }) => type === TARGET)) {
    const { inputPaths, inputTemplate } = inputs["inputTransformer"] as {
      inputPaths: Record<string, string>;
      inputTemplate: string;
    };
    // A text as JSON has it, in which every name is one of a path, and every path has its name.
    const names = [...(JSON.parse(inputTemplate) as string).matchAll(/<(\w+)>/gu)].map(
      ([, name]) => name,
    );
    assert.deepEqual(names.toSorted(), Object.keys(inputPaths).sort());
  }
});

test("GIVEN rules WHEN a topic is to be told THEN EventBridge has a role that these rules alone can use, and that may publish there alone", async () => {
  const declaration = await rules();

  const { assumeRolePolicy, ...role } = declaration.only(ROLE, "mcp-events").inputs;
  assert.deepEqual(role, {
    description: "EventBridge tells of the deployments and tasks of mcp",
    tags: TAGS,
  });
  assert.deepEqual(JSON.parse(String(assumeRolePolicy)), {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:SourceAccount": ACCOUNT },
          ArnEquals: {
            "aws:SourceArn": ["mcp-deployment-failed", "mcp-tasks-not-placed"].map((name) =>
              arn("events", `rule/${name}`),
            ),
          },
        },
      },
    ],
  });
  const { policy, ...attached } = declaration.only(POLICY, "mcp-events").inputs;
  assert.deepEqual(attached, { role: "mcp-events" });
  assert.deepEqual(JSON.parse(String(policy)), {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sns:Publish", Resource: arn("sns", "alarms") }],
  });
  for (const { dependsOn } of declaration.resources.filter(({ type }) => type === TARGET))
    assert.deepEqual(dependsOn, [`${POLICY} mcp-events`]);
});

test("GIVEN no rules WHEN a topic is to be told THEN nothing is declared", async () => {
  const { resources } = await deploy(() => {
    notify("mcp", [], { topicArn: arn("sns", "a"), deployment: DEPLOYMENT, tags: TAGS }, {});
  });

  assert.deepEqual(resources, []);
});
