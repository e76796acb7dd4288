import assert from "node:assert/strict";
import { request } from "node:http";
import { once } from "node:events";
import { describe, test } from "node:test";
import type { JsonObject } from "../../../service/runtime/relay.ts";
import { modernHeaders, modernRequest } from "../running-host.ts";
import { ASKED, OFFERS } from "./fake-relay.ts";
import { CALLER, messagesOf, startRelayEndpoint } from "./relay-endpoint.ts";

const SERVER_INFO = {
  "io.modelcontextprotocol/serverInfo": { name: "relay", title: "Relay", version: "1.2.3" },
};

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: Record<string, unknown>;
  readonly error?: unknown;
}

const only = (reply: Parameters<typeof messagesOf>[0]): Message => {
  const messages = messagesOf(reply) as Message[];
  assert.equal(messages.length, 1);
  return messages[0] ?? {};
};

for (const hotPath of [true, false]) {
  describe(`GIVEN a relay ${hotPath ? "on the hot path" : "behind the SDK"}`, () => {
    test("WHEN a modern client calls a tool THEN the result comes as the relay gave it, with what 2026-07-28 asks for", async (context) => {
      const { modern, relay, calls } = await startRelayEndpoint(context, { hotPath });
      const reply = await modern("tools/call", { name: "echo", arguments: { a: [1] } });
      assert.equal(reply.status, 200);
      assert.equal(reply.headers["content-type"], "application/json");
      assert.deepEqual(only(reply), {
        jsonrpc: "2.0",
        id: 1,
        result: {
          content: [{ type: "text", text: '{"a":[1]}', x: 1 }],
          structuredContent: { arguments: { a: [1] } },
          "x-vendor": { kept: true },
          _meta: { "example.com/b": 2, ...SERVER_INFO },
          resultType: "complete",
        },
      });
      assert.equal(relay.received.length, 1);
      assert.deepEqual(
        calls.map(({ call: { method, target, era, protocolVersion, id }, end: { outcome } }) => ({
          ...{ method, target, era, protocolVersion, id, outcome },
        })),
        [
          {
            method: "tools/call",
            target: "echo",
            era: "modern",
            protocolVersion: "2026-07-28",
            id: 1,
            outcome: "ok",
          },
        ],
      );
    });

    test("WHEN a legacy client calls a tool THEN the result has nothing of 2026-07-28", async (context) => {
      const { legacy } = await startRelayEndpoint(context, { hotPath });
      assert.deepEqual(only(await legacy("tools/call", { name: "echo" })).result, {
        content: [{ type: "text", text: "null", x: 1 }],
        structuredContent: { arguments: null },
        "x-vendor": { kept: true },
        _meta: { "example.com/b": 2 },
      });
      assert.deepEqual(only(await legacy("resources/read", { uri: "docs://guide" })).result, {
        contents: [{ uri: "docs://guide", text: "Read me.", "x-vendor": 1 }],
      });
      assert.deepEqual(only(await legacy("tools/call", { name: "lists" })).result, {
        content: [{ type: "text", text: '["a","b"]' }],
      });
    });

    test("WHEN a request is passed on THEN the relay gets all that the client sent, and who it is", async (context) => {
      const { modern, relay, lines, ended } = await startRelayEndpoint(context, {
        hotPath,
        caller: CALLER,
      });
      const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
      const meta = {
        "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } },
        "io.modelcontextprotocol/clientInfo": { name: "c", version: "1" },
        "example.com/own": 1,
        traceparent,
      };
      const params = {
        name: "echo",
        arguments: {},
        requestState: "opaque",
        inputResponses: { a: { action: "accept", content: {}, x: 1 }, odd: "dropped by the SDK" },
        unknown: 1,
      };
      await modern("tools/call", params, meta, {
        "Mcp-Param-Region": "eu",
        Authorization: "Bearer the-secret-token",
        "X-Amzn-Trace-Id": "Root=1-12345678-123456789012345678901234",
      });
      const [received] = relay.received;
      assert.ok(received);
      const { argumentsText, ...passed } = received.request;
      const { context: given } = received;
      // It would take as long as writing them anew.
      assert.equal(argumentsText, undefined);
      assert.deepEqual(passed, {
        method: "tools/call",
        params: modernRequest("tools/call", params, meta)["params"],
        parameterHeaders: { "mcp-param-region": "eu" },
      });
      const { callerToken, caller, era, protocolVersion, clientCapabilities, carrier } = given;
      assert.deepEqual(
        { callerToken, caller, era, protocolVersion, clientCapabilities, carrier },
        {
          callerToken: "the-secret-token",
          caller: CALLER,
          era: "modern",
          protocolVersion: "2026-07-28",
          clientCapabilities: { elicitation: { form: {} } },
          carrier: { traceparent },
        },
      );
      assert.equal(given.progress, undefined);
      assert.equal(given.message, undefined);
      given.log.info("said by the relay");
      await ended(1);
      const said = lines.join("");
      assert.match(said, /said by the relay/u);
      assert.match(said, /"requestId":"1-12345678-123456789012345678901234"/u);
      assert.doesNotMatch(said, /the-secret-token/u);
    });

    test("WHEN nobody has to say who they are THEN a token that comes all the same is not passed on", async (context) => {
      const { modern, relay } = await startRelayEndpoint(context, { hotPath });
      await modern("tools/call", { name: "echo" });
      assert.equal(relay.received[0]?.context.callerToken, undefined);
    });

    test("WHEN lists are asked for THEN they are the objects of the offers, with their cache", async (context) => {
      const { modern, legacy } = await startRelayEndpoint(context, { hotPath });
      const cache = { ...OFFERS.cache, resultType: "complete", _meta: SERVER_INFO };
      const expected = {
        "tools/list": { tools: OFFERS.tools },
        "resources/list": { resources: OFFERS.resources },
        "resources/templates/list": { resourceTemplates: OFFERS.resourceTemplates },
        "prompts/list": { prompts: OFFERS.prompts },
      };
      for (const [method, list] of Object.entries(expected)) {
        assert.deepEqual(only(await modern(method)).result, { ...list, ...cache });
        if (method !== "tools/list") assert.deepEqual(only(await legacy(method)).result, list);
      }
      const listed = only(await legacy("tools/list")).result?.["tools"];
      assert.deepEqual(
        listed,
        OFFERS.tools.map(({ outputSchema: _, ...tool }) => tool),
      );
    });

    test("WHEN the offers become others THEN so do lists and capabilities", async (context) => {
      const { modern, relay } = await startRelayEndpoint(context, { hotPath });
      await modern("tools/list");
      relay.offered = { ...OFFERS, tools: [{ name: "new" }], prompts: [], completions: false };
      assert.deepEqual(only(await modern("tools/list")).result?.["tools"], [{ name: "new" }]);
      assert.deepEqual(only(await modern("server/discover")).result, {
        supportedVersions: ["2026-07-28"],
        capabilities: {
          logging: {},
          tools: { listChanged: false },
          resources: { listChanged: false, subscribe: false },
        },
        instructions: "Ask for the guide first.",
        ...OFFERS.cache,
        resultType: "complete",
        _meta: SERVER_INFO,
      });
      for (const [method, params] of [
        ["prompts/list", {}],
        ["prompts/get", { name: "review" }],
        ["completion/complete", completion()],
      ] as const) {
        const reply = await modern(method, params);
        assert.deepEqual([method, reply.status], [method, 404]);
        assert.deepEqual(only(reply).error, { code: -32_601, message: "Method not found" });
      }
    });

    test("WHEN changes are announced THEN modern clients are promised them for everything, and legacy ones for nothing", async (context) => {
      const { modern, legacy, relay } = await startRelayEndpoint(context, {
        hotPath,
        definition: { announcesChanges: true },
      });
      relay.offered = { ...OFFERS, tools: [], resources: [], prompts: [], completions: false };
      assert.deepEqual(only(await modern("server/discover")).result?.["capabilities"], {
        logging: {},
        tools: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        prompts: { listChanged: true },
      });
      assert.deepEqual(only(await modern("tools/list")).result?.["tools"], []);
      const initialized = only(
        await legacy("initialize", {
          protocolVersion: "2025-11-25",
          capabilities: {},
          clientInfo: { name: "c", version: "1" },
        }),
      ).result;
      assert.deepEqual(initialized, {
        protocolVersion: "2025-11-25",
        capabilities: {
          logging: {},
          tools: { listChanged: false },
          resources: { listChanged: false, subscribe: false },
          prompts: { listChanged: false },
        },
        serverInfo: { name: "relay", title: "Relay", version: "1.2.3" },
        instructions: "Ask for the guide first.",
      });
      for (const method of ["resources/subscribe", "resources/unsubscribe"])
        assert.deepEqual(only(await legacy(method, { uri: "docs://guide" })).result, {});
    });

    test("WHEN the time that lists are good for runs down THEN each answer says what is left", async (context) => {
      const { modern, relay } = await startRelayEndpoint(context, { hotPath });
      const cache = { ttlMs: 5000, cacheScope: "private" as const };
      relay.offered = { ...relay.offered, cache };
      assert.equal(only(await modern("tools/list")).result?.["ttlMs"], 5000);
      cache.ttlMs = 2000;
      assert.equal(only(await modern("tools/list")).result?.["ttlMs"], 2000);
      assert.equal(only(await modern("server/discover")).result?.["ttlMs"], 2000);
    });

    test("WHEN the server that is asked has said who it is THEN clients are told that", async (context) => {
      const { modern, relay } = await startRelayEndpoint(context, { hotPath });
      relay.offered = { ...relay.offered, server: { name: "clock", version: "7.0.0" } };
      const serverInfo = { name: "clock", title: "clock", version: "7.0.0" };
      for (const [method, params] of [
        ["tools/list", {}],
        ["server/discover", {}],
        ["tools/call", { name: "echo" }],
      ] as const) {
        const meta = only(await modern(method, params)).result?.["_meta"] as JsonObject;
        assert.deepEqual(meta["io.modelcontextprotocol/serverInfo"], serverInfo);
      }
    });

    test("WHEN prompts, resources and completions are asked for THEN they are passed on", async (context) => {
      const { modern, calls } = await startRelayEndpoint(context, { hotPath });
      const complete = { resultType: "complete", _meta: SERVER_INFO };
      assert.deepEqual(
        only(await modern("prompts/get", { name: "review", arguments: { language: "c" } })).result,
        {
          messages: [{ role: "user", content: { type: "text", text: "Review." } }],
          "x-vendor": true,
          ...complete,
        },
      );
      assert.deepEqual(only(await modern("resources/read", { uri: "docs://pages/1" })).result, {
        contents: [{ uri: "docs://pages/1", text: "Read me.", "x-vendor": 1 }],
        ttlMs: 10,
        cacheScope: "public",
        ...complete,
      });
      assert.deepEqual(only(await modern("completion/complete", completion())).result, {
        completion: { values: ["typescript"], "x-vendor": 1 },
        ...complete,
      });
      assert.deepEqual(
        calls.map(({ call }) => call.target),
        ["review", undefined, undefined],
      );
    });

    test("WHEN a tool or prompt is not offered THEN it is not passed on, and its name is no target", async (context) => {
      const { modern, legacy, relay, calls } = await startRelayEndpoint(context, { hotPath });
      for (const ask of [modern, legacy]) {
        assert.deepEqual(only(await ask("tools/call", { name: "nope" })).error, {
          code: -32_602,
          message: "There is no tool `nope`.",
        });
        assert.deepEqual(only(await ask("prompts/get", { name: "nope" })).error, {
          code: -32_602,
          message: "There is no prompt `nope`.",
        });
      }
      assert.deepEqual(relay.received, []);
      assert.deepEqual(
        calls.map(({ call: { target }, end: { outcome, errorCode } }) => [
          target,
          outcome,
          errorCode,
        ]),
        Array.from({ length: 4 }, () => [undefined, "protocol_error", -32_602]),
      );
    });

    test("WHEN the relay says that nothing has been run THEN the answer is 503, and may be asked for again", async (context) => {
      const { modern, legacy, calls } = await startRelayEndpoint(context, { hotPath });
      for (const ask of [modern, legacy]) {
        const reply = await ask("tools/call", { name: "refuses" });
        assert.equal(reply.status, 503);
        assert.equal(reply.headers["retry-after"], "1");
        assert.equal(reply.headers["content-type"], "application/json");
        assert.deepEqual(only(reply), {
          jsonrpc: "2.0",
          id: 1,
          error: { code: -32_000, message: "All is busy.", data: { retryable: true } },
        });
      }
      assert.deepEqual(
        calls.map(({ end: { outcome, errorCode } }) => [outcome, errorCode]),
        Array.from({ length: 2 }, () => ["internal_error", -32_000]),
      );
    });

    test("WHEN the relay throws THEN the client is told what is meant for it, and nothing else", async (context) => {
      const { modern, legacy, calls, lines } = await startRelayEndpoint(context, { hotPath });
      const internal = (name: string) => ({
        code: -32_603,
        message: `The tool \`${name}\` failed for a reason of its own, not because of its arguments.`,
        data: { retryable: false },
      });
      for (const ask of [modern, legacy]) {
        const replies = await Promise.all(
          ["errs", "breaks", "rubbish"].map((name) => ask("tools/call", { name })),
        );
        assert.deepEqual(
          replies.map((reply) => [reply.status, only(reply).error]),
          [
            [200, { code: -32_050, message: "No such page.", data: { page: 7 } }],
            [200, internal("breaks")],
            [200, internal("rubbish")],
          ],
        );
        assert.doesNotMatch(JSON.stringify(replies), /hunter2|at .*\.ts/u);
      }
      assert.deepEqual(
        calls.map(({ call, end: { outcome } }) => `${call.target ?? ""} ${outcome}`).toSorted(),
        [
          "breaks internal_error",
          "breaks internal_error",
          "errs protocol_error",
          "errs protocol_error",
          "rubbish internal_error",
          "rubbish internal_error",
        ],
      );
      const [cause] = calls.filter(({ call }) => call.target === "breaks");
      assert.match(String(cause?.end.error), /hunter2/u);
      assert.ok(lines);
    });

    test("WHEN a tool says that it failed THEN that is its outcome", async (context) => {
      const { modern, calls } = await startRelayEndpoint(context, { hotPath });
      assert.equal(only(await modern("tools/call", { name: "fails" })).result?.["isError"], true);
      assert.equal(calls[0]?.end.outcome, "tool_error");
    });

    test("WHEN a result leaves out what the protocol demands THEN it is there all the same", async (context) => {
      const { modern, legacy } = await startRelayEndpoint(context, { hotPath });
      for (const ask of [modern, legacy])
        assert.deepEqual(only(await ask("tools/call", { name: "bare" })).result?.["content"], []);
    });

    test("WHEN a tool asks for input THEN a modern client gets the question untouched, and its answer crosses", async (context) => {
      const { modern, calls } = await startRelayEndpoint(context, { hotPath });
      const asked = only(await modern("tools/call", { name: "asks" })).result;
      assert.deepEqual(asked, { ...ASKED, _meta: SERVER_INFO });
      const again = await modern("tools/call", {
        name: "asks",
        inputResponses: { sure: { action: "accept", content: {} } },
        requestState: ASKED["requestState"],
      });
      assert.deepEqual(only(again).result?.["content"], [
        { type: "text", text: "opaque +/= state" },
      ]);
      assert.deepEqual(
        calls.map(({ end }) => end.outcome),
        ["input_required", "ok"],
      );
    });

    test("WHEN a tool asks for input THEN a legacy client is told what it takes", async (context) => {
      const { legacy, calls } = await startRelayEndpoint(context, { hotPath });
      assert.deepEqual(only(await legacy("tools/call", { name: "asks" })).result, {
        content: [
          {
            type: "text",
            text: "The tool `asks` has to ask you something first, which takes a client of protocol revision 2026-07-28 or later.",
          },
        ],
        isError: true,
      });
      assert.equal(calls[0]?.end.outcome, "tool_error");
    });

    test("WHEN the relay reports progress and messages THEN the stream has them, under the client's own token, from the level it wants", async (context) => {
      const { modern, legacy } = await startRelayEndpoint(context, { hotPath });
      const reply = await modern(
        "tools/call",
        { name: "talks" },
        { progressToken: 7, "io.modelcontextprotocol/logLevel": "warning" },
      );
      assert.equal(reply.headers["content-type"], "text/event-stream");
      assert.equal(reply.headers["x-accel-buffering"], "no");
      const [progress, message, result, ...others] = messagesOf(reply) as Message[];
      const reported = {
        jsonrpc: "2.0",
        method: "notifications/progress",
        params: { progress: 1, total: 2, "x-vendor": 1, progressToken: 7 },
      };
      assert.deepEqual(progress, reported);
      assert.deepEqual(message, {
        jsonrpc: "2.0",
        method: "notifications/message",
        params: { level: "warning", data: "careful", logger: "upstream" },
      });
      assert.equal(result?.id, 1);
      assert.deepEqual(others, []);

      const old = await legacy("tools/call", { name: "talks", _meta: { progressToken: 7 } });
      const [first, ...more] = messagesOf(old) as Message[];
      assert.deepEqual(first, reported);
      assert.deepEqual(
        more.map(({ method, id }) => method ?? id),
        ["notifications/message", "notifications/message", 1],
      );
    });

    test("WHEN the client has not asked for progress or messages THEN it gets neither, and no stream", async (context) => {
      const { modern } = await startRelayEndpoint(context, { hotPath });
      const reply = await modern("tools/call", { name: "talks" });
      assert.equal(reply.headers["content-type"], "application/json");
      assert.equal(only(reply).id, 1);
    });

    test("WHEN a call takes longer than it may THEN its signal aborts, and the client is told", async (context) => {
      const { modern, relay, calls } = await startRelayEndpoint(context, {
        hotPath,
        environment: { CALL_TIMEOUT_SECONDS: "1" },
      });
      const reply = await modern("tools/call", { name: "hangs" });
      assert.deepEqual(only(reply).error, {
        code: -32_603,
        message: "The tool `hangs` took longer than 1 seconds and was ended.",
        data: { retryable: false },
      });
      assert.equal(relay.received[0]?.context.signal.aborted, true);
      assert.deepEqual(
        calls.map(({ end: { outcome, errorCode, error } }) => [outcome, errorCode, error]),
        [["timeout", -32_603, undefined]],
      );
    });

    test("WHEN nothing happens for a while THEN the answer is a stream with signs of life", async (context) => {
      const { modern, relay } = await startRelayEndpoint(context, {
        hotPath,
        environment: { CALL_TIMEOUT_SECONDS: "2", STREAM_KEEP_ALIVE_SECONDS: "1" },
      });
      const reply = await modern("tools/call", { name: "hangs" });
      assert.equal(reply.status, 200);
      assert.equal(reply.headers["content-type"], "text/event-stream");
      assert.match(reply.body, /^: keepalive\n\n/u);
      assert.equal(messagesOf(reply).length, 1);
      assert.equal(relay.received.length, 1);
    });

    test("WHEN the client leaves THEN the relay's signal aborts, the call is cancelled, and its room is free again", async (context) => {
      const { url, modern, relay, calls, ended } = await startRelayEndpoint(context, {
        hotPath,
        environment: { MAX_ONGOING_REQUESTS: "1" },
      });
      const received = new Promise<AbortSignal>((resolve) => {
        relay.onReceived = ({ context: { signal } }) => {
          resolve(signal);
        };
      });
      const leaving = request(url, {
        method: "POST",
        headers: { ...modernHeaders("tools/call"), "Mcp-Name": "hangs" },
      });
      leaving.on("error", () => undefined);
      leaving.end(JSON.stringify(modernRequest("tools/call", { name: "hangs" })));
      const signal = await received;
      assert.equal((await modern("tools/call", { name: "echo" })).status, 503);
      leaving.destroy();
      if (!signal.aborted) await once(signal, "abort");
      await ended(1);
      assert.equal(calls[0]?.end.outcome, "cancelled");
      while ((await modern("tools/call", { name: "echo" })).status === 503);
    });

    test("WHEN a tool has arguments that come as headers too THEN they must agree", async (context) => {
      const { modern } = await startRelayEndpoint(context, { hotPath });
      const params = { name: "routed", arguments: { region: "eu" } };
      const wrong = await modern("tools/call", params, {}, { "Mcp-Param-Region": "us" });
      assert.equal(wrong.status, 400);
      assert.equal((only(wrong).error as { code: number }).code, -32_020);
      assert.equal((await modern("tools/call", params)).status, 400);
      const right = await modern("tools/call", params, {}, { "Mcp-Param-Region": "eu" });
      assert.equal(right.status, 200);
    });

    test("WHEN a name cannot stand in a header THEN its Base64 is understood", async (context) => {
      const { modern, calls } = await startRelayEndpoint(context, { hotPath });
      assert.equal((await modern("tools/call", { name: "größe" })).status, 200);
      assert.equal(calls[0]?.call.target, "größe");
    });
  });
}

function completion(): Record<string, unknown> {
  return {
    ref: { type: "ref/prompt", name: "review" },
    argument: { name: "language", value: "t" },
  };
}
