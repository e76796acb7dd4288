import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigurationError } from "../../service/runtime/configuration-error.ts";
import { defineTool } from "../../service/runtime/tool.ts";
import { startIssuer } from "./auth/issuer.ts";
import { fakeRelay } from "./hot-path/fake-relay.ts";
import { call, send, startTestHost } from "./running-host.ts";

const greet = defineTool({ name: "greet", description: "Greets.", run: () => "Hello." });

describe("GIVEN a server whose start says how it is", () => {
  test("WHEN it is not ready THEN `/readyz` says so, and `/healthz` does not", async (context) => {
    let isReady = false;
    const started = await startTestHost(context, { start: () => ({ ready: () => isReady }) });
    const statuses = async () => [
      (await send(started, "/readyz")).status,
      (await send(started, "/healthz")).status,
    ];
    assert.deepEqual(await statuses(), [503, 200]);
    isReady = true;
    assert.deepEqual(await statuses(), [200, 200]);
  });

  test("WHEN it is not healthy THEN `/healthz` says so", async (context) => {
    const started = await startTestHost(context, { start: () => ({ healthy: () => false }) });
    const { status, body } = await send(started, "/healthz");
    assert.deepEqual([status, JSON.parse(body)], [503, { status: "failing" }]);
    assert.equal((await send(started, "/readyz")).status, 200);
  });

  test("WHEN it says nothing THEN it is ready and healthy once it has started", async (context) => {
    const started = await startTestHost(context, { tools: [greet] });
    assert.equal((await send(started, "/readyz")).status, 200);
    assert.deepEqual(JSON.parse((await send(started, "/healthz")).body), { status: "ok" });
    assert.equal((await call(started, "greet", {})).status, 200);
  });
});

describe("GIVEN a relay", () => {
  test("WHEN there are lists beside it THEN the server does not start, and releases what it opened", async (context) => {
    for (const lists of [{ tools: [greet] }, {}]) {
      let stopped = 0;
      const started = startTestHost(context, {
        ...lists,
        start: () => ({
          relay: fakeRelay(),
          ...("tools" in lists ? {} : { prompts: [{ name: "p", render: () => "" }] }),
          stop: () => {
            stopped++;
            return Promise.resolve();
          },
        }),
      });
      await assert.rejects(started, (error) => {
        assert.ok(error instanceof ConfigurationError);
        assert.match(
          error.message,
          /gave a `relay`, and there are 1 `(?:tools|prompts)` beside it/u,
        );
        return true;
      });
      assert.equal(stopped, 1);
    }
  });

  test("WHEN it knows what scopes its callers may need THEN the metadata of the endpoint names them as they are now", async (context) => {
    const issuer = await startIssuer(context);
    const scopes = ["read"];
    const relay = Object.assign(fakeRelay(), { scopes: () => scopes });
    const started = await startTestHost(
      context,
      { start: () => ({ relay }) },
      {
        AUTH_MODE: "oidc",
        AUTH_STATIC_TOKENS: "",
        AUTH_ISSUER: issuer.url,
        AUTH_REQUIRED_SCOPES: "tools/call",
        AUTH_SCOPE_PREFIX: "tools/",
      },
    );
    const supported = async (): Promise<unknown> => {
      const { body } = await send(started, "/.well-known/oauth-protected-resource/mcp");
      return (JSON.parse(body) as { scopes_supported?: unknown }).scopes_supported;
    };
    assert.deepEqual(await supported(), ["tools/call", "tools/read"]);
    scopes.push("write");
    assert.deepEqual(await supported(), ["tools/call", "tools/read", "tools/write"]);
  });

  test("WHEN what it offers cannot be told THEN the client gets an internal error without its reason", async (context) => {
    const relay = fakeRelay();
    relay.offers = () => {
      throw new Error("password=hunter2");
    };
    const started = await startTestHost(context, { start: () => ({ relay }) });
    const { status, body } = await call(started, "echo", {});
    assert.equal(status, 500);
    assert.doesNotMatch(body, /hunter2/u);
    assert.ok(started.lines.some(({ msg }) => msg === "the server could not be made"));
  });
});
