import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { request, Agent } from "node:http";
import { connect, createServer, type AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { z } from "zod";
import type { ServerDefinition } from "../../service/runtime/server.ts";
import { defineTool, ToolError } from "../../service/runtime/tool.ts";
import { call, resultOf, send, startTestHost, TOKEN, type Started } from "./running-host.ts";

const start = (
  context: TestContext,
  definition: Partial<ServerDefinition> = {},
  environment: Record<string, string> = {},
): Promise<Started> =>
  startTestHost(context, { start: () => ({ tools: TOOLS }), ...definition }, environment);

const TOOLS = [
  defineTool({
    name: "double",
    title: "Double",
    description: "Doubles a number.",
    input: z.object({ value: z.number().max(100) }),
    output: z.object({ doubled: z.number() }),
    run: ({ value }) => Promise.resolve({ doubled: value * 2 }),
    describe: ({ doubled }) => `That makes ${doubled}.`,
  }),
  defineTool({
    name: "refuse",
    title: "Refuse",
    description: "Fails on purpose.",
    input: z.object({}),
    output: z.object({}),
    run: () => Promise.reject(new ToolError("Ask for something else.")),
  }),
  defineTool({
    name: "break",
    title: "Break",
    description: "Fails by mistake.",
    input: z.object({}),
    output: z.object({}),
    run: () => Promise.reject(new Error("password=hunter2")),
  }),
  defineTool({
    name: "lie",
    title: "Lie",
    description: "Returns what its schema forbids.",
    input: z.object({}),
    output: z.object({ count: z.number() }),
    run: () => Promise.resolve({ count: "many" } as unknown as { count: number }),
  }),
];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Connects until somebody listens: no event tells another's listening. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const connected = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => {
        resolve(true);
      });
      socket.once("error", () => {
        resolve(false);
      });
    });
    socket.destroy();
    if (connected) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("GIVEN a running host", () => {
  test("WHEN a tool is called THEN its result comes structured and in words, and the call is logged", async (context) => {
    const started = await start(context);
    const reply = await call(
      started,
      "double",
      { value: 21 },
      { "X-Amzn-Trace-Id": "Root=1-67891233-abcdef012345678912345678" },
    );
    assert.equal(reply.status, 200);
    assert.deepEqual(resultOf(reply)["structuredContent"], { doubled: 42 });
    assert.deepEqual(resultOf(reply)["content"], [{ type: "text", text: "That makes 42." }]);
    assert.equal(reply.headers["mcp-session-id"], undefined);
    assert.equal(reply.headers["x-powered-by"], undefined);
    assert.equal(reply.headers["x-request-id"], "1-67891233-abcdef012345678912345678");
    const line = started.lines.find(({ msg }) => msg === "call");
    assert.deepEqual(
      { ...line, time: "", durationMilliseconds: 0 },
      {
        level: "info",
        time: "",
        service: "test",
        replica: "replica-1",
        zone: "zone-a",
        method: "tools/call",
        target: "double",
        era: "modern",
        protocolVersion: "2026-07-28",
        caller: `static-token:${createHash("sha256").update(TOKEN).digest("hex").slice(0, 16)}`,
        outcome: "ok",
        durationMilliseconds: 0,
        requestId: "1-67891233-abcdef012345678912345678",
        traceId: "67891233abcdef012345678912345678",
        msg: "call",
      },
    );
  });

  test("WHEN arguments do not fit THEN the model is told, and the tool is not run", async (context) => {
    const result = resultOf(await call(await start(context), "double", { value: 101 }));
    assert.equal(result["isError"], true);
    assert.match(JSON.stringify(result["content"]), /value.*100/u);
  });

  test("WHEN a tool refuses THEN its author's words reach the model", async (context) => {
    const result = resultOf(await call(await start(context), "refuse", {}));
    assert.equal(result["isError"], true);
    assert.deepEqual(result["content"], [{ type: "text", text: "Ask for something else." }]);
  });

  for (const tool of ["break", "lie"]) {
    test(`WHEN \`${tool}\` fails by mistake THEN the log has the reason, and the client has not`, async (context) => {
      const started = await start(context);
      const reply = await call(started, tool, {});
      assert.equal(reply.status, 200);
      assert.equal(resultOf(reply)["isError"], true);
      assert.doesNotMatch(reply.body, /hunter2|many|at /u);
      assert.match(
        reply.body,
        new RegExp(`The tool \`${tool}\` failed for a reason of its own`, "u"),
      );
      const line = started.lines.find(({ outcome }) => outcome === "internal_error");
      assert.match(
        JSON.stringify(line?.["err"]),
        tool === "break" ? /hunter2/u : /expected number/u,
      );
    });
  }

  test("WHEN GET or DELETE comes THEN 405 at once, even without a token", async (context) => {
    const started = await start(context);
    for (const method of ["GET", "DELETE", "PUT"]) {
      const reply = await send(started, "/mcp", { method });
      assert.equal(reply.status, 405);
      assert.equal(reply.headers.allow, "POST");
    }
  });

  test("WHEN the body is larger than the limit THEN 413", async (context) => {
    const started = await start(context, {}, { MAX_BODY_BYTES: "1024" });
    assert.equal(
      (await call(started, "double", { value: 1, padding: "x".repeat(2000) })).status,
      413,
    );
    assert.equal((await call(started, "double", { value: 1 })).status, 200);
  });

  test("WHEN the body is deeply nested THEN it is refused without harm", async (context) => {
    const started = await start(context);
    const reply = await send(started, "/mcp", {
      method: "POST",
      headers: {
        Authorization: `Bearer ${TOKEN}`,
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
      },
      body: "[".repeat(200_000) + "]".repeat(200_000),
    });
    assert.equal(reply.status, 400);
    assert.equal((await call(started, "double", { value: 1 })).status, 200);
  });

  test("WHEN `Origin` or `Host` is foreign THEN 403; the balancer's name, a configured one and loopback pass", async (context) => {
    const started = await start(
      context,
      {},
      { MCP_ALLOWED_HOSTS: "alias.example.com", MCP_ALLOWED_ORIGINS: "app.example.com" },
    );
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await call(started, "double", { value: 1 }, headers)).status;
    assert.equal(await status({ Origin: "https://evil.example" }), 403);
    assert.equal(await status({ Host: "evil.example" }), 403);
    assert.equal(await status({ Host: "mcp.example.com" }), 200);
    assert.equal(await status({ Host: "alias.example.com:443" }), 200);
    assert.equal(await status({ Origin: "https://app.example.com" }), 200);
    assert.equal(await status({ Origin: "http://localhost:3000" }), 200);
  });

  test("WHEN a page of an allowed origin asks first THEN it may call, and read what it needs", async (context) => {
    const started = await start(context, {}, { MCP_ALLOWED_ORIGINS: "app.example.com" });
    const headers = {
      Origin: "https://app.example.com",
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "authorization,mcp-method",
    };
    const asked = await send(started, "/mcp", { method: "OPTIONS", headers });
    assert.equal(asked.status, 204);
    assert.equal(asked.headers["access-control-allow-origin"], "https://app.example.com");
    assert.equal(asked.headers["access-control-allow-methods"], "POST");
    assert.equal(asked.headers["access-control-allow-headers"], "authorization,mcp-method");
    const reply = await call(started, "double", { value: 1 }, { Origin: headers.Origin });
    assert.equal(reply.headers["access-control-allow-origin"], "https://app.example.com");
    const refused = await send(started, "/mcp", {
      method: "OPTIONS",
      headers: { Origin: "https://evil.example" },
    });
    assert.deepEqual(
      [refused.status, refused.headers["access-control-allow-origin"]],
      [403, undefined],
    );
  });

  test("WHEN a health check comes with the task's address as `Host` THEN it is answered", async (context) => {
    const started = await start(context);
    for (const path of ["/healthz", "/readyz"]) {
      assert.equal(
        (await send(started, path, { headers: { Host: "10.0.12.34:8080" } })).status,
        200,
      );
    }
  });

  test("WHEN an unknown path is asked for THEN 404 as JSON", async (context) => {
    const reply = await send(await start(context), "/nothing");
    assert.deepEqual([reply.status, reply.body], [404, '{"error":"not_found"}']);
  });
});

describe("GIVEN bearer auth", () => {
  const METADATA = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";
  const cases: [given: string, header: string | undefined, challenge: string][] = [
    ["no token", undefined, `Bearer resource_metadata="${METADATA}"`],
    ["another scheme", `Basic ${TOKEN}`, `Bearer resource_metadata="${METADATA}"`],
    [
      "a wrong token",
      "Bearer wrong-token-entirely",
      `Bearer error="invalid_token", error_description="The bearer token is not valid for this server.", resource_metadata="${METADATA}"`,
    ],
    [
      "a prefix of the token",
      `Bearer ${TOKEN.slice(0, -1)}`,
      `Bearer error="invalid_token", error_description="The bearer token is not valid for this server.", resource_metadata="${METADATA}"`,
    ],
  ];
  for (const [given, header, challenge] of cases) {
    test(`WHEN ${given} comes THEN 401 with the challenge that leads to the metadata`, async (context) => {
      const reply = await send(await start(context), "/mcp", {
        method: "POST",
        headers: header === undefined ? {} : { Authorization: header },
      });
      assert.equal(reply.status, 401);
      assert.equal(reply.headers["www-authenticate"], challenge);
      assert.doesNotMatch(reply.body, /wrong-token|a-token/u);
    });
  }

  test("WHEN one of two tokens comes THEN it passes, the scheme in any case", async (context) => {
    const started = await start(
      context,
      {},
      { AUTH_STATIC_TOKENS: `${TOKEN},the-next-token-of-the-tests` },
    );
    for (const header of [`Bearer ${TOKEN}`, "bearer the-next-token-of-the-tests"]) {
      assert.equal(
        (await call(started, "double", { value: 1 }, { Authorization: header })).status,
        200,
      );
    }
  });

  test("WHEN the metadata is asked for THEN both places have it, built from the public address", async (context) => {
    const started = await start(context);
    for (const path of [
      "/.well-known/oauth-protected-resource/mcp",
      "/.well-known/oauth-protected-resource",
    ]) {
      const reply = await send(started, path, { headers: { Host: "10.0.0.1" } });
      assert.deepEqual(JSON.parse(reply.body), {
        resource: "https://mcp.example.com/mcp",
        resource_name: "Test",
        bearer_methods_supported: ["header"],
      });
    }
  });

  test("WHEN auth is off THEN everybody may call, and there is no metadata", async (context) => {
    const started = await start(context, {}, { AUTH_MODE: "none", AUTH_STATIC_TOKENS: "" });
    assert.equal((await call(started, "double", { value: 1 }, { Authorization: "" })).status, 200);
    assert.equal((await send(started, "/.well-known/oauth-protected-resource")).status, 404);
  });
});

describe("GIVEN a server that takes its time to start", () => {
  test("WHEN it is not done THEN the process lives but is not ready, and calls are told to come back", async (context) => {
    const { promise, resolve: finish } = Promise.withResolvers<undefined>();
    const port = await freePort();
    const starting = start(
      context,
      {
        start: async () => {
          await promise;
          return { tools: TOOLS };
        },
      },
      { PORT: String(port) },
    );
    const early = { host: { address: { port } } } as unknown as Started;
    await listening(port);
    assert.equal((await send(early, "/healthz")).status, 200);
    assert.equal((await send(early, "/readyz")).status, 503);
    const refused = await call(early, "double", { value: 1 });
    assert.deepEqual([refused.status, refused.headers["retry-after"]], [503, "1"]);
    finish(undefined);
    const started = await starting;
    assert.equal((await send(started, "/readyz")).status, 200);
    assert.equal((await call(started, "double", { value: 1 })).status, 200);
  });

  test("WHEN its start fails THEN nothing is left listening", async (context) => {
    await assert.rejects(
      start(context, { start: () => Promise.reject(new Error("no model")) }),
      /no model/u,
    );
  });
});

describe("GIVEN a host that drains", () => {
  test("WHEN SIGTERM's drain runs THEN calls in flight finish, connections close, and then the server's own stop runs", async (context) => {
    const order: string[] = [];
    const entered = Promise.withResolvers<undefined>();
    const leave = Promise.withResolvers<undefined>();
    const slow = defineTool({
      name: "slow",
      title: "Slow",
      description: "Waits for the test.",
      input: z.object({}),
      output: z.object({}),
      run: async () => {
        entered.resolve(undefined);
        await leave.promise;
        order.push("answered");
        return {};
      },
    });
    const started = await start(
      context,
      {
        start: () => ({
          tools: [slow],
          stop: () => {
            order.push("stopped");
            return Promise.resolve();
          },
        }),
      },
      { DRAIN_SECONDS: "1" },
    );
    const agent = new Agent({ keepAlive: true });
    context.after(() => {
      agent.destroy();
    });
    const pending = call(started, "slow", {});
    await entered.promise;
    const drained = started.host.drain();
    const during = await send(started, "/readyz", { agent });
    assert.equal(during.status, 503);
    assert.equal(during.headers.connection, "close");
    leave.resolve(undefined);
    assert.equal((await pending).status, 200);
    await drained;
    assert.deepEqual(order, ["answered", "stopped"]);
    const refused = request({ host: "127.0.0.1", port: started.host.address.port });
    refused.end();
    const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
    assert.equal(error.code, "ECONNREFUSED");
  });
});
