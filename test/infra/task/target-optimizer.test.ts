import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { checkTargetOptimizer, targetControlAgent } from "../../../infra/task/target-optimizer.ts";
import { assertRefused, deploy, valueOf } from "../mocks.ts";

const IMAGE = `public.ecr.aws/aws-elb/target-optimizer/target-control-agent@sha256:${"0".repeat(64)}`;

async function agentOf(enableExecuteCommand: boolean): Promise<unknown> {
  const declaration = await deploy(() =>
    targetControlAgent({
      image: pulumi.output(IMAGE),
      port: pulumi.output(3000),
      maxOngoingRequests: pulumi.output(8),
      taskCpu: 256,
      enableExecuteCommand,
    }),
  );
  return valueOf(declaration.result);
}

const AGENT = {
  name: "target-control-agent",
  image: IMAGE,
  command: undefined,
  essential: true,
  cpu: 32,
  ports: [9080, 9081],
  environment: {
    TARGET_CONTROL_CONTROL_ADDRESS: "0.0.0.0:9081",
    TARGET_CONTROL_DATA_ADDRESS: "0.0.0.0:9080",
    TARGET_CONTROL_DESTINATION_ADDRESS: "127.0.0.1:3000",
    TARGET_CONTROL_MAX_CONCURRENCY: "8",
  },
  secrets: {},
  healthCheck: undefined,
  dependsOn: [],
  serverWaitsFor: "START",
  stopTimeout: 5,
  readonlyRootFilesystem: true,
  mountPoints: [],
};

test("GIVEN an agent WHEN its container is made THEN it stands between load balancer and server, with the server's limit", async () => {
  assert.deepEqual(await agentOf(false), AGENT);
});

test("GIVEN sessions in replicas WHEN an agent's container is made THEN it has where to write for them", async () => {
  assert.deepEqual(await agentOf(true), {
    ...AGENT,
    mountPoints: [
      {
        containerPath: "/var/log/amazon/ssm",
        readOnly: false,
        sourceVolume: "ssm-agent-logs-target-control-agent",
      },
      {
        containerPath: "/var/lib/amazon/ssm",
        readOnly: false,
        sourceVolume: "ssm-agent-state-target-control-agent",
      },
    ],
  });
});

test("GIVEN an agent with its digest and a limit that it knows, or no agent WHEN they are checked THEN they pass", () => {
  checkTargetOptimizer("McpService", undefined, 100_000);
  checkTargetOptimizer("McpService", IMAGE, 1);
  checkTargetOptimizer("McpService", IMAGE, 1000);
});

test("GIVEN an agent by a tag WHEN it is checked THEN it is refused: every request goes through it", () => {
  for (const image of [
    "public.ecr.aws/aws-elb/target-optimizer/target-control-agent:latest",
    "agent@sha256:ab",
    "",
  ]) {
    assertRefused(
      () => {
        checkTargetOptimizer("McpService", image, 100);
      },
      `McpService: \`targetOptimizerImage\` is \`${image}\`; give the agent with its digest, as every request goes through it:` +
        " `public.ecr.aws/aws-elb/target-optimizer/target-control-agent@sha256:…`.",
    );
  }
});

test("GIVEN more requests at once than the agent knows WHEN they are checked THEN they are refused", () => {
  assertRefused(() => {
    checkTargetOptimizer("McpService", IMAGE, 1001);
  }, "McpService: `maxOngoingRequests` is 1001, but the load balancer's target optimizer knows at most 1000. Give no more than that, or leave" + " `targetOptimizerImage` out.");
});
