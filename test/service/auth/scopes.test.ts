import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { scopeChallenge } from "../../../service/runtime/auth/scopes.ts";
import { operationScopes } from "../../../service/runtime/auth/scopes.ts";
import { startApplication, type Application, type Reply } from "./application.ts";
import { startIssuer } from "./issuer.ts";

const NAMES = { prefix: "notes/", required: ["notes/use"] };

/** An application with the tool `write`, which takes the scope `write`, on the MCP SDK. */
function startNotes(
  context: TestContext,
  environment: Record<string, string>,
): Promise<Application> {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: "notes", version: "1.0.0" });
    server.registerTool(
      "write",
      {
        description: "Writes.",
        inputSchema: z.object({}),
        scopeChallenge: scopeChallenge(["write"], NAMES),
      },
      () => ({ content: [{ type: "text", text: "written" }] }),
    );
    return server;
  });
  const handle = toNodeHandler(handler);
  return startApplication(context, {
    environment,
    endpoint: (request, response) => handle(request, response),
  });
}

function callWrite(application: Application, token: string | undefined): Promise<Reply> {
  return application.send("/mcp", {
    method: "POST",
    headers: [
      ["Content-Type", "application/json"],
      ["Accept", "application/json, text/event-stream"],
      ["MCP-Protocol-Version", "2026-07-28"],
      ["Mcp-Method", "tools/call"],
      ["Mcp-Name", "write"],
      ...(token === undefined ? [] : ([["Authorization", `Bearer ${token}`]] as const)),
    ],
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: {
        name: "write",
        arguments: {},
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": {},
        },
      },
    }),
  });
}

describe("GIVEN a tool that takes a scope of its own", () => {
  const oidc = (issuer: string) => ({
    AUTH_MODE: "oidc",
    AUTH_ISSUER: issuer,
    AUTH_REQUIRED_SCOPES: "notes/use",
    AUTH_SCOPE_PREFIX: "notes/",
  });

  for (const scope of ["notes/use", "notes/use write", "notes/use notes/writer"]) {
    test(`WHEN the token carries \`${scope}\` THEN 403 asks for every scope of the operation`, async (context) => {
      const issuer = await startIssuer(context);
      const application = await startNotes(context, oidc(issuer.url));
      const reply = await callWrite(application, issuer.token({ scope }));
      assert.deepEqual(
        [reply.status, reply.headers["www-authenticate"]],
        [
          403,
          'Bearer error="insufficient_scope", error_description="The token does not carry every scope that this operation needs.", ' +
            'scope="notes/use notes/write", ' +
            'resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"',
        ],
      );
    });
  }

  test("WHEN the token carries both THEN the tool runs", async (context) => {
    const issuer = await startIssuer(context);
    const application = await startNotes(context, oidc(issuer.url));
    const reply = await callWrite(application, issuer.token({ scope: "notes/write notes/use" }));
    assert.equal(reply.status, 200);
    assert.match(reply.body, /written/u);
  });

  const unlimited: [given: string, environment: Record<string, string>, token?: string][] = [
    ["tokens are static", { AUTH_STATIC_TOKENS: "a-token-of-the-tests" }, "a-token-of-the-tests"],
    ["nobody has to prove who they are", { AUTH_MODE: "none" }],
  ];
  for (const [given, environment, token] of unlimited) {
    test(`WHEN ${given} THEN scopes do not count`, async (context) => {
      const application = await startNotes(context, environment);
      assert.equal((await callWrite(application, token)).status, 200);
    });
  }
});

test("GIVEN scopes that are declared and required twice WHEN they are joined THEN each comes once, the required first", () => {
  assert.deepEqual(operationScopes(["use", "read", "read"], NAMES), ["notes/use", "notes/read"]);
  assert.deepEqual(operationScopes([], { prefix: "x/", required: [] }), []);
});
