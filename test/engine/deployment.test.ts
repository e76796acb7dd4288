/** Deployments on the real engine, on a platform of a few resources, since only the service matters here. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { DeploymentStrategy, McpService, type McpServiceArgs } from "../../infra/index.ts";
import { createStack, type EngineStack } from "./harness.ts";
import { smallPlatform } from "./small-platform.ts";

const deploying =
  (args: McpServiceArgs = {}): PulumiFn =>
  () => {
    const { eventsCommand } = new McpService("weather", {
      platform: smallPlatform(),
      image: "ghcr.io/acme/tools@sha256:ab",
      command: ["node", "server.js"],
      // Counts under every strategy.
      targetOngoingRequests: 20,
      ...args,
    });
    return Promise.resolve({ eventsCommand });
  };

const SERVICE = "aws:ecs/service:Service weather";

/** What a user reads when `pulumi up` fails. */
function failureOf(engine: EngineStack): Promise<string> {
  engine.cloud.change("aws", (state) => state.failures.push(SERVICE));
  return engine.up().then(
    () => assert.fail("It did not fail."),
    (error: unknown) => String(error),
  );
}

describe("GIVEN a service whose deployment fails", () => {
  test("WHEN it is created THEN the command that shows ECS's reason stands beside the failure", async (context) => {
    const engine = await createStack(context, deploying());
    const failure = await failureOf(engine);
    const { name } = engine.cloud.existing().find(({ type }) => type === "aws:ecs/cluster:Cluster")
      ?.outputs as { name: string };

    assert.match(failure, /Service weather: the stand-in was told to fail/u);
    const [, told] = failure.split("The deployment of weather failed (create).");
    assert.ok(
      told?.includes(
        `aws ecs describe-services --region us-east-1 --cluster ${name} --services $(`,
      ),
      failure,
    );
    await engine.up();
    assert.deepEqual(await engine.preview(), []);
  });

  test("WHEN nobody waits for it THEN nothing is said beside the failure", async (context) => {
    const engine = await createStack(context, deploying({ waitForSteadyState: false }));
    const failure = await failureOf(engine);

    assert.match(failure, /Service weather: the stand-in was told to fail/u);
    assert.doesNotMatch(failure, /The deployment of weather failed/u);
  });
});

describe("GIVEN a deployed service", () => {
  test("WHEN it changes over to canary deployments and back THEN it is never replaced, and always has a rule", async (context) => {
    const engine = await createStack(context, deploying());
    await engine.up();
    const canary = { deploymentStrategy: DeploymentStrategy.Canary };
    engine.setProgram(deploying(canary));
    assert.deepEqual(await engine.up(), [
      "create aws:cloudwatch/metricAlarm:MetricAlarm weather-zone-unavailable-alternate",
      "create aws:iam/role:Role weather-load-balancer",
      "create aws:iam/rolePolicy:RolePolicy weather-load-balancer",
      "create aws:lb/listenerRule:ListenerRule weather-production",
      "create aws:lb/targetGroup:TargetGroup weather-alternate",
      "delete aws:lb/listenerRule:ListenerRule weather",
      "update aws:cloudwatch/dashboard:Dashboard weather",
      ...["errors", "latency", "pinned", "replicas-missing", "unavailable"].map(
        (alarm) => `update aws:cloudwatch/metricAlarm:MetricAlarm weather-${alarm}`,
      ),
      `update ${SERVICE}`,
    ]);
    const { log } = engine.cloud.read("aws");
    const created = log.indexOf("create aws:lb/listenerRule:ListenerRule weather-production");
    const updated = log.indexOf(`update ${SERVICE}`);
    const deleted = log.indexOf("delete aws:lb/listenerRule:ListenerRule weather");
    assert.ok(created >= 0 && created < updated && updated < deleted);
    assert.deepEqual(await engine.preview(), []);

    // What ECS does in a deployment: the weights are the other way round, and no preview wants them back.
    engine.cloud.change("aws", (state) => {
      const rule = state.existing.find(({ urn }) => urn.endsWith("::weather-production"));
      const [action] = rule?.inputs["actions"] as {
        forward: { targetGroups: { weight: number }[] };
      }[];
      for (const group of action?.forward.targetGroups ?? []) group.weight = 1 - group.weight;
      Object.assign(rule?.outputs ?? {}, { actions: rule?.inputs["actions"] });
    });
    await engine.refresh();
    assert.deepEqual(await engine.preview(), []);
    const TASK = "aws:ecs/taskDefinition:TaskDefinition weather";
    engine.setProgram(deploying({ ...canary, port: 9000 }));
    assert.deepEqual(await engine.up(), [
      `create-replacement ${TASK}`,
      `delete-replaced ${TASK}`,
      `replace ${TASK}`,
      `update ${SERVICE}`,
    ]);

    engine.setProgram(deploying({ port: 9000 }));
    const back = await engine.up();
    assert.ok(back.includes(`update ${SERVICE}`));
    assert.ok(!back.some((step) => step.startsWith("replace ")));
    assert.deepEqual(await engine.preview(), []);
    await engine.destroy();
    assert.deepEqual(engine.cloud.existing(), []);
  });

  test("WHEN its share of Spot changes THEN the service is updated and nothing else is touched", async (context) => {
    const engine = await createStack(context, deploying({ fargateSpotWeight: 1 }));
    await engine.up();
    engine.setProgram(deploying({ fargateSpotWeight: 4, fargateBase: 1 }));
    assert.deepEqual(await engine.up(), [`update ${SERVICE}`]);
    assert.deepEqual(await engine.preview(), []);
  });
});
