import assert from "node:assert/strict";
import { once } from "node:events";
import { request, type ClientRequest, type IncomingMessage } from "node:http";
import { describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { RelayError, type JsonObject } from "../../../service/runtime/relay.ts";
import { modernHeaders, modernRequest } from "../running-host.ts";
import { messagesOf, startRelayEndpoint, type RelayEndpoint } from "./relay-endpoint.ts";

/** Calls `echo` on a connection of its own. */
function open({ url }: RelayEndpoint, meta: Record<string, unknown> = {}): ClientRequest {
  const outgoing = request(url, {
    method: "POST",
    headers: { ...modernHeaders("tools/call"), "Mcp-Name": "echo" },
    agent: false,
  });
  outgoing.on("error", () => undefined);
  outgoing.end(JSON.stringify(modernRequest("tools/call", { name: "echo" }, meta)));
  return outgoing;
}

const RESULT: JsonObject = { content: [] };

for (const hotPath of [true, false]) {
  describe(`GIVEN a relay ${hotPath ? "on the hot path" : "behind the SDK"}`, () => {
    test("WHEN the client leaves a call that is deaf to its signal THEN the call keeps its room until it is done", async (context) => {
      const endpoint = await startRelayEndpoint(context, {
        hotPath,
        environment: { MAX_ONGOING_REQUESTS: "1" },
      });
      const { relay, modern, ended } = endpoint;
      const work = Promise.withResolvers<JsonObject>();
      const begun = Promise.withResolvers<undefined>();
      const { send } = relay;
      relay.send = () => {
        begun.resolve(undefined);
        return work.promise;
      };
      const leaving = open(endpoint);
      await begun.promise;
      leaving.destroy();
      await ended(1);
      assert.equal((await modern("tools/call", { name: "echo" })).status, 503);
      relay.send = send;
      work.resolve(RESULT);
      while ((await modern("tools/call", { name: "echo" })).status === 503);
    });

    test("WHEN the client does not keep up THEN progress is left out, and the answer comes", async (context) => {
      const endpoint = await startRelayEndpoint(context, { hotPath });
      const reports = 1000;
      const told = Promise.withResolvers<undefined>();
      endpoint.relay.send = async (_request, { progress }) => {
        for (let count = 0; count < reports; count++) {
          progress?.({ progress: count, message: "x".repeat(64_000) });
          await turn();
        }
        told.resolve(undefined);
        return RESULT;
      };
      const outgoing = open(endpoint, { progressToken: 1 });
      const [response] = (await once(outgoing, "response")) as [IncomingMessage];
      await told.promise;
      let body = "";
      for await (const chunk of response.setEncoding("utf8")) body += String(chunk);
      const messages = messagesOf({ headers: response.headers, body }) as { id?: number }[];
      assert.ok(messages.length > 1 && messages.length < reports, String(messages.length));
      assert.equal(messages.at(-1)?.id, 1);
    });

    test("WHEN the endpoint is closed THEN calls that are open are cut, and cancelled", async (context) => {
      const endpoint = await startRelayEndpoint(context, { hotPath });
      const begun = Promise.withResolvers<AbortSignal>();
      endpoint.relay.send = (_request, { signal }) => {
        begun.resolve(signal);
        return new Promise(() => undefined);
      };
      open(endpoint);
      const signal = await begun.promise;
      await endpoint.endpoint.close();
      if (!signal.aborted) await once(signal, "abort");
      await endpoint.ended(1);
      assert.equal(endpoint.calls[0]?.end.outcome, "cancelled");
    });

    test("WHEN the relay reports after its answer THEN nothing is sent", async (context) => {
      const endpoint = await startRelayEndpoint(context, { hotPath });
      let late: (() => void) | undefined;
      endpoint.relay.send = (_request, { progress, message }) => {
        late = () => {
          progress?.({ progress: 1 });
          message?.({ level: "info", data: "late" });
        };
        return Promise.resolve(RESULT);
      };
      const reply = await endpoint.modern(
        "tools/call",
        { name: "echo" },
        { progressToken: 1, "io.modelcontextprotocol/logLevel": "debug" },
      );
      late?.();
      await turn();
      assert.equal(messagesOf(reply).length, 1);
      assert.equal((await endpoint.modern("tools/call", { name: "echo" })).status, 200);
    });

    test("WHEN the relay gives what is no JSON THEN that is an internal error", async (context) => {
      const endpoint = await startRelayEndpoint(context, { hotPath });
      endpoint.relay.send = () => Promise.resolve({ content: [], count: 1n });
      const reply = await endpoint.modern("tools/call", { name: "echo" });
      const [message] = messagesOf(reply) as { error?: { code: number } }[];
      assert.equal(message?.error?.code, -32_603);
    });

    test("WHEN the relay wants to be asked for what it does not offer THEN its own answer is what clients get", async (context) => {
      const endpoint = await startRelayEndpoint(context, { hotPath });
      endpoint.relay.send = () =>
        Promise.reject(
          new RelayError("Not yet.", { code: -32_000, outcome: "internal_error", status: 503 }),
        );
      const statuses = async (): Promise<readonly number[]> => [
        (await endpoint.modern("tools/call", { name: "nope" })).status,
        (await endpoint.modern("prompts/get", { name: "nope" })).status,
      ];
      assert.deepEqual(await statuses(), [200, 200]);
      Object.assign(endpoint.relay, { passesUnknown: true });
      assert.deepEqual(await statuses(), [503, 503]);
    });

    test("WHEN the relay says which capability the client lacks THEN modern clients get 400, and legacy ones are told what it takes", async (context) => {
      const endpoint = await startRelayEndpoint(context, { hotPath });
      endpoint.relay.send = () =>
        Promise.reject(
          new RelayError("It lacks elicitation.", { code: -32_021, outcome: "protocol_error" }),
        );
      assert.equal((await endpoint.modern("tools/call", { name: "echo" })).status, 400);
      const [message] = messagesOf(await endpoint.legacy("tools/call", { name: "echo" })) as {
        result?: unknown;
      }[];
      assert.deepEqual(message?.result, {
        content: [
          {
            type: "text",
            text: "The tool `echo` has to ask you something first, which takes a client of protocol revision 2026-07-28 or later.",
          },
        ],
        isError: true,
      });
    });
  });
}

test("GIVEN a relay on the hot path WHEN what watches calls breaks THEN the client is told that it failed, and the room is free again", async (context) => {
  const endpoint = await startRelayEndpoint(context, {
    hotPath: true,
    environment: { MAX_ONGOING_REQUESTS: "1" },
    instruments: [
      () => {
        throw new Error("password=hunter2");
      },
    ],
  });
  for (let round = 0; round < 2; round++) {
    const { status, body } = await endpoint.modern("tools/call", { name: "echo" });
    assert.equal(status, 500);
    assert.deepEqual((JSON.parse(body) as { error: unknown }).error, {
      code: -32_603,
      message: "Internal server error",
    });
  }
});

test("GIVEN a call that calls itself a subscription, which takes no room WHEN it comes THEN nothing is run", async (context) => {
  const { post, relay } = await startRelayEndpoint(context, { hotPath: true });
  const { status } = await post(
    { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "echo" } },
    { ...modernHeaders("subscriptions/listen"), "MCP-Protocol-Version": "2025-11-25" },
  );
  assert.equal(status, 400);
  assert.deepEqual(relay.received, []);
});

test("GIVEN a common request WHEN the hot path may take it THEN it does, and answers in one piece", async (context) => {
  const hot = await startRelayEndpoint(context, { hotPath: true });
  const sdk = await startRelayEndpoint(context, { hotPath: false });
  for (const [method, params] of [
    ["tools/call", { name: "echo", arguments: {} }],
    ["prompts/get", { name: "review" }],
    ["resources/read", { uri: "docs://guide" }],
    [
      "completion/complete",
      { ref: { type: "ref/prompt", name: "review" }, argument: { name: "a", value: "" } },
    ],
    ["tools/list", {}],
    ["prompts/list", {}],
    ["resources/list", {}],
    ["resources/templates/list", {}],
    ["server/discover", {}],
  ] as const) {
    const { headers, body } = await hot.modern(method, params);
    assert.equal(headers["content-length"], String(Buffer.byteLength(body)), method);
    assert.equal((await sdk.modern(method, params)).headers["content-length"], undefined, method);
    if (method === "server/discover") continue;
    assert.notEqual(
      (await hot.legacy(method, params)).headers["content-length"],
      undefined,
      method,
    );
  }
});
