import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  checkAddress,
  checkScopes,
  createResourceServer,
} from "../../../infra/identity/resource-server.ts";
import { assertRefused, deploy, rejectionsOf, valueOf } from "../mocks.ts";

const URL = "https://mcp.example.com/mcp";

test("GIVEN a service WHEN its resource server is declared THEN its identifier is the service's address, and its scopes begin with it", async () => {
  const { result, only } = await deploy(() =>
    createResourceServer(
      "weather",
      {
        userPoolId: "us-east-1_Ab12Cd34E",
        url: pulumi.output(URL),
        scopes: { write: "Change notes", admin: pulumi.output("Do everything") },
      },
      {},
    ),
  ).then((declaration) => ({
    result: declaration.result,
    only: declaration.only("aws:cognito/resourceServer:ResourceServer"),
  }));

  assert.equal(only.name, "weather");
  assert.deepEqual(only.inputs, {
    userPoolId: "us-east-1_Ab12Cd34E",
    identifier: URL,
    scopes: [
      { scopeName: "call", scopeDescription: "Call the MCP endpoint" },
      { scopeName: "write", scopeDescription: "Change notes" },
      { scopeName: "admin", scopeDescription: "Do everything" },
    ],
  });
  assert.equal(await valueOf(result.callScope), `${URL}/call`);
  assert.equal(await valueOf(result.scopePrefix), `${URL}/`);
  assert.deepEqual(await valueOf(pulumi.all([...result.scopes])), [
    `${URL}/call`,
    `${URL}/write`,
    `${URL}/admin`,
  ]);
});

const refused = (scopes: Readonly<Record<string, string>>, message: string): void => {
  assertRefused(() => {
    checkScopes("McpService", scopes);
  }, `McpService: ${message}`);
};

test("GIVEN scopes that Cognito takes WHEN they are checked THEN they pass", () => {
  checkScopes("McpService", undefined);
  checkScopes("McpService", {});
  checkScopes("McpService", { "notes:write": "x", ["a".repeat(256)]: "x".repeat(256) });
  checkScopes(
    "McpService",
    Object.fromEntries(Array.from({ length: 45 }, (_, index) => [`scope-${index}`, "x"])),
  );
});

test("GIVEN scopes that Cognito would refuse WHEN they are checked THEN they are refused", () => {
  for (const name of ["notes/write", "two words", 'a"b', "a\\b", "ü", "", "a".repeat(257)]) {
    refused(
      { [name]: "x" },
      `\`auth.scopes\` has \`${name}\`; Cognito takes 1 to 256 printable ASCII characters without spaces, \`"\`, \`\\\` and \`/\`.`,
    );
  }
  for (const length of [0, 257]) {
    refused(
      { write: "x".repeat(length) },
      `\`auth.scopes.write\` describes the scope in ${length} characters; Cognito takes 1 to 256.`,
    );
  }
  refused(
    { call: "Call" },
    "`auth.scopes` has `call`, which every service has and every caller needs. Leave it out.",
  );
  refused(
    Object.fromEntries(Array.from({ length: 46 }, (_, index) => [`scope-${index}`, "x"])),
    "`auth.scopes` has 46 scopes; a client of Cognito takes 45 beside those that it has anyhow. Give fewer.",
  );
});

test("GIVEN an address WHEN it is longer than Cognito's identifiers THEN it is refused", () => {
  const address = (length: number): string => `https://${"a".repeat(length - 8)}`;
  checkAddress("McpService", address(256));
  assertRefused(
    () => {
      checkAddress("McpService", address(257));
    },
    `McpService: the service's address \`${address(257)}\` has 257 characters; as the identifier of a resource server Cognito takes 256. Choose a shorter` +
      " `path` or `hostName`.",
  );
});

test("GIVEN a description in an output WHEN it comes out too long THEN the program fails with the sentence", async () => {
  assert.deepEqual(
    await rejectionsOf(() => {
      checkScopes("McpService", { write: pulumi.output("") });
    }),
    [
      "McpService: `auth.scopes.write` describes the scope in 0 characters; Cognito takes 1 to 256.",
    ],
  );
});
