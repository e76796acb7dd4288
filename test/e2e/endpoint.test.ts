import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { messageOf, send, type Answer, type Sent } from "./http.ts";
import { errorOfConnecting, startStack, type Stack } from "./stack.ts";

const JSON_HEADERS = {
  "Content-Type": "application/json",
  Accept: "application/json, text/event-stream",
};

/** What a request of 2026-07-28 carries beside its parameters. */
const ENVELOPE = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
  "io.modelcontextprotocol/clientInfo": { name: "e2e", version: "1" },
};

const ERAS = ["2025-11-25", "2026-07-28"] as const;

/** The headers and body of a JSON-RPC request in one of the eras. */
function rpc(
  era: (typeof ERAS)[number],
  method: string,
  params: Record<string, unknown> = {},
): { headers: Record<string, string>; body: string } {
  const headers = { ...JSON_HEADERS, "MCP-Protocol-Version": era };
  const message = { jsonrpc: "2.0", id: 7, method };
  if (era === "2025-11-25") return { headers, body: JSON.stringify({ ...message, params }) };
  return {
    headers: {
      ...headers,
      "Mcp-Method": method,
      ...(typeof params["name"] === "string" ? { "Mcp-Name": params["name"] } : {}),
    },
    body: JSON.stringify({ ...message, params: { ...params, _meta: ENVELOPE } }),
  };
}

/** More than a request body may have: 4 MiB. */
const TOO_MUCH = 4 * 1024 * 1024 + 1;

describe("GIVEN a stack's endpoint", { timeout: 120_000 }, () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack(["--logs", "--config", "auth=static-token"]);
  });
  after(() => stack.stop());

  /** Sends a request with the stack's token, unless it brings another `Authorization`. */
  async function ask(sent: Sent): Promise<Answer> {
    const answer = await send(stack.url, {
      ...sent,
      headers: { Authorization: `Bearer ${stack.token}`, ...sent.headers },
    });
    assert.equal(answer.headers["mcp-session-id"], undefined);
    return answer;
  }

  for (const method of ["GET", "DELETE", "PUT", "HEAD"]) {
    test(`WHEN it is asked with ${method} THEN it answers 405 at once, and names POST`, async () => {
      const { status, headers, body } = await ask({
        method,
        headers: { Accept: "text/event-stream" },
      });
      assert.equal(status, 405);
      assert.equal(headers.allow, "POST");
      if (method !== "HEAD") assert.match(body, /"code":-32000/u);
    });
  }

  for (const era of ERAS) {
    test(`WHEN a client of ${era} asks for a method that there is not THEN it gets -32601`, async () => {
      const answer = await ask(rpc(era, "weather/change"));
      assert.equal(answer.status, era === "2025-11-25" ? 200 : 404);
      assert.deepEqual(messageOf(answer), {
        jsonrpc: "2.0",
        id: 7,
        error: { code: -32_601, message: "Method not found" },
      });
    });

    test(`WHEN a client of ${era} sends half a message THEN it gets 400 and -32700`, async () => {
      const { headers, body } = rpc(era, "tools/list");
      const answer = await ask({ headers, body: body.slice(0, -1) });
      assert.equal(answer.status, 400);
      assert.deepEqual(messageOf(answer), {
        jsonrpc: "2.0",
        id: null,
        error: { code: -32_700, message: "The request body is not valid JSON." },
      });
    });

    test(`WHEN a client of ${era} sends a session id THEN it is served, and gets none back`, async () => {
      const { headers, body } = rpc(era, "tools/call", {
        name: "get_alerts",
        arguments: { state: "TX" },
      });
      const answer = await ask({ headers: { ...headers, "Mcp-Session-Id": "abc" }, body });
      assert.equal(answer.status, 200);
      assert.match(answer.body, /"count":0/u);
    });
  }

  test("WHEN the headers of 2026-07-28 name another tool than the body THEN it answers 400 and -32020", async () => {
    const { headers, body } = rpc("2026-07-28", "tools/call", {
      name: "get_alerts",
      arguments: { state: "CA" },
    });
    const answer = await ask({ headers: { ...headers, "Mcp-Name": "get_forecast" }, body });
    assert.equal(answer.status, 400);
    assert.match(answer.body, /"code":-32020/u);
  });

  test("WHEN a revision that there is not is asked for THEN it answers 400", async () => {
    const { headers, body } = rpc("2025-11-25", "tools/list");
    const answer = await ask({
      headers: { ...headers, "MCP-Protocol-Version": "1999-01-01" },
      body,
    });
    assert.equal(answer.status, 400);
  });

  test("WHEN a body begins that is announced as too long THEN it answers 413 without waiting for the rest", async () => {
    const answer = await ask({
      headers: { ...JSON_HEADERS, "Content-Length": TOO_MUCH },
      body: "{",
      unfinished: true,
    });
    assert.equal(answer.status, 413);
    assert.match(answer.body, /is larger than 4194304 bytes/u);
  });

  test("WHEN a body is announced as too long THEN it answers 413 without waiting for its first byte", async () => {
    const answer = await ask({
      headers: { ...JSON_HEADERS, "Content-Length": TOO_MUCH },
      unfinished: true,
      deadline: 2000,
    });
    assert.equal(answer.status, 413);
  });

  test("WHEN bodies are sent that are too long THEN each is answered 413", async () => {
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      const { status } = await ask({ headers: JSON_HEADERS, body: Buffer.alloc(TOO_MUCH, " ") });
      statuses.push(status);
    }
    assert.deepEqual(statuses, [413, 413, 413, 413, 413]);
  });

  test("WHEN a body has another media type THEN it answers 415", async () => {
    const { headers, body } = rpc("2025-11-25", "tools/list");
    const answer = await ask({ headers: { ...headers, "Content-Type": "text/plain" }, body });
    assert.equal(answer.status, 415);
  });

  describe("WHEN a request proves nothing", () => {
    const wrong = "wrong-0123456789abcdef";
    const refused: [
      what: string,
      authorization: (token: string) => string | undefined,
      error: string,
    ][] = [
      ["no token", () => undefined, "unauthorized"],
      ["a wrong token", () => `Bearer ${wrong}`, "invalid_token"],
      ["the token and one letter more", (token) => `Bearer ${token}x`, "invalid_token"],
      ["all of the token but its end", (token) => `Bearer ${token.slice(0, -1)}`, "invalid_token"],
      ["the token in lower case", (token) => `Bearer ${token.toLowerCase()}`, "invalid_token"],
      ["the token without a scheme", (token) => token, "unauthorized"],
      ["the token under another scheme", (token) => `Basic ${token}`, "unauthorized"],
      ["a scheme without a token", () => "Bearer", "unauthorized"],
      ["two tokens", (token) => `Bearer ${token}, Bearer ${wrong}`, "malformed"],
    ];
    for (const [what, authorization, error] of refused) {
      test(`THEN ${what} is answered 401, and told where to read on`, async () => {
        const given = authorization(stack.token);
        const { headers, body } = rpc("2025-11-25", "tools/list");
        const answer = await send(stack.url, {
          headers: { ...headers, ...(given === undefined ? {} : { Authorization: given }) },
          body,
        });
        assert.equal(answer.status, 401);
        assert.equal(
          (JSON.parse(answer.body) as { error: unknown }).error,
          error === "malformed" ? "invalid_token" : error,
        );
        const reason = error === "malformed" ? "malformed" : "not valid for this server";
        const metadata = `${new URL(stack.url).origin}/.well-known/oauth-protected-resource/mcp`;
        assert.equal(
          answer.headers["www-authenticate"],
          error === "unauthorized"
            ? `Bearer resource_metadata="${metadata}"`
            : `Bearer error="invalid_token", error_description="The bearer token is ${reason}.", resource_metadata="${metadata}"`,
        );
        const said = JSON.stringify(answer.headers) + answer.body;
        for (const secret of [wrong, stack.token, stack.token.toLowerCase()])
          assert.ok(!said.includes(secret));
        assert.ok(!stack.command.output().includes(wrong));
      });
    }

    test("THEN a token in the address is answered 401, too", async () => {
      const { headers, body } = rpc("2025-11-25", "tools/list");
      const { status } = await send(stack.url, {
        path: `/mcp?access_token=${stack.token}`,
        headers,
        body,
      });
      assert.equal(status, 401);
    });
  });

  test("WHEN the scheme is written in lower case THEN the token counts", async () => {
    const { headers, body } = rpc("2025-11-25", "tools/list");
    const answer = await ask({
      headers: { ...headers, Authorization: `bearer ${stack.token}` },
      body,
    });
    assert.equal(answer.status, 200);
  });

  for (const path of [
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-protected-resource",
  ]) {
    test(`WHEN ${path} is read THEN it is the metadata of the endpoint, for everybody`, async () => {
      const { status, headers, body } = await send(stack.url, { method: "GET", path });
      assert.equal(status, 200);
      assert.match(headers["content-type"] ?? "", /^application\/json/u);
      assert.equal(headers["access-control-allow-origin"], "*");
      assert.deepEqual(JSON.parse(body), {
        resource: stack.url,
        resource_name: "US weather",
        bearer_methods_supported: ["header"],
      });
    });
  }

  for (const [name, value, message] of [
    ["Origin", "http://evil.example", "Invalid Origin: evil.example"],
    ["Origin", "null", "Invalid Origin header: null"],
    ["Origin", "http://127.0.0.1.evil.example", "Invalid Origin: 127.0.0.1.evil.example"],
    ["Host", "evil.example", "Invalid Host: evil.example"],
    ["Host", "localhost.evil.example:80", "Invalid Host: localhost.evil.example"],
  ] as const) {
    test(`WHEN a request comes with the ${name} ${value} THEN it is answered 403, token or not`, async () => {
      const { headers, body } = rpc("2026-07-28", "tools/list");
      for (const token of [stack.token, "wrong-0123456789abcdef"]) {
        const answer = await ask({
          headers: { ...headers, Authorization: `Bearer ${token}`, [name]: value },
          body,
        });
        assert.equal(answer.status, 403);
        assert.deepEqual(messageOf(answer), {
          jsonrpc: "2.0",
          id: null,
          error: { code: -32_000, message },
        });
      }
    });
  }

  test("WHEN a page of this machine asks THEN its Origin is fine", async () => {
    const { headers, body } = rpc("2026-07-28", "tools/list");
    const answer = await ask({ headers: { ...headers, Origin: "http://localhost:6274" }, body });
    assert.equal(answer.status, 200);
  });

  for (const path of [
    "/healthz",
    "/readyz",
    "/",
    "/mcp/",
    "/MCP",
    "/mcp/../healthz",
    "/.well-known/oauth-protected-resource/",
    "/.well-known/oauth-authorization-server",
    "//",
    "//healthz",
    "/%",
  ]) {
    test(`WHEN ${path} is asked for THEN the load balancer itself answers 404`, async () => {
      for (const method of ["GET", "POST"]) {
        const { status, headers, body } = await ask({ method, path });
        assert.equal(status, 404);
        assert.equal(headers.server, "awselb/2.0");
        assert.equal(body, '{"error":"not_found"}');
      }
    });
  }

  test("WHEN all of this has been asked THEN both replicas are still the first ones", async () => {
    assert.equal(await errorOfConnecting(stack.url), undefined);
    assert.equal(stack.replicas().length, 2);
    const ready = stack.logLines().filter(({ msg }) => msg === "ready");
    assert.equal(new Set(ready.map(({ replica }) => replica)).size, 2);
    assert.equal(ready.length, 2);
  });
});
