/**
 * Every program of the repository through the real engine. What this proves is Pulumi's semantics (order, replacement, secrets,
 * quiet previews), never that AWS accepts a property: the providers are stand-ins.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { DeploymentStrategy, Exposure } from "../../infra/index.ts";
import { createStack, type EngineStack, type Step } from "./harness.ts";
import { alone, onPlatform, PROGRAMS } from "./programs.ts";

/** What the state says exists, of the packages that have a stand-in. */
async function idsInState({ stack }: EngineStack): Promise<string[]> {
  const { resources } = (await stack.exportStack()).deployment as {
    resources: { type: string; custom: boolean; id?: string }[];
  };
  return resources
    .filter(({ type, custom }) => custom && !type.startsWith("pulumi:"))
    .map(({ type, id }) => `${type} ${id ?? ""}`)
    .sort();
}

const idsInCloud = ({ cloud }: EngineStack): string[] =>
  cloud
    .existing()
    .map(({ type, id }) => `${type} ${id}`)
    .sort();

/** Records that prove a name to ACM stay: another stack's certificate of the same name needs them, too. */
const isNoValidation = (id: string): boolean =>
  !/^aws:route53\/record:Record \S+__[0-9a-f]{32}\./u.test(id);

/** Everywhere that a secret must not be readable. */
async function exposed(engine: EngineStack): Promise<Record<string, string>> {
  return {
    state: await engine.storedState(),
    outputs: JSON.stringify(await engine.stack.outputs()),
    "the engine's words": engine.output(),
    "task definitions": JSON.stringify(
      engine.cloud
        .existing()
        .filter(({ type }) => type === "aws:ecs/taskDefinition:TaskDefinition"),
    ),
  };
}

/** The values that nobody may read: generated tokens, and what the program planted. */
function secretsOf({ cloud }: EngineStack): string[] {
  return cloud
    .existing()
    .flatMap(({ type, inputs, outputs }) =>
      type === "random:index/randomPassword:RandomPassword"
        ? [outputs["result"]]
        : type === "aws:secretsmanager/secretVersion:SecretVersion"
          ? [inputs["secretString"]]
          : [],
    )
    .map(String);
}

for (const program of PROGRAMS) {
  describe(`GIVEN ${program.name}`, () => {
    test("WHEN it goes through preview, up, refresh and destroy THEN it is quiet, keeps its secrets and leaves nothing", async (context) => {
      const engine = await createStack(context, program.run, program.config);
      const promised = await engine.preview();
      assert.ok(promised.length > 20);
      assert.deepEqual([...new Set(promised.map((step) => step.split(" ")[0]))], ["create"]);
      assert.deepEqual(await engine.up(), promised, "`up` does what `preview` promised.");
      assert.deepEqual(await engine.preview(), []);
      assert.deepEqual(await engine.up(), []);
      assert.deepEqual(await engine.refresh(), []);
      assert.deepEqual(await engine.preview(), []);
      assert.deepEqual(await idsInState(engine), idsInCloud(engine));

      const secrets = secretsOf(engine);
      assert.ok(secrets.length > 0 && secrets.every((secret) => secret.length > 16));
      for (const [place, text] of Object.entries(await exposed(engine))) {
        for (const secret of secrets)
          assert.ok(!text.includes(secret), `A secret can be read in ${place}.`);
      }
      assert.doesNotMatch(JSON.stringify(engine.cloud.existing()), /undefined/u);

      const { run, config, steps } = program.change;
      if (run !== undefined) engine.setProgram(run);
      for (const [key, value] of Object.entries(config ?? {}))
        await engine.stack.setConfig(key, { value });
      assert.deepEqual(await engine.up(), steps, "A change touches only what it must.");

      // The stand-in refuses to delete what something else still uses.
      assert.equal((await engine.destroy()).length, promised.length);
      assert.deepEqual(idsInCloud(engine).filter(isNoValidation), []);
    });

    test("WHEN its first deployment fails half way, twice, THEN it converges, and nothing is orphaned or made twice", async (context) => {
      const engine = await createStack(context, program.run, program.config);
      const balancer = program.name === "one service alone" ? "weather" : "mcp";
      engine.cloud.change("aws", (state) =>
        state.failures.push(
          `aws:lb/loadBalancer:LoadBalancer ${balancer}`,
          "aws:ecs/service:Service weather",
        ),
      );
      await assert.rejects(
        engine.up(),
        /LoadBalancer (?:mcp|weather): the stand-in was told to fail/u,
      );
      await assert.rejects(engine.up(), /Service weather: the stand-in was told to fail/u);
      await engine.up();
      assert.deepEqual(await engine.preview(), []);
      assert.deepEqual(await idsInState(engine), idsInCloud(engine));
      // A platform of the service's own has a dashboard of the same name in the program, and another one in CloudWatch.
      const made = engine.cloud
        .read("aws")
        .log.filter((line) => !line.startsWith("create aws:cloudwatch/dashboard:"));
      assert.deepEqual(made, [...new Set(made)]);
    });
  });
}

const TASK = "aws:ecs/taskDefinition:TaskDefinition weather";
/** A new revision of the task definition, and the service that is moved to it. */
const NEW_REVISION = [
  `create-replacement ${TASK}`,
  `delete-replaced ${TASK}`,
  `replace ${TASK}`,
  "update aws:ecs/service:Service weather",
];

const DASHBOARD = "update aws:cloudwatch/dashboard:Dashboard weather";
const PINNED = "update aws:cloudwatch/metricAlarm:MetricAlarm weather-pinned";

describe("GIVEN a deployed service", () => {
  const changes: [argument: string, changes: Parameters<typeof alone>[0], steps: Step[]][] = [
    [
      "minReplicas",
      { minReplicas: 3 },
      [
        "update aws:appautoscaling/target:Target weather",
        DASHBOARD,
        "update aws:cloudwatch/metricAlarm:MetricAlarm weather-replicas-missing",
      ],
    ],
    [
      "maxReplicas",
      { maxReplicas: 30 },
      ["update aws:appautoscaling/target:Target weather", DASHBOARD, PINNED],
    ],
    [
      "requestCountPerTarget",
      { requestCountPerTarget: 50 },
      ["update aws:appautoscaling/policy:Policy weather"],
    ],
    [
      "scaleInCooldownSeconds",
      { scaleInCooldownSeconds: 600 },
      [
        "update aws:appautoscaling/policy:Policy weather",
        "update aws:appautoscaling/policy:Policy weather-cpu",
      ],
    ],
    [
      "cpuTargetPercent",
      { cpuTargetPercent: 50 },
      ["update aws:appautoscaling/policy:Policy weather-cpu"],
    ],
    [
      "targetOngoingRequests",
      { targetOngoingRequests: 20 },
      [
        DASHBOARD,
        "create aws:appautoscaling/policy:Policy weather-burst",
        "create aws:appautoscaling/policy:Policy weather-ongoing-requests",
        "create aws:cloudwatch/metricAlarm:MetricAlarm weather-burst",
        "delete aws:appautoscaling/policy:Policy weather",
      ],
    ],
    [
      "schedules",
      { schedules: [{ name: "day", cron: "0 7 * * ? *", minReplicas: 4, maxReplicas: 40 }] },
      ["create aws:appautoscaling/scheduledAction:ScheduledAction weather-day", PINNED],
    ],
    ["startupSeconds", { startupSeconds: 120 }, NEW_REVISION],
    [
      "fargateSpotWeight",
      { fargateSpotWeight: 4 },
      // Not replaced: the provider takes another strategy only with `forceNewDeployment`.
      ["update aws:ecs/service:Service weather"],
    ],
    ["maximumPercent", { maximumPercent: 150 }, ["update aws:ecs/service:Service weather"]],
    [
      "rollbackErrorPercent",
      { rollbackErrorPercent: 5 },
      [
        "create aws:cloudwatch/metricAlarm:MetricAlarm weather-rollback",
        "update aws:ecs/service:Service weather",
      ],
    ],
    [
      "enableExecuteCommand",
      { enableExecuteCommand: true },
      [...NEW_REVISION, "create aws:iam/rolePolicy:RolePolicy weather-execute-command"],
    ],
    [
      "deploymentStrategy",
      { deploymentStrategy: DeploymentStrategy.Canary, cpuTargetPercent: 70 },
      // The new rule stands before the old one goes, and both lead to the replicas that serve.
      [
        "create aws:cloudwatch/metricAlarm:MetricAlarm weather-zone-unavailable-alternate",
        DASHBOARD,
        PINNED,
        ...["errors", "latency", "replicas-missing", "unavailable"].map(
          (alarm): Step => `update aws:cloudwatch/metricAlarm:MetricAlarm weather-${alarm}`,
        ),
        "create aws:iam/role:Role weather-load-balancer",
        "create aws:iam/rolePolicy:RolePolicy weather-load-balancer",
        "create aws:lb/listenerRule:ListenerRule weather-production",
        "create aws:lb/targetGroup:TargetGroup weather-alternate",
        "delete aws:appautoscaling/policy:Policy weather",
        "delete aws:lb/listenerRule:ListenerRule weather",
        "update aws:ecs/service:Service weather",
      ],
    ],
    ["memory", { memory: 1024 }, NEW_REVISION],
    ["environment", { environment: { LOG_LEVEL: "debug" } }, NEW_REVISION],
    ["port", { port: 9000 }, NEW_REVISION],
    ["drainSeconds", { drainSeconds: 20 }, NEW_REVISION],
    [
      "longestCallSeconds",
      { longestCallSeconds: 30 },
      [
        ...NEW_REVISION,
        "update aws:cloudwatch/metricAlarm:MetricAlarm weather-latency",
        "update aws:lb/targetGroup:TargetGroup weather",
      ],
    ],
    [
      "path",
      { path: "/weather/mcp" },
      // The address is what tokens are for.
      [
        ...NEW_REVISION,
        "create-replacement aws:cognito/resourceServer:ResourceServer weather",
        "delete-replaced aws:cognito/resourceServer:ResourceServer weather",
        "replace aws:cognito/resourceServer:ResourceServer weather",
        DASHBOARD,
        "update aws:cognito/userPoolClient:UserPoolClient weather-machine",
        "update aws:lb/listenerRule:ListenerRule weather",
      ],
    ],
  ];

  test("WHEN one argument changes THEN exactly what it decides is touched, and nothing that serves is replaced in place", async (context) => {
    const engine = await createStack(context, alone());
    await engine.up();
    for (const [argument, change, steps] of changes) {
      engine.setProgram(alone(change));
      assert.deepEqual(await engine.preview(), steps.toSorted(), argument);
    }
    // The last one for real: what was promised is done.
    assert.deepEqual(await engine.up(), changes.at(-1)?.[2].toSorted());
    assert.deepEqual(await engine.preview(), []);
  });

  test("WHEN its platform becomes public THEN load balancer, listener and rule are replaced, and the replicas' group is kept", async (context) => {
    const engine = await createStack(context, onPlatform({ exposure: Exposure.Internal }));
    await engine.up();
    engine.setProgram(
      onPlatform({
        exposure: Exposure.Domain,
        domainName: "mcp.example.com",
        certificateArn:
          "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
      }),
    );
    const steps = await engine.up();
    const replaced = steps
      .filter((step) => step.startsWith("replace "))
      .map((step) => step.split(" ")[1]);
    assert.deepEqual(replaced, [
      "aws:cognito/resourceServer:ResourceServer",
      "aws:ecs/taskDefinition:TaskDefinition",
      "aws:lb/listener:Listener",
      "aws:lb/listenerRule:ListenerRule",
      "aws:lb/loadBalancer:LoadBalancer",
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    ]);
    assert.deepEqual(await engine.preview(), []);
    assert.deepEqual(await idsInState(engine), idsInCloud(engine));
  });

  test("WHEN its platform moves from CloudFront's address to a name of its own and back THEN each way is made before the other one goes", async (context) => {
    const engine = await createStack(context, onPlatform({}));
    await engine.up();
    const own = {
      exposure: Exposure.Domain,
      domainName: "mcp.example.com",
      hostedZoneId: "Z0123456789ABCDEFGHIJ",
    };
    for (const args of [own, {}]) {
      engine.setProgram(onPlatform(args));
      const steps = await engine.up();
      assert.ok(!steps.some((step) => step.startsWith("replace aws:lb/targetGroup:")));
      assert.deepEqual(await engine.preview(), []);
      const state = await idsInState(engine);
      assert.deepEqual(
        idsInCloud(engine)
          .filter((id) => !state.includes(id))
          .filter(isNoValidation),
        [],
      );
    }
    await engine.destroy();
    assert.deepEqual(idsInCloud(engine).filter(isNoValidation), []);
  });
});

describe("GIVEN the repository's program", () => {
  test("WHEN it is public without a certificate THEN preview says so in a sentence, without a stack", async () => {
    const config = JSON.stringify({ exposure: "domain", domainName: "mcp.example.com" });
    const { stdout: output } = await promisify(execFile)(process.execPath, [
      join(import.meta.dirname, "refused.ts"),
      config,
    ]);
    assert.match(output, /0 resources exist/u);
    assert.match(
      output,
      /McpPlatform: `exposure` is `domain`, but `hostedZoneId` \(or `certificateArn`\) is missing: a public listener without TLS/u,
    );
    assert.doesNotMatch(output, /exposure\.ts:\d+/u);
  });
});
