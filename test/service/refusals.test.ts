import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test, type TestContext } from "node:test";
import type { ServerDefinition } from "../../service/runtime/server.ts";
import { defineTool } from "../../service/runtime/tool.ts";
import { startIssuer } from "./auth/issuer.ts";
import { call, modernHeaders, send, startTestHost, type Started } from "./running-host.ts";

const DEFINITION: Partial<ServerDefinition> = {
  tools: [
    defineTool({
      name: "write",
      description: "Writes.",
      scopes: ["write"],
      run: () => "Written.",
    }),
  ],
};

/** What the log says of the requests that became no call. */
function refused({ lines }: Started): unknown[][] {
  return lines
    .filter(({ msg }) => msg === "request refused")
    .map(({ status, reason }) => [status, reason]);
}

const post = (started: Started, headers: Record<string, string>, body = "{}") =>
  send(started, "/mcp", { method: "POST", headers, body });

describe("GIVEN a request to the endpoint", () => {
  const authorized = modernHeaders("tools/call");
  for (const [what, headers, body, expected] of [
    ["has no token", { ...authorized, Authorization: "" }, "{}", [401, "unauthorized"]],
    [
      "has a wrong token",
      { ...authorized, Authorization: "Bearer wrong" },
      "{}",
      [401, "invalid_token"],
    ],
    ["comes to another host", { ...authorized, Host: "evil.example" }, "{}", [403, "forbidden"]],
    [
      "comes from another origin",
      { ...authorized, Origin: "https://evil.example" },
      "{}",
      [403, "forbidden"],
    ],
    ["is no JSON", authorized, "{", [400, "invalid_request"]],
    ["is too large", authorized, "x".repeat(2000), [413, "invalid_request"]],
  ] as const) {
    test(`WHEN it ${what} THEN the reason is ${expected[1]}`, async (t) => {
      const started = await startTestHost(t, DEFINITION, { MAX_BODY_BYTES: "1024" });
      assert.equal((await post(started, headers, body)).status, expected[0]);
      assert.deepEqual(refused(started), [expected]);
    });
  }

  test("WHEN it is no POST THEN the reason is invalid_request", async (t) => {
    const started = await startTestHost(t, DEFINITION);
    assert.equal((await send(started, "/mcp")).status, 405);
    assert.deepEqual(refused(started), [[405, "invalid_request"]]);
  });

  test("WHEN it is served THEN it is none", async (t) => {
    const started = await startTestHost(t, DEFINITION);
    assert.equal((await call(started, "write", {})).status, 200);
    assert.deepEqual(refused(started), []);
  });
});

test("GIVEN a replica that works on as many requests as it takes WHEN one more comes THEN the reason is overloaded", async (t) => {
  const events = new EventTarget();
  const entered = once(events, "entered");
  const wait = defineTool({
    name: "wait",
    description: "Waits.",
    run: async () => {
      const left = once(events, "left");
      events.dispatchEvent(new Event("entered"));
      await left;
      return "Done.";
    },
  });
  const started = await startTestHost(t, { tools: [wait] }, { MAX_ONGOING_REQUESTS: "1" });
  const first = call(started, "wait", {});
  await entered;
  assert.equal((await call(started, "wait", {})).status, 503);
  events.dispatchEvent(new Event("left"));
  await first;
  assert.deepEqual(refused(started), [[503, "overloaded"]]);
});

describe("GIVEN tokens of an issuer", () => {
  const start = async (t: TestContext, issuer: { readonly url: string }) =>
    startTestHost(t, DEFINITION, {
      AUTH_MODE: "oidc",
      AUTH_STATIC_TOKENS: "",
      AUTH_ISSUER: issuer.url,
      AUTH_REQUIRED_SCOPES: "use",
    });

  for (const [what, scope] of [
    ["the server", "other"],
    ["the operation", "use"],
  ] as const) {
    test(`WHEN one lacks a scope of ${what} THEN the reason is insufficient_scope`, async (t) => {
      const issuer = await startIssuer(t);
      const started = await start(t, issuer);
      const Authorization = `Bearer ${issuer.token({ scope })}`;
      assert.equal((await call(started, "write", {}, { Authorization })).status, 403);
      assert.deepEqual(refused(started), [[403, "insufficient_scope"]]);
    });
  }

  test("WHEN their keys are out of reach THEN the reason is unavailable", async (t) => {
    const issuer = await startIssuer(t);
    issuer.outage = true;
    const started = await start(t, issuer);
    const Authorization = `Bearer ${issuer.token({ scope: "use" })}`;
    assert.equal((await call(started, "write", {}, { Authorization })).status, 503);
    assert.deepEqual(refused(started), [[503, "unavailable"]]);
  });
});
