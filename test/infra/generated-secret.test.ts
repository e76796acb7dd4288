import assert from "node:assert/strict";
import { test } from "node:test";
import { createGeneratedSecret, printCommand } from "../../infra/generated-secret.ts";
import { arn, deploy, valueOf } from "./mocks.ts";

const PASSWORD = "random:index/randomPassword:RandomPassword";
const SECRET = "aws:secretsmanager/secret:Secret";
const VERSION = "aws:secretsmanager/secretVersion:SecretVersion";

const token = () =>
  deploy(() =>
    createGeneratedSecret(
      "weather-token",
      { description: "Bearer token of the MCP service weather", tags: { team: "blue" } },
      {},
    ),
  );

test("GIVEN a generated secret WHEN it is declared THEN 256 random bits go into a secret of its own", async () => {
  const declaration = await token();

  assert.deepEqual(declaration.inventory(), [
    `${SECRET} weather-token`,
    `${VERSION} weather-token`,
    `${PASSWORD} weather-token`,
  ]);
  const { length, special, ...more } = declaration.only(PASSWORD).inputs;
  assert.deepEqual([length, special, more], [43, false, {}]);
  assert.ok(Number(length) * Math.log2(62) >= 256);
  assert.deepEqual(declaration.only(SECRET).inputs, {
    description: "Bearer token of the MCP service weather",
    recoveryWindowInDays: 7,
    tags: { team: "blue" },
  });
  assert.deepEqual(declaration.only(VERSION).inputs, {
    secretId: "weather-token-id",
    secretString: "x".repeat(43),
  });
});

test("GIVEN a generated secret WHEN it is declared THEN its value is marked as a secret wherever it goes", async () => {
  const { resources } = await token();

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

test("GIVEN a generated secret WHEN it is asked for THEN a command prints it", async () => {
  const { result } = await token();

  assert.equal(
    await valueOf(printCommand(result)),
    "aws secretsmanager get-secret-value --region us-east-1" +
      ` --secret-id ${arn("secretsmanager", "secret:weather-token-AbCdEf")} --query SecretString --output text`,
  );
});
