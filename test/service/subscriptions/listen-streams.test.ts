/** Many streams at once, with responses that go nowhere. */
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { Writable } from "node:stream";
import { describe, test, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { DescribedServer } from "../../../service/runtime/subscriptions/described-server.ts";
import { ListenStreams } from "../../../service/runtime/subscriptions/listen-streams.ts";

const SERVER: DescribedServer = {
  capabilities: {
    tools: { listChanged: true },
    resources: { listChanged: true, subscribe: true },
  },
  serverInfo: { name: "listen", version: "1" },
};

const WRITES_PER_TURN = 64;

/** What streams use of a response. */
class FakeResponse extends Writable {
  readonly req = { socket: { destroyed: false } };
  readonly told: string[] = [];

  writeHead(): void {
    this.told.push("head");
  }

  flushHeaders(): void {
    this.told.push("flush");
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.told.push(chunk.toString());
    done();
  }

  /** The methods of what was told, and `:` for comments. */
  get heard(): readonly string[] {
    return this.told
      .slice(2)
      .map((text) => /"method":"(?<name>[^"]*)"|"resultType":"complete"|^:/u.exec(text))
      .map((found) => found?.groups?.["name"] ?? (found?.[0] === ":" ? ":" : "complete"));
  }
}

function start(
  context: TestContext,
  options: { quietMilliseconds?: number; lifetimeMilliseconds?: number } = {},
) {
  const watched: (readonly string[])[] = [];
  const streams = new ListenStreams({
    quietMilliseconds: 3_600_000,
    lifetimeMilliseconds: 3_600_000,
    watched: {
      add: (uris) => watched.push(["+", ...uris]),
      remove: (uris) => watched.push(["-", ...uris]),
      has: (uri) => uri !== "docs://unwatched",
    },
    ...options,
  });
  context.after(() => streams.close());
  const open = (filter: Parameters<typeof streams.open>[1]["filter"]): FakeResponse => {
    const response = new FakeResponse();
    streams.open(response as unknown as ServerResponse, { id: "a", filter }, SERVER);
    return response;
  };
  return { streams, open, watched };
}

const ACKNOWLEDGED = "notifications/subscriptions/acknowledged";
const CHANGED = "notifications/tools/list_changed";
const UPDATED = "notifications/resources/updated";

describe("GIVEN streams that want to know of tools", () => {
  test("WHEN these change THEN some are told in each turn, until all have been", async (context) => {
    const { streams, open } = start(context);
    const responses = Array.from({ length: 200 }, () => open({ toolsListChanged: true }));
    streams.publish({ kind: "tools_list_changed" });
    const counts = [];
    const told = (): number => responses.filter(({ heard }) => heard.includes(CHANGED)).length;
    while (told() < responses.length) {
      counts.push(told());
      await turn();
    }
    assert.deepEqual(counts, [0, WRITES_PER_TURN, 2 * WRITES_PER_TURN, 3 * WRITES_PER_TURN]);
    for (const { heard } of responses) assert.deepEqual(heard, [ACKNOWLEDGED, CHANGED]);
  });

  test("WHEN these change twice before anybody heard of it THEN that is said once, after what happened in between", async (context) => {
    const { streams, open } = start(context);
    const first = open({ toolsListChanged: true, resourceSubscriptions: ["docs://a"] });
    streams.publish({ kind: "tools_list_changed" });
    const second = open({ toolsListChanged: true, resourceSubscriptions: ["docs://a"] });
    streams.publish({ kind: "resource_updated", uri: "docs://a" });
    streams.publish({ kind: "tools_list_changed" });
    await streams.close();
    for (const { heard } of [first, second])
      assert.deepEqual(heard, [ACKNOWLEDGED, UPDATED, CHANGED, "complete"]);
  });

  test("WHEN one is opened after a change THEN it is not told of it, even if others still are", async (context) => {
    const { streams, open } = start(context);
    const before = Array.from({ length: 100 }, () => open({ toolsListChanged: true }));
    streams.publish({ kind: "tools_list_changed" });
    await turn();
    const after = open({ toolsListChanged: true });
    await streams.close();
    for (const { heard } of before) assert.deepEqual(heard, [ACKNOWLEDGED, CHANGED, "complete"]);
    assert.deepEqual(after.heard, [ACKNOWLEDGED, "complete"]);
    assert.equal(streams.size, 0);
  });

  test("WHEN one has left THEN it is not written to, and others are", async (context) => {
    const { streams, open } = start(context);
    const [left, stays] = [open({ toolsListChanged: true }), open({ toolsListChanged: true })];
    left.req.socket.destroyed = true;
    streams.publish({ kind: "tools_list_changed" });
    await streams.close();
    assert.deepEqual(left.heard, [ACKNOWLEDGED]);
    assert.deepEqual(stays.heard, [ACKNOWLEDGED, CHANGED, "complete"]);
  });
});

describe("GIVEN streams with resources", () => {
  test("WHEN they come and go THEN their resources are watched as long as they are open", async (context) => {
    const { streams, open, watched } = start(context);
    const first = open({ resourceSubscriptions: ["docs://a", "docs://a"] });
    open({ resourceSubscriptions: ["docs://b"] });
    await new Promise((resolve) => first.destroy().once("close", resolve));
    assert.deepEqual(watched, [
      ["+", "docs://a"],
      ["+", "docs://b"],
      ["-", "docs://a"],
    ]);
    assert.equal(streams.size, 1);
    await streams.close();
    assert.deepEqual(watched.at(-1), ["-", "docs://b"]);
  });

  test("WHEN one changes that nobody watches THEN no turn is spent on it", async (context) => {
    const { streams, open } = start(context);
    // What says what is watched is asked before any stream is looked at.
    const response = open({ resourceSubscriptions: ["docs://unwatched"] });
    streams.publish({ kind: "resource_updated", uri: "docs://unwatched" });
    await streams.close();
    assert.deepEqual(response.heard, [ACKNOWLEDGED, "complete"]);
  });

  test("WHEN there is nothing that a stream can be told of THEN it ends at once", (context) => {
    const { streams, open } = start(context);
    for (const filter of [{}, { promptsListChanged: true }, { resourceSubscriptions: [] }])
      assert.deepEqual(open(filter).heard, [ACKNOWLEDGED, "complete"]);
    assert.equal(streams.size, 0);
  });
});

describe("GIVEN streams on which nothing happens", () => {
  test("WHEN the time is over in which something must be said THEN each has had its comment, not all in the same turn, and those that left are forgotten", (context) => {
    context.mock.timers.enable({ apis: ["setInterval"] });
    const { streams, open } = start(context, { quietMilliseconds: 1600 });
    const responses = Array.from({ length: 160 }, () => open({ toolsListChanged: true }));
    const [left, ...others] = responses;
    if (left !== undefined) left.req.socket.destroyed = true;
    const commented = (): number => responses.filter(({ heard }) => heard.includes(":")).length;
    context.mock.timers.tick(100);
    assert.equal(commented(), 9);
    context.mock.timers.tick(1500);
    assert.equal(commented(), 159);
    context.mock.timers.tick(1600);
    for (const { heard } of others) assert.deepEqual(heard, [ACKNOWLEDGED, ":", ":"]);
    assert.deepEqual(left?.heard, [ACKNOWLEDGED]);
    assert.equal(streams.size, 159);
  });

  test("WHEN their time is over THEN they end, the oldest first, each with its own time", async (context) => {
    const { open, streams } = start(context, { lifetimeMilliseconds: 30 });
    const ended: string[] = [];
    const all = Array.from({ length: 100 }, (_, index) => {
      const response = open({ toolsListChanged: true });
      return new Promise<void>((resolve) => {
        response.once("finish", () => {
          ended.push(String(index));
          resolve();
        });
      });
    });
    await Promise.all(all);
    assert.deepEqual(
      ended,
      Array.from({ length: 100 }, (_, index) => String(index)),
    );
    assert.equal(streams.size, 0);
    const later = open({ toolsListChanged: true });
    await new Promise((resolve) => later.once("finish", resolve));
    assert.deepEqual(later.heard, [ACKNOWLEDGED, "complete"]);
  });
});
