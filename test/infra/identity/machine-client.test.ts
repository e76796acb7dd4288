import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { createMachineClients } from "../../../infra/identity/machine-client.ts";
import { deploy } from "../mocks.ts";

const CLIENT = "aws:cognito/userPoolClient:UserPoolClient";

const clients = (generation: number) =>
  deploy(() =>
    createMachineClients(
      "weather",
      {
        userPoolId: "us-east-1_Ab12Cd34E",
        scopes: [pulumi.output("https://mcp.example.com/mcp/call")],
        accessTokenMinutes: 60,
        generation,
      },
      {},
    ),
  );

test("GIVEN a service WHEN its client for machines is declared THEN it has a secret, one flow, and no way for people", async () => {
  assert.deepEqual((await clients(1)).only(CLIENT, "weather-machine").inputs, {
    userPoolId: "us-east-1_Ab12Cd34E",
    generateSecret: true,
    allowedOauthFlowsUserPoolClient: true,
    allowedOauthFlows: ["client_credentials"],
    allowedOauthScopes: ["https://mcp.example.com/mcp/call"],
    explicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH"],
    accessTokenValidity: 60,
    idTokenValidity: 60,
    refreshTokenValidity: 30,
    tokenValidityUnits: { accessToken: "minutes", idToken: "minutes", refreshToken: "days" },
    enableTokenRevocation: true,
    preventUserExistenceErrors: "ENABLED",
  });
});

test("GIVEN generations WHEN clients are declared THEN that of the one before stays as it was, and is the second", async () => {
  const names = [];
  for (const generation of [1, 2, 3])
    names.push((await clients(generation)).resources.map(({ name }) => name));

  assert.deepEqual(names, [
    ["weather-machine"],
    ["weather-machine-2", "weather-machine"],
    ["weather-machine-3", "weather-machine-2"],
  ]);
  const [first] = (await clients(1)).resources;
  const [, previous] = (await clients(2)).resources;
  assert.deepEqual(previous, first);
});
