import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LightAbortController } from "../../../../service/runtime/cancellation.ts";
import { receivedText } from "../../../../service/runtime/received.ts";
import { createConnection, type Connection } from "../../../../service/servers/stdio/connection.ts";
import { VirtualClock } from "../../../local/virtual-clock.ts";
import type { Message } from "./scripted-process.ts";

interface Wire {
  readonly connection: Connection;
  readonly clock: VirtualClock;
  readonly sent: Message[];
  readonly notified: string[];
  readonly noise: string[];
  readonly say: (message: unknown) => void;
}

function wire(): Wire {
  const clock = new VirtualClock();
  const sent: Message[] = [];
  const notified: string[] = [];
  const noise: string[] = [];
  const connection = createConnection({
    clock,
    write: (line) => sent.push(JSON.parse(line) as Message),
    reply: (line) => sent.push(JSON.parse(line) as Message),
    notified: (method) => notified.push(method),
    noise: (line) => noise.push(line),
  });
  const say = (message: unknown): void => {
    connection.receive(JSON.stringify(message));
  };
  return { connection, clock, sent, notified, noise, say };
}

const NOTHING = (): Message => ({});

describe("GIVEN requests to one child (point 3)", () => {
  test("WHEN they are answered in another order THEN each gets its own answer, by ids that are ours", async () => {
    const { connection, sent, say } = wire();
    const requests = ["a", "b", "c"].map((name) =>
      connection.request("tools/call", () => ({ name })),
    );
    assert.deepEqual(
      sent.map(({ id }) => id),
      [1, 2, 3],
    );
    for (const id of [3, 1, 2]) say({ jsonrpc: "2.0", id, result: { to: id } });
    assert.deepEqual(await Promise.all(requests), [{ to: 1 }, { to: 2 }, { to: 3 }]);
  });

  test("WHEN an answer has an id that is not open, or not a number THEN nobody gets it", async () => {
    const { connection, say } = wire();
    const request = connection.request("ping", NOTHING);
    for (const id of ["1", 2, null, 1.5]) say({ jsonrpc: "2.0", id, result: { wrong: true } });
    say({ jsonrpc: "2.0", id: 1, result: { right: true } });
    say({ jsonrpc: "2.0", id: 1, result: { again: true } });
    assert.deepEqual(await request, { right: true });
  });

  test("WHEN progress comes THEN the call of its token hears of it, until it is answered", async () => {
    const { connection, say } = wire();
    const heard: string[] = [];
    const request = connection.request("tools/call", NOTHING, {
      progress: ({ progress }) => heard.push(`first ${String(progress)}`),
    });
    void connection.request("tools/call", NOTHING, {
      progress: ({ progress }) => heard.push(`second ${String(progress)}`),
    });
    const tell = (progressToken: unknown, progress: number): void => {
      say({ method: "notifications/progress", params: { progressToken, progress } });
    };
    tell(2, 1);
    tell(1, 2);
    tell("1", 3);
    tell(9, 4);
    say({ id: 1, result: {} });
    await request;
    tell(1, 5);
    assert.deepEqual(heard, ["second 1", "first 2"]);
  });

  test("WHEN log messages come THEN a call gets them only as long as no other wants any", async () => {
    const { connection, clock, say, notified } = wire();
    const heard: string[] = [];
    const message = (to: string) => (params: Message) =>
      heard.push(`${to}: ${String(params["data"])}`);
    const log = (data: string): void => {
      say({ method: "notifications/message", params: { level: "info", data } });
    };
    const first = connection.request("tools/call", NOTHING, { message: message("first") });
    void connection.request("tools/call", NOTHING);
    log("one");
    const ending = new LightAbortController();
    const second = connection.request("tools/call", NOTHING, {
      message: message("second"),
      cancellation: ending,
    });
    log("two");
    say({ id: 1, result: {} });
    await first;
    log("three");
    ending.abort("gone");
    await assert.rejects(second, { name: "Unanswered", reason: "cancelled" });
    void connection.request("tools/call", NOTHING, { message: message("third") });
    // The cancelled call may still be writing.
    log("four");
    await clock.advance(60_000);
    log("five");
    assert.deepEqual(heard, ["first: one", "second: three", "third: five"]);
    assert.deepEqual(notified, ["notifications/message", "notifications/message"]);
  });

  test("WHEN the child asks something THEN it gets an error, and an answer to `ping`", () => {
    const { sent, say } = wire();
    say({ jsonrpc: "2.0", id: "x", method: "sampling/createMessage", params: {} });
    say({ jsonrpc: "2.0", id: 7, method: "ping" });
    assert.deepEqual(sent, [
      {
        jsonrpc: "2.0",
        id: "x",
        error: {
          code: -32601,
          message:
            "`sampling/createMessage` is not answered: this client declared no such capability.",
        },
      },
      { jsonrpc: "2.0", id: 7, result: {} },
    ]);
  });

  test("WHEN an answer is neither result nor error THEN the call fails all the same", async () => {
    const { connection, say } = wire();
    for (const [at, answer] of [{ result: "text" }, { error: "text" }, {}].entries()) {
      const request = connection.request("ping", NOTHING);
      say({ jsonrpc: "2.0", id: at + 1, ...answer });
      await assert.rejects(request, { name: "AnswerError", code: -32603 });
    }
  });
});

describe("GIVEN results that nobody changes", () => {
  const long = "x".repeat(5000);

  test("WHEN one comes in a long line THEN its JSON is at hand as it came, in bytes where these are", async () => {
    const { connection } = wire();
    const result = `{"text" : "${long}","text" : "${long}ż"}`;
    const line = `{"result": ${result} ,"jsonrpc":"2.0","id":1}`;
    const request = connection.request("tools/call", NOTHING);
    connection.receive(line, Buffer.from(line));
    const given = await request;
    assert.deepEqual(given, { text: `${long}ż` });
    assert.equal(String(receivedText(given)).trim(), result);

    const ascii = `{"jsonrpc":"2.0","id":2,"result":{"text":"${long}"}}`;
    const second = connection.request("tools/call", NOTHING);
    connection.receive(ascii, Buffer.from(ascii));
    const written = receivedText(await second);
    assert.ok(Buffer.isBuffer(written));
    assert.equal(written.toString(), `{"text":"${long}"}`);
  });

  test("WHEN one comes in a batch THEN nothing of the line is taken for it", async () => {
    const { connection, say } = wire();
    const request = connection.request("tools/call", NOTHING);
    say([{ jsonrpc: "2.0", id: 1, result: { text: long } }]);
    const given = await request;
    assert.deepEqual(given, { text: long });
    assert.equal(receivedText(given), undefined);
  });
});

describe("GIVEN lines that are not of the protocol (point 4)", () => {
  test("WHEN they come THEN they are noise, and the next answer is heard", async () => {
    const { connection, noise, say } = wire();
    const request = connection.request("ping", NOTHING);
    const lines = ["Listening…", "{", "[1]", "null", "{}", '"text"'];
    for (const line of lines) connection.receive(line);
    assert.deepEqual(noise, lines);
    // A batch, as of 2025-03-26.
    say([{ jsonrpc: "2.0", id: 1, result: { ok: true } }]);
    assert.deepEqual(await request, { ok: true });
  });

  test("WHEN a notification is one that nobody can write down again THEN it is noise, and the next answer is heard", async () => {
    const { connection, noise, say } = wire();
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const line = (method: string): string =>
      `{"jsonrpc":"2.0","method":"${method}","params":{"progressToken":1,"data":${deep}}}`;
    const request = connection.request("tools/call", NOTHING, {
      progress: (params) => JSON.stringify(params),
      message: (params) => JSON.stringify(params),
    });
    const lines = [line("notifications/progress"), line("notifications/message")];
    for (const line of lines) connection.receive(line);
    assert.deepEqual(noise, lines);
    say({ jsonrpc: "2.0", id: 1, result: { ok: true } });
    assert.deepEqual(await request, { ok: true });
  });
});

describe("GIVEN a call that nobody waits for any more (point 6)", () => {
  test("WHEN its caller leaves THEN the child is told its id, and the late answer is dropped", async () => {
    const { connection, sent, say } = wire();
    const ending = new LightAbortController();
    const request = connection.request("tools/call", NOTHING, { cancellation: ending });
    ending.abort("gone");
    await assert.rejects(request, { name: "Unanswered", reason: "cancelled" });
    assert.deepEqual(sent[1], {
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { requestId: 1, reason: "cancelled" },
    });
    say({ jsonrpc: "2.0", id: 1, result: {} });
    const next = connection.request("ping", NOTHING);
    say({ jsonrpc: "2.0", id: 2, result: { next: true } });
    assert.deepEqual(await next, { next: true });
  });

  test("WHEN its time is over THEN the child is told, too", async () => {
    const { connection, clock, sent } = wire();
    const request = connection.request("tools/list", NOTHING, { timeoutMilliseconds: 50 });
    const failed = assert.rejects(request, { name: "Unanswered", reason: "timeout" });
    await clock.advance(50);
    await failed;
    assert.equal(sent[1]?.["method"], "notifications/cancelled");
  });

  test("WHEN its caller has left before THEN nothing is sent", async () => {
    const { connection, sent } = wire();
    const cancellation = new LightAbortController();
    cancellation.abort("gone");
    const request = connection.request("ping", NOTHING, { cancellation });
    await assert.rejects(request, { name: "Unanswered" });
    assert.deepEqual(sent, []);
  });
});

describe("GIVEN a child that ends (point 7)", () => {
  test("WHEN calls are open THEN they fail at once, and later ones are known not to be sent", async () => {
    const { connection, sent } = wire();
    const open = [connection.request("a", NOTHING), connection.request("b", NOTHING)];
    connection.close("It ended.");
    for (const each of open) await assert.rejects(each, { name: "ChildEnded" });
    await assert.rejects(connection.request("c", NOTHING), { name: "NotSent" });
    connection.notify("d");
    assert.equal(sent.length, 2);
  });
});
