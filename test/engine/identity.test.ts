/** Identity on the real engine: what a rotation touches, and in which order Cognito's parts come and go. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import {
  AuthMode,
  Exposure,
  McpPlatform,
  McpServer,
  McpService,
  type Auth,
  type McpServiceArgs,
} from "../../infra/index.ts";
import { createStack, type EngineStack } from "./harness.ts";

const SERVER = "aws:cognito/resourceServer:ResourceServer";
const CLIENT = "aws:cognito/userPoolClient:UserPoolClient";
const PASSWORD = "random:index/randomPassword:RandomPassword";
const VERSION = "aws:secretsmanager/secretVersion:SecretVersion";
const TASK = "aws:ecs/taskDefinition:TaskDefinition";

/** One service on a platform with a name, and all that its outputs say. */
const program =
  (auth: Auth = {}, more: McpServiceArgs = {}): PulumiFn =>
  () => {
    const platform = new McpPlatform("mcp", {
      exposure: Exposure.Domain,
      domainName: "mcp.example.com",
      certificateArn:
        "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
      // Neither a network nor alarms are looked at here.
      alarms: false,
      vpc: {
        vpcId: "vpc-0123456789abcdef0",
        privateSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        publicSubnetIds: ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
      },
    }).handle;
    const service = new McpService("weather", {
      platform,
      server: McpServer.Weather,
      alarms: false,
      auth,
      ...more,
    });
    const { clientId, clientSecret, tokenCommand } = service;
    return Promise.resolve({ clientId, clientSecret, tokenCommand });
  };

const replaced = (resource: string): string[] =>
  ["create-replacement", "delete-replaced", "replace"].map((step) => `${step} ${resource}`);

const NEW_REVISION = [...replaced(`${TASK} weather`), "update aws:ecs/service:Service weather"];

/** The secret that the stand-in holds. */
function secretString({ cloud }: EngineStack, name: string): string[] {
  const version = cloud
    .existing()
    .find(({ type, urn }) => type === VERSION && urn.endsWith(`::${name}`));
  return String(version?.inputs["secretString"]).split(",");
}

/** Asserts that a log has these lines, each after the one before it. */
function assertOrder(log: readonly string[], lines: readonly string[]): void {
  const places = lines.map((line) => log.lastIndexOf(line));
  assert.ok(!places.includes(-1), `Missing: ${lines[places.indexOf(-1)] ?? ""}`);
  assert.deepEqual(
    places,
    places.toSorted((left, right) => left - right),
    lines.join("\n"),
  );
}

const SIGN_IN: Auth = { signIn: { callbackUrls: ["http://localhost:6274/oauth/callback"] } };

describe("GIVEN a service whose callers bring tokens of Cognito", () => {
  test("WHEN it goes up, is refreshed and goes down THEN it is quiet, shows no secret, and one command removes it", async (context) => {
    const engine = await createStack(context, program(SIGN_IN));
    await engine.up();
    assert.deepEqual(await engine.preview(), []);
    assert.deepEqual(await engine.refresh(), []);
    assert.deepEqual(await engine.preview(), []);

    const outputs = await engine.stack.outputs();
    assert.deepEqual(
      ["clientId", "clientSecret", "tokenCommand"].map((name) => outputs[name]?.secret),
      [false, true, false],
    );
    const secret = String(outputs["clientSecret"]?.value);
    assert.match(secret, /^[0-9a-f]{52}$/u);
    assert.ok(!(await engine.storedState()).includes(secret));
    assert.ok(!engine.output().includes(secret));

    await engine.destroy();
    assert.deepEqual(engine.cloud.existing(), []);
  });

  test("WHEN the generation steps twice THEN each step makes one client and one key, forgets those two steps old, and replaces nothing else", async (context) => {
    const engine = await createStack(context, program());
    await engine.up();
    const [first = "", second = ""] = secretString(engine, "weather-state-key");
    const before = await engine.stack.outputs();

    engine.setProgram(program({ generation: 2 }));
    assert.deepEqual(
      await engine.up(),
      [
        `create ${CLIENT} weather-machine-2`,
        `create ${PASSWORD} weather-state-key-3`,
        ...replaced(`${VERSION} weather-state-key`),
        ...NEW_REVISION,
      ].sort(),
    );
    assert.deepEqual(await engine.preview(), []);
    const [current, next = "", previous] = secretString(engine, "weather-state-key");
    assert.deepEqual([current, previous], [second, first]);
    const after = await engine.stack.outputs();
    assert.notEqual(after["clientId"]?.value, before["clientId"]?.value);
    const { log } = engine.cloud.read("aws");
    assertOrder(log, [
      `create ${CLIENT} weather-machine-2`,
      "update aws:ecs/service:Service weather",
    ]);

    engine.setProgram(program({ generation: 3 }));
    assert.deepEqual(
      await engine.up(),
      [
        `create ${CLIENT} weather-machine-3`,
        `create ${PASSWORD} weather-state-key-4`,
        `delete ${CLIENT} weather-machine`,
        `delete ${PASSWORD} weather-state-key`,
        ...replaced(`${VERSION} weather-state-key`),
        ...NEW_REVISION,
      ].sort(),
    );
    const [third, , old] = secretString(engine, "weather-state-key");
    assert.deepEqual([third, old], [next, second]);
    // The old client goes when the replicas no longer know it.
    assertOrder(engine.cloud.read("aws").log, [
      `create ${CLIENT} weather-machine-3`,
      "update aws:ecs/service:Service weather",
      `delete ${CLIENT} weather-machine`,
    ]);
  });

  test("WHEN its address changes THEN another resource server is made before its clients change over, and the old one goes last", async (context) => {
    const engine = await createStack(context, program(SIGN_IN));
    await engine.up();
    engine.setProgram(program(SIGN_IN, { path: "/weather/mcp" }));
    const steps = await engine.up();

    assert.deepEqual(
      steps.filter((step) => step.includes("aws:cognito/")),
      [
        `create-replacement ${SERVER} weather`,
        `delete-replaced ${SERVER} weather`,
        `replace ${SERVER} weather`,
        `update ${CLIENT} weather-machine`,
        `update ${CLIENT} weather-sign-in`,
      ],
    );
    assertOrder(engine.cloud.read("aws").log, [
      `create ${SERVER} weather`,
      `update ${CLIENT} weather-machine`,
      `delete ${SERVER} weather`,
    ]);
    assert.deepEqual(await engine.preview(), []);
  });

  test("WHEN the edge is to validate tokens, and no longer THEN a rule comes and goes, and nothing else is touched", async (context) => {
    const engine = await createStack(context, program());
    await engine.up();
    engine.setProgram(program({ edgeTokenValidation: true }));
    assert.deepEqual(await engine.up(), ["create aws:lb/listenerRule:ListenerRule weather-tokens"]);
    assert.deepEqual(await engine.preview(), []);
    engine.setProgram(program());
    assert.deepEqual(await engine.up(), ["delete aws:lb/listenerRule:ListenerRule weather-tokens"]);
  });
});

describe("GIVEN a service with a static token", () => {
  const token = (generation: number): PulumiFn =>
    program({ mode: AuthMode.StaticToken, generation });

  test("WHEN the generation steps THEN one token and one key are made, and the new token is what replicas knew as the next", async (context) => {
    const engine = await createStack(context, token(1));
    await engine.up();
    const [first, second] = secretString(engine, "weather-token");

    engine.setProgram(token(2));
    assert.deepEqual(
      await engine.up(),
      [
        `create ${PASSWORD} weather-state-key-3`,
        `create ${PASSWORD} weather-token-3`,
        ...replaced(`${VERSION} weather-state-key`),
        ...replaced(`${VERSION} weather-token`),
        ...NEW_REVISION,
      ].sort(),
    );
    const [current, next, previous] = secretString(engine, "weather-token");
    assert.deepEqual([current, previous], [second, first]);
    assert.ok(next !== undefined && ![first, second].includes(next));
    assert.deepEqual(await engine.preview(), []);
    for (const value of [first, second, next]) {
      assert.ok(!(await engine.storedState()).includes(String(value)));
      assert.ok(!engine.output().includes(String(value)));
    }
  });
});
