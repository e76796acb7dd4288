import assert from "node:assert/strict";
import { test } from "node:test";
import { createGeneratedSecret, printCommand } from "../../../infra/identity/generated-secret.ts";
import { readConfiguration } from "../../../service/runtime/configuration.ts";
import { arn, deploy, valueOf } from "../mocks.ts";

const PASSWORD = "random:index/randomPassword:RandomPassword";
const SECRET = "aws:secretsmanager/secret:Secret";
const VERSION = "aws:secretsmanager/secretVersion:SecretVersion";

const token = (generation = 1) =>
  deploy(() =>
    createGeneratedSecret(
      "weather-token",
      {
        description: "Bearer token of the MCP service weather",
        generation,
        tags: { team: "blue" },
      },
      {},
    ),
  );

const secretString = async (generation: number) =>
  (await token(generation)).only(VERSION).inputs["secretString"];

const of = (name: string): string => name.padEnd(43, "x");

test("GIVEN a generated secret WHEN it is declared THEN values of 256 random bits go into a secret of its own", async () => {
  const declaration = await token();

  assert.deepEqual(declaration.inventory(), [
    `${SECRET} weather-token`,
    `${VERSION} weather-token`,
    `${PASSWORD} weather-token`,
    `${PASSWORD} weather-token-2`,
  ]);
  for (const name of ["weather-token", "weather-token-2"]) {
    const { length, special, ...more } = declaration.only(PASSWORD, name).inputs;
    assert.deepEqual([length, special, more], [43, false, {}]);
    assert.ok(Number(length) * Math.log2(62) >= 256);
  }
  assert.deepEqual(declaration.only(SECRET).inputs, {
    description: "Bearer token of the MCP service weather",
    recoveryWindowInDays: 7,
    tags: { team: "blue" },
  });
  assert.deepEqual(declaration.only(VERSION).inputs, {
    secretId: "weather-token-id",
    secretString: `${of("weather-token")},${of("weather-token-2")}`,
  });
});

test("GIVEN a later generation WHEN it is declared THEN the secret holds its value, the next one and the previous one", async () => {
  assert.equal(
    await secretString(2),
    [of("weather-token-2"), of("weather-token-3"), of("weather-token")].join(","),
  );
  assert.equal(
    await secretString(3),
    [of("weather-token-3"), of("weather-token-4"), of("weather-token-2")].join(","),
  );
});

test("GIVEN what a secret holds WHEN a container reads it as tokens or as keys THEN it starts with all of them, the current one first", async () => {
  const text = String(await secretString(3));
  const { auth, stateKeys } = readConfiguration({
    AUTH_MODE: "static-token",
    AUTH_STATIC_TOKENS: text,
    MCP_STATE_KEY: text,
  });

  assert.deepEqual(auth, { mode: "static-token", tokens: text.split(",") });
  assert.deepEqual(stateKeys, text.split(","));
});

test("GIVEN a generated secret WHEN it is declared THEN its values are marked as secrets wherever they go", async () => {
  const { resources } = await token(2);

  assert.deepEqual(
    resources
      .filter(({ inputs }) => JSON.stringify(inputs).includes("xxx"))
      .map(({ type }) => type),
    [VERSION],
  );
  assert.deepEqual(
    resources.flatMap(({ type, secrets }) => secrets.map((input) => `${type} ${input}`)),
    [`${VERSION} secretString`],
  );
});

test("GIVEN a generated secret WHEN a container refers to it THEN by its version, so that a new value is a new deployment", async () => {
  const { result } = await token();

  assert.equal(
    await valueOf(result.valueFrom),
    `${arn("secretsmanager", "secret:weather-token-AbCdEf")}:::version-1`,
  );
});

test("GIVEN a generated secret WHEN it is asked for THEN a command prints its current value", async () => {
  const { result } = await token();

  assert.equal(
    await valueOf(printCommand(result)),
    "aws secretsmanager get-secret-value --region us-east-1" +
      ` --secret-id ${arn("secretsmanager", "secret:weather-token-AbCdEf")} --query SecretString --output text | cut -d , -f 1`,
  );
});
