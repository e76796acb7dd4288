import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  checkAlarmEmail,
  checkTopicArn,
  createAlarmTopic,
} from "../../../infra/alarms/alarms-topic.ts";
import { ACCOUNT, assertRefused, deploy, REGION, valueOf } from "../mocks.ts";

const DEPLOYMENT = { partition: "aws", region: REGION, accountId: ACCOUNT };
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:mcp-alarms`;

const topic = (given: { email?: string; region?: string; where?: string } = {}) =>
  deploy(() =>
    createAlarmTopic(
      "mcp-alarms",
      {
        email: given.email,
        deployment: { ...DEPLOYMENT, region: given.where ?? REGION },
        ...(given.region === undefined ? {} : { region: given.region }),
        tags: { team: "blue" },
      },
      {},
    ),
  );

test("GIVEN no arguments WHEN a topic is declared THEN this account's alarms may publish, and nobody else", async () => {
  const declaration = await topic();

  // No key: CloudWatch may not use that of SNS.
  assert.deepEqual(declaration.only("aws:sns/topic:Topic").inputs, { tags: { team: "blue" } });
  const { arn, policy } = declaration.only("aws:sns/topicPolicy:TopicPolicy").inputs;
  assert.equal(arn, TOPIC);
  assert.deepEqual(JSON.parse(String(policy)), {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: TOPIC,
        Condition: {
          StringEquals: { "aws:SourceAccount": ACCOUNT },
          ArnLike: { "aws:SourceArn": `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:*` },
        },
      },
    ],
  });
  assert.equal(await valueOf(declaration.result), TOPIC);
  assert.deepEqual(declaration.inventory(), [
    "aws:sns/topic:Topic mcp-alarms",
    "aws:sns/topicPolicy:TopicPolicy mcp-alarms",
  ]);
});

test("GIVEN an address WHEN a topic is declared THEN it is subscribed", async () => {
  const declaration = await topic({ email: "on-call@example.com" });

  assert.deepEqual(declaration.only("aws:sns/topicSubscription:TopicSubscription").inputs, {
    topic: TOPIC,
    protocol: "email",
    endpoint: "on-call@example.com",
  });
});

test("GIVEN another region WHEN a topic is declared THEN all of it is there, and so are the alarms that it trusts", async () => {
  const declaration = await topic({
    email: "on-call@example.com",
    where: "eu-central-1",
    region: "us-east-1",
  });

  for (const { inputs } of declaration.resources) assert.equal(inputs["region"], "us-east-1");
  const { policy } = declaration.only("aws:sns/topicPolicy:TopicPolicy").inputs;
  assert.match(String(policy), /arn:aws:cloudwatch:us-east-1:123456789012:alarm:\*/u);
  assert.doesNotMatch(String(policy), /eu-central-1/u);
});

test("GIVEN what is no standard topic WHEN it is checked THEN it is refused", () => {
  for (const arn of ["alarms", `${TOPIC}.fifo`, `arn:aws:sqs:${REGION}:${ACCOUNT}:alarms`]) {
    assertRefused(() => {
      checkTopicArn("McpPlatform", "alarmTopicArn", arn);
    }, `McpPlatform: \`alarmTopicArn\` is \`${arn}\`; give the ARN of a standard SNS topic, such as \`arn:aws:sns:us-east-1:123456789012:alarms\`.`);
  }
  checkTopicArn("McpPlatform", "alarmTopicArn", TOPIC);
  checkTopicArn("McpPlatform", "alarmTopicArn", undefined);
  checkTopicArn("McpPlatform", "alarmTopicArn", pulumi.output(TOPIC));
});

test("GIVEN a topic of another region than its alarm WHEN it is checked THEN it is refused", () => {
  assertRefused(() => {
    checkTopicArn(
      "McpPlatform",
      "cloudFrontAlarmTopicArn",
      `arn:aws:sns:eu-central-1:${ACCOUNT}:alarms`,
      "us-east-1",
    );
  }, "McpPlatform: `cloudFrontAlarmTopicArn` is a topic of eu-central-1, but the alarm on CloudFront's errors lives in us-east-1 and notifies no other region. Give a topic of that region.");
});

test("GIVEN what is no address WHEN it is checked THEN it is refused", () => {
  assertRefused(() => {
    checkAlarmEmail("McpPlatform", "on-call");
  }, "McpPlatform: `alarmEmail` is `on-call`; give an address such as `on-call@example.com`.");
  checkAlarmEmail("McpPlatform", "on-call@example.com");
});
