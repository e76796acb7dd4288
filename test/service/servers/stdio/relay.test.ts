import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { callContext, callTool, startFixture, textOf, toolCall } from "./harness.ts";

const META = "io.modelcontextprotocol/";

const MODERN_META = {
  [`${META}protocolVersion`]: "2026-07-28",
  [`${META}clientCapabilities`]: {},
  [`${META}clientInfo`]: { name: "somebody", version: "1" },
  [`${META}logLevel`]: "debug",
  progressToken: "the client's own",
  "example.org/own": 1,
};

describe("GIVEN a legacy server as child processes", { timeout: 300_000 }, () => {
  test("WHEN it is started THEN all pages of its lists are offered, and what it says of itself (point 1)", async (context) => {
    const { relay, ready, healthy } = await startFixture(context, ["legacy.ts"]);
    const offers = relay.offers(undefined);
    assert.deepEqual(
      offers.tools.map(({ name }) => name),
      [
        ...["echo", "journal", "process", "environment", "garbage", "multibyte", "hang", "block"],
        ...["exit", "flood", "long", "ask", "progress", "grandchild", "extend", "log", "wrong"],
        "quiet",
      ],
    );
    assert.deepEqual(offers, {
      tools: offers.tools,
      resources: [{ uri: "test://one", name: "one" }],
      resourceTemplates: [],
      prompts: [],
      completions: false,
      instructions: "Call its tools.",
      server: { name: "legacy-fixture", title: "Legacy fixture", version: "1.2.3" },
      cache: { ttlMs: 60_000, cacheScope: "private" },
    });
    assert.equal(relay.offers(undefined), offers);
    assert.deepEqual([ready(), healthy()], [true, true]);
  });

  test("WHEN it is called THEN it gets the parameters without the keys of the new revision, and with our token and trace context (points 1 and 3)", async (context) => {
    const server = await startFixture(context, ["legacy.ts"], { STDIO_PROCESSES: "1" });
    const said = await callTool(
      server,
      "echo",
      { arguments: { city: "Łódź" }, _meta: MODERN_META },
      {
        progress: () => undefined,
        carrier: { traceparent: "00-a-b-01", "x-amzn-trace-id": "Root=1" },
      },
    );
    const { _meta: meta, ...rest } = said as Record<string, Record<string, unknown>>;
    assert.deepEqual(rest, { name: "echo", arguments: { city: "Łódź" } });
    assert.equal(typeof meta?.["progressToken"], "number");
    assert.deepEqual(
      { ...meta, progressToken: 0 },
      { "example.org/own": 1, traceparent: "00-a-b-01", progressToken: 0 },
    );
    const journal = (await callTool(server, "journal")) as { methods: string[] };
    assert.deepEqual(
      journal.methods.filter((method) => method !== "tools/list"),
      [
        ...["server/discover", "initialize", "notifications/initialized", "resources/list"],
        ...["resources/templates/list", "tools/call", "tools/call"],
      ],
    );
  });

  test("WHEN a call makes progress THEN its caller hears of it (point 3)", async (context) => {
    const server = await startFixture(context, ["legacy.ts"]);
    const heard: unknown[] = [];
    await callTool(
      server,
      "progress",
      {},
      {
        progress: ({ progress, total, message }) => heard.push([progress, total, message]),
      },
    );
    assert.deepEqual(heard, [[1, 2, "half"]]);
    // Without a token, nothing is told.
    assert.equal(await callTool(server, "progress"), "done");
  });

  test("WHEN characters come in pieces, or lines that are no messages THEN answers are whole, and the lines are in the log (point 4)", async (context) => {
    const server = await startFixture(context, ["legacy.ts"]);
    assert.equal(await callTool(server, "multibyte"), "zażółć 🙂");
    assert.equal(await callTool(server, "garbage"), "done");
    assert.deepEqual(
      server.lines
        .filter(({ source }) => source === "stdout")
        .map(({ level, text }) => [level, text]),
      [
        ["warn", "Listening on stdio"],
        ["warn", "{"],
        ["warn", "[1]"],
      ],
    );
    assert.equal(server.healthy(), true);
  });

  test("WHEN a line is too long THEN that process is killed, and another one answers (point 4)", async (context) => {
    const server = await startFixture(context, ["legacy.ts"], {
      STDIO_PROCESSES: "1",
      STDIO_MAX_LINE_BYTES: "50000",
    });
    await assert.rejects(callTool(server, "long"), { name: "RelayError", code: -32603 });
    const { reason } = await server.logged("stdio server process ended by itself or was killed");
    assert.equal(reason, "a line on its standard output is longer than `STDIO_MAX_LINE_BYTES`");
    assert.equal(await callTool(server, "multibyte"), "zażółć 🙂");
  });

  test("WHEN it has enough to do THEN what comes is refused with 503, and may be sent again (point 5)", async (context) => {
    const server = await startFixture(context, ["legacy.ts"], {
      STDIO_PROCESSES: "1",
      STDIO_MAX_ONGOING_REQUESTS: "1",
      STDIO_MAX_QUEUED_REQUESTS: "1",
    });
    const ending = new AbortController();
    const open = ["hang", "hang"].map((name) =>
      assert.rejects(callTool(server, name, {}, { signal: ending.signal })),
    );
    await assert.rejects(callTool(server, "echo"), {
      name: "RelayError",
      code: -32000,
      status: 503,
    });
    ending.abort();
    await Promise.all(open);
    assert.notEqual(await callTool(server, "process"), undefined);
  });

  test("WHEN a tool takes longer than it may, or its caller leaves THEN the process is told, and the caller knows how it ended (point 6)", async (context) => {
    const server = await startFixture(context, ["legacy.ts"], {
      STDIO_PROCESSES: "1",
      STDIO_TOOL_TIMEOUTS: '{"hang": 1}',
    });
    await assert.rejects(callTool(server, "hang"), {
      name: "RelayError",
      message: "`tools/call` took longer than 1 seconds and was ended.",
      code: -32603,
      data: { retryable: false },
      outcome: "timeout",
      status: 200,
    });
    await assert.rejects(callTool(server, "hang", {}, { signal: AbortSignal.timeout(10) }), {
      outcome: "cancelled",
    });
    const { cancelled } = (await callTool(server, "journal")) as { cancelled: unknown[] };
    assert.equal(cancelled.length, 2);
  });

  test("WHEN a process exits under a call THEN that call fails at once, is not run again, and the pool is whole again (point 7)", async (context) => {
    const server = await startFixture(context, ["legacy.ts"]);
    await server.logged("stdio server process is ready", ({ child }) => child === 2);
    await server.logged("stdio server process is ready", ({ child }) => child === 1);
    const others = callTool(server, "multibyte");
    await assert.rejects(callTool(server, "exit"), {
      name: "RelayError",
      message: "The server ended while it worked on this. Whether it has done it is not known.",
      code: -32603,
      data: { retryable: false },
      outcome: "internal_error",
    });
    assert.equal(await others, "zażółć 🙂");
    await server.logged("stdio server process is ready", ({ child }) => child === 3);
    assert.equal(server.lines.filter(({ code }) => code === 3).length, 1);
  });

  test("WHEN one of two processes is killed under load THEN no idempotent call fails (point 7)", async (context) => {
    const server = await startFixture(context, ["legacy.ts"], { STDIO_IDEMPOTENT_TOOLS: "pro*" });
    const victim = Number(await callTool(server, "process"));
    const seen = new Set<number>();
    let done = 0;
    const load = async (): Promise<void> => {
      for (let each = 0; each < 100; each += 1) {
        seen.add(Number(await callTool(server, "process")));
        done += 1;
        if (done === 200) process.kill(victim, "SIGKILL");
      }
    };
    await Promise.all(Array.from({ length: 20 }, load));
    assert.equal(done, 2000);
    assert.ok(seen.has(victim));
    await server.logged("stdio server process is ready", ({ child }) => child === 3);
    assert.equal(server.healthy(), true);
  });

  test("WHEN a process closes its standard output THEN it is ended and replaced (point 7)", async (context) => {
    const server = await startFixture(context, ["legacy.ts"], { STDIO_PROCESSES: "1" });
    await assert.rejects(callTool(server, "quiet"), { outcome: "internal_error" });
    assert.equal(await callTool(server, "multibyte"), "zażółć 🙂");
  });

  test("WHEN its environment is asked for THEN it has what was named, and no credentials (point 10)", async (context) => {
    const server = await startFixture(context, ["legacy.ts"], {
      STDIO_ENVIRONMENT: "SECRET_KEY",
      SECRET_KEY: "hunter22",
      OTHER_KEY: "not for it",
      AUTH_STATIC_TOKENS: "not for it",
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/not/for/it",
    });
    assert.deepEqual(await callTool(server, "environment"), {
      PATH: process.env["PATH"],
      PYTHONUNBUFFERED: "1",
      SECRET_KEY: "hunter22",
    });
  });

  test("WHEN it floods standard error THEN the log has a part of it and a count, without secrets (point 11)", async (context) => {
    const server = await startFixture(context, ["legacy.ts"], {
      STDIO_PROCESSES: "1",
      STDIO_ENVIRONMENT: "SECRET_KEY",
      SECRET_KEY: "hunter22",
      STDIO_LOG_LINES_PER_SECOND: "10",
    });
    await callTool(server, "flood");
    const { lines } = await server.logged("lines of the stdio server were dropped");
    assert.equal(typeof lines, "number");
    await server.logged("stdio server", ({ text }) => text === "line 0");
    assert.ok(!JSON.stringify(server.lines).includes("hunter22"));
    const [first] = server.lines.filter(({ source }) => source === "stderr");
    assert.equal(first?.["child"], 1);
  });

  test("WHEN it asks for something THEN it is refused, and `ping` is answered (point 3)", async (context) => {
    const server = await startFixture(context, ["legacy.ts"], { STDIO_PROCESSES: "1" });
    await callTool(server, "ask");
    const { answers } = (await callTool(server, "journal")) as {
      answers: { id: string; error?: { code: number } }[];
    };
    assert.deepEqual(
      answers.map(({ id, error }) => [id, error?.code]),
      [
        ["ask-1", -32601],
        ["ask-2", undefined],
      ],
    );
  });

  test("WHEN it adds a tool THEN that is offered, and subscribers are told", async (context) => {
    const server = await startFixture(context, ["legacy.ts"], { STDIO_PROCESSES: "1" });
    const before = server.relay.offers(undefined);
    await callTool(server, "extend");
    await server.tells("tools");
    const after = server.relay.offers(undefined);
    assert.equal(after.tools.length, before.tools.length + 1);
    assert.deepEqual(server.told, ["tools"]);
  });

  test("WHEN a process is replaced by one that lists less THEN what it lists is offered", async (context) => {
    const server = await startFixture(context, ["legacy.ts"], { STDIO_PROCESSES: "1" });
    const before = server.relay.offers(undefined);
    await callTool(server, "extend");
    await server.tells("tools");
    await assert.rejects(callTool(server, "exit"));
    await server.logged("stdio server process is ready", ({ child }) => child === 2);
    while (server.relay.offers(undefined).tools.length !== before.tools.length) {
      await callTool(server, "echo");
    }
    assert.deepEqual(server.told, ["tools", "tools"]);
  });

  test("WHEN resources are watched THEN each process is asked once, and subscribers hear of changes", async (context) => {
    const server = await startFixture(context, ["legacy.ts"], { STDIO_PROCESSES: "1" });
    server.relay.watchResources?.(new Set(["test://one"]));
    await server.tells("test://one");
    server.relay.watchResources?.(new Set(["test://one", "test://two"]));
    await server.tells("test://two");
    server.relay.watchResources?.(new Set(["test://two"]));
    const { methods } = (await callTool(server, "journal")) as { methods: string[] };
    assert.deepEqual(
      methods.filter((method) => method.includes("subscribe")),
      ["resources/subscribe", "resources/subscribe", "resources/unsubscribe"],
    );
  });

  test("WHEN it writes log messages THEN nobody's call gets them, but the log does", async (context) => {
    const server = await startFixture(context, ["legacy.ts"]);
    const heard: unknown[] = [];
    await callTool(server, "log", {}, { message: (params) => heard.push(params) });
    await server.logged("stdio server", ({ source, level, text }) => {
      return source === "notification" && level === "warn" && text === '"about one caller"';
    });
    assert.deepEqual(heard, []);
  });

  test("WHEN each call has a process of its own THEN log messages are that call's, and no process serves two (point 2)", async (context) => {
    const server = await startFixture(context, ["legacy.ts"], { STDIO_ISOLATION: "per-call" });
    const heard: unknown[] = [];
    await callTool(server, "log", {}, { message: ({ data }) => heard.push(data) });
    assert.deepEqual(heard, ["about one caller"]);
    const ids = await Promise.all(Array.from({ length: 5 }, () => callTool(server, "process")));
    assert.equal(new Set(ids).size, 5);
    assert.equal(server.healthy(), true);
  });

  test("WHEN a resource is not there THEN a modern client gets the code of its revision", async (context) => {
    const { relay } = await startFixture(context, ["legacy.ts"], { STDIO_PROCESSES: "1" });
    const read = {
      method: "resources/read",
      params: { uri: "test://none" },
      parameterHeaders: {},
    } as const;
    await assert.rejects(relay.send(read, callContext()), {
      code: -32602,
      data: { uri: "test://none" },
      outcome: "protocol_error",
    });
    await assert.rejects(relay.send(read, callContext({ era: "legacy" })), { code: -32002 });
  });
});

describe("GIVEN a modern server as child processes", { timeout: 300_000 }, () => {
  test("WHEN it is started THEN its lists, their cache hints and its instructions are offered (point 1)", async (context) => {
    const { relay, lines } = await startFixture(context, ["modern.ts"]);
    const { tools, resources, instructions, server, cache } = relay.offers(undefined);
    assert.deepEqual(
      tools.map(({ name }) => name),
      ["meta", "progress", "confirm", "extend", "touch"],
    );
    assert.deepEqual(resources, [{ uri: "test://one", name: "one" }]);
    assert.equal(instructions, "Serves the modern era.");
    assert.deepEqual(server, { name: "modern-fixture", version: "3.2.1" });
    // The other lists say nothing, which is 0 and private.
    assert.deepEqual(cache, { ttlMs: 0, cacheScope: "private" });
    assert.ok(lines.every(({ era }) => era === "modern"));
  });

  test("WHEN it is called for clients of both eras THEN `_meta` is what its revision must have", async (context) => {
    const server = await startFixture(context, ["modern.ts", "--modern-only"]);
    const carrier = { traceparent: "00-a-b-01" };
    const sent = { ...MODERN_META, [`${META}protocolVersion`]: "2026-07-28" };
    const modern = await callTool(server, "meta", { _meta: sent }, { carrier });
    assert.deepEqual(modern, { "example.org/own": 1, traceparent: "00-a-b-01" });
    const legacy = await callTool(
      server,
      "meta",
      {},
      { era: "legacy", protocolVersion: "2025-06-18", carrier },
    );
    assert.deepEqual(legacy, { traceparent: "00-a-b-01" });
  });

  test("WHEN a call makes progress THEN its caller hears of each step (point 3)", async (context) => {
    const server = await startFixture(context, ["modern.ts"]);
    const heard: unknown[] = [];
    await callTool(
      server,
      "progress",
      { _meta: MODERN_META },
      { progress: ({ progress }) => heard.push(progress) },
    );
    assert.deepEqual(heard, [1, 2]);
  });

  test("WHEN a tool needs more input THEN question, answer and state cross as they are, and another process may get the answer", async (context) => {
    const server = await startFixture(context, ["modern.ts"]);
    const asked = callContext({ clientCapabilities: { elicitation: { form: {} } } });
    const first = await server.relay.send(toolCall("confirm", { arguments: {} }), asked);
    assert.equal(first["resultType"], "input_required");
    assert.equal(first["requestState"], "opaque é state");
    assert.deepEqual(Object.keys(first["inputRequests"] as object), ["sure"]);
    const inputResponses = { sure: { action: "accept", content: { yes: true } } };
    const second = await server.relay.send(
      toolCall("confirm", { arguments: {}, inputResponses, requestState: first["requestState"] }),
      asked,
    );
    assert.deepEqual(JSON.parse(textOf(second)), [inputResponses, "opaque é state"]);
    // What the caller does not declare, the server is told.
    await assert.rejects(server.relay.send(toolCall("confirm", { arguments: {} }), callContext()), {
      code: -32021,
    });
  });

  test("WHEN its lists or a watched resource change THEN subscribers are told", async (context) => {
    const server = await startFixture(context, ["modern.ts"], { STDIO_PROCESSES: "1" });
    await callTool(server, "touch");
    server.relay.watchResources?.(new Set(["test://one"]));
    await callTool(server, "touch");
    await server.tells("test://one");
    await callTool(server, "extend");
    await server.tells("tools");
    assert.deepEqual(server.told, ["test://one", "tools"]);
    assert.ok(server.relay.offers(undefined).tools.some(({ name }) => name === "added"));
  });
});
