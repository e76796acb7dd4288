import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { describe, test, type TestContext } from "node:test";
import { defineTool } from "../../../service/runtime/tool.ts";
import { call, send, startTestHost, TOKEN, type Started } from "../running-host.ts";
import { connectRaw, type RawClient } from "./raw-client.ts";

const quick = defineTool({ name: "quick", description: "Is done at once.", run: () => "Done." });

const HEADERS = [
  "POST /mcp HTTP/1.1",
  "Host: localhost",
  `Authorization: Bearer ${TOKEN}`,
  "Content-Type: application/json",
  "Accept: application/json, text/event-stream",
].join("\r\n");

const connect = (context: TestContext, { host }: Started, paused = false): Promise<RawClient> =>
  connectRaw(context, host.address.port, { paused });

/** What the endpoint answers to a body, as a client of 2025-03-26 sends it. */
async function answerTo(started: Started, body: string): Promise<[status: number, error: unknown]> {
  const reply = await send(started, "/mcp", {
    method: "POST",
    headers: {
      Authorization: `Bearer ${TOKEN}`,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": "2025-03-26",
    },
    body,
  });
  if (reply.status === 200) return [200, undefined];
  return [reply.status, (JSON.parse(reply.body) as { error: unknown }).error];
}

describe("GIVEN a host with room for two requests", () => {
  const small = { MAX_ONGOING_REQUESTS: "2", REQUEST_TIMEOUT_SECONDS: "60" };

  test("WHEN more clients than that send slowly THEN they take no place from others", async (context) => {
    const started = await startTestHost(context, { tools: [quick] }, small);
    for (let slow = 0; slow < 5; slow++) {
      const { socket, received } = await connect(context, started);
      socket.write(`${HEADERS}\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n`);
      // The head has come, and is being worked on.
      await received(/^HTTP\/1\.1 100 /u);
      socket.write("{");
    }
    assert.equal((await call(started, "quick", {})).status, 200);
  });

  test("WHEN a batch needs more room than there will ever be THEN 400 tells it, and not to try again", async (context) => {
    const started = await startTestHost(context, { tools: [quick] }, small);
    const batch = (messages: number): string =>
      JSON.stringify(
        Array.from({ length: messages }, (_, id) => ({ jsonrpc: "2.0", id, method: "ping" })),
      );
    assert.deepEqual(await answerTo(started, batch(2)), [200, undefined]);
    assert.deepEqual(await answerTo(started, batch(3)), [
      400,
      { code: -32_600, message: "The batch has 3 messages; at most 2 are taken at once." },
    ]);
  });
});

describe("GIVEN a host", () => {
  const bodies: [given: string, body: string, error: object][] = [
    [
      "nested 65 levels deep",
      '{"a":'.repeat(65) + "1" + "}".repeat(65),
      {
        code: -32_600,
        message: "The request body is nested deeper than 64 levels of arrays and objects.",
      },
    ],
    ["cut off", '{"jsonrpc":', { code: -32_700, message: "The request body is not valid JSON." }],
  ];
  for (const [given, body, error] of bodies) {
    test(`WHEN a body is ${given} THEN 400 says so`, async (context) => {
      const started = await startTestHost(context, { tools: [quick] });
      assert.deepEqual(await answerTo(started, body), [400, error]);
    });
  }

  const heads: [given: string, head: string, status: number][] = [
    ["101 headers", `GET /healthz HTTP/1.1\r\nHost: x\r\n${"a:\r\n".repeat(100)}\r\n`, 431],
    [
      "16 KiB of headers",
      `GET /healthz HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(16_384)}\r\n\r\n`,
      431,
    ],
    ["a target that is none", "GET http:// HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["a line that is no header", "GET /healthz HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n", 400],
  ];
  for (const [given, head, status] of heads) {
    test(`WHEN a request has ${given} THEN ${status}`, async (context) => {
      const started = await startTestHost(context, { tools: [quick] });
      const { socket, received } = await connect(context, started);
      socket.write(head);
      await received(new RegExp(`^HTTP/1\\.1 ${status} `, "u"));
    });
  }
});

describe("GIVEN a host that drains", () => {
  const patient = { REQUEST_TIMEOUT_SECONDS: "3600" };
  const idle: [given: string, text: string, answer: RegExp | undefined][] = [
    ["was never used", "", undefined],
    ["has sent a part of its headers", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX:", undefined],
    [
      "has been answered before its body came",
      "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
      /^HTTP\/1\.1 401 /u,
    ],
  ];
  for (const [given, text, answer] of idle) {
    test(
      `WHEN a connection ${given} THEN it is closed, and nobody waits for it`,
      { timeout: 10_000 },
      async (context) => {
        const started = await startTestHost(context, { tools: [quick] }, patient);
        const { socket, received, closed } = await connect(context, started);
        socket.write(text);
        if (answer !== undefined) await received(answer);
        await started.host.drain();
        await closed();
      },
    );
  }

  test("WHEN a body stops coming THEN 408 when its time is up, and a call that has come completely goes on", async (context) => {
    const { promise: entered, resolve: enter } = Promise.withResolvers<undefined>();
    const { promise: left, resolve: leave } = Promise.withResolvers<undefined>();
    const slow = defineTool({
      name: "slow",
      description: "Waits for the test.",
      run: async () => {
        enter(undefined);
        await left;
        return "Done.";
      },
    });
    const started = await startTestHost(
      context,
      { tools: [slow] },
      { REQUEST_TIMEOUT_SECONDS: "1" },
    );
    const pending = call(started, "slow", {});
    await entered;
    const { socket, received, closed } = await connect(context, started);
    socket.write(`${HEADERS}\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n`);
    await received(/^HTTP\/1\.1 100 /u);
    socket.write("{");
    const drained = started.host.drain();
    assert.match(await closed(), /HTTP\/1\.1 408 /u);
    leave(undefined);
    assert.equal((await pending).status, 200);
    await drained;
  });
});

describe("GIVEN a host whose patience is a second", () => {
  const impatient = { REQUEST_TIMEOUT_SECONDS: "1" };

  test("WHEN a body stops coming THEN 408", async (context) => {
    const started = await startTestHost(context, { tools: [quick] }, impatient);
    const { socket, closed } = await connect(context, started);
    socket.write(`${HEADERS}\r\nContent-Length: 1000\r\n\r\n{`);
    assert.match(await closed(), /^HTTP\/1\.1 408 /u);
  });

  test("WHEN a client does not read its stream THEN it is cut off, and the tool is told to stop", async (context) => {
    const { promise: stopped, resolve: stop } = Promise.withResolvers<undefined>();
    const talkative = defineTool({
      name: "talkative",
      description: "Talks until it is stopped.",
      run: async (_input, { progress, signal }) => {
        for (let step = 1; !signal.aborted; step++) {
          await progress({ progress: step, message: "x".repeat(16 * 1024) });
          await turn();
        }
        stop(undefined);
        return "Done.";
      },
    });
    const started = await startTestHost(context, { tools: [talkative, quick] }, impatient);
    const { socket } = await connect(context, started, true);
    const body = JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "talkative", arguments: {}, _meta: { progressToken: 1 } },
    });
    socket.write(
      `${HEADERS}\r\nMCP-Protocol-Version: 2025-11-25\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await stopped;
    assert.equal((await call(started, "quick", {})).status, 200);
  });
});
