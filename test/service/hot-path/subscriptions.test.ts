import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { messagesOf } from "./relay-endpoint.ts";
import { listen, startListenEndpoint, type ListenEndpoint } from "./subscriptions-endpoint.ts";

const ACKNOWLEDGED = "notifications/subscriptions/acknowledged";
const CHANGED = "notifications/tools/list_changed";
const UPDATED = "notifications/resources/updated";
const COMPLETE = {
  jsonrpc: "2.0",
  id: 1,
  result: {
    resultType: "complete",
    _meta: {
      "io.modelcontextprotocol/subscriptionId": 1,
      "io.modelcontextprotocol/serverInfo": { name: "listen", title: "Listen", version: "1.2.3" },
    },
  },
};

const messagesIn = (body: string): readonly unknown[] =>
  messagesOf({ headers: { "content-type": "text/event-stream" }, body });

for (const hotPath of [true, false]) {
  const start = (
    context: TestContext,
    environment: Record<string, string> = {},
  ): Promise<ListenEndpoint> => startListenEndpoint(context, { hotPath, environment });

  describe(`GIVEN subscriptions ${hotPath ? "on the hot path" : "behind the SDK"}`, () => {
    test("WHEN clients want to know of resources THEN the relay is told which, and what it says of them reaches these clients", async (context) => {
      const started = await start(context);
      const { relay, endpoint } = started;
      const { watchResources } = relay;
      let resolve = (): void => undefined;
      relay.watchResources = (uris) => {
        watchResources(uris);
        resolve();
      };
      const { outgoing, until } = await listen(started, {
        resourceSubscriptions: ["docs://guide", "docs://other"],
      });
      await until(ACKNOWLEDGED);
      assert.deepEqual(relay.watched, [new Set(["docs://guide", "docs://other"])]);
      endpoint.changes.resourceUpdated("docs://guide");
      assert.match(await until(UPDATED), /docs:\/\/guide/u);
      const unwatched = new Promise<void>((done) => {
        resolve = done;
      });
      outgoing.destroy();
      await unwatched;
      assert.deepEqual(relay.watched.at(-1), new Set());
    });

    test("WHEN tools change THEN clients that subscribed are told, and no resource is watched", async (context) => {
      const started = await start(context);
      const { until } = await listen(started, { toolsListChanged: true });
      await until(ACKNOWLEDGED);
      started.endpoint.changes.toolsChanged();
      assert.match(await until(CHANGED), /"io.modelcontextprotocol\/subscriptionId":1/u);
      assert.deepEqual(started.relay.watched, []);
    });

    test("WHEN nothing happens THEN comments keep the stream alive", async (context) => {
      const started = await start(context, { STREAM_KEEP_ALIVE_SECONDS: "1" });
      const { until } = await listen(started, { toolsListChanged: true });
      await until(ACKNOWLEDGED);
      assert.equal(await until("\n\n"), ": keepalive\n\n");
    });

    test("WHEN the replica is drained THEN streams end gracefully after all that happened, and no more are taken", async (context) => {
      const started = await start(context);
      const { endpoint } = started;
      const { ended, until } = await listen(started, { toolsListChanged: true });
      await until(ACKNOWLEDGED);
      endpoint.changes.toolsChanged();
      await endpoint.endSubscriptions();
      const [, changed, ...rest] = messagesIn(await ended);
      assert.equal((changed as { method: string }).method, CHANGED);
      assert.deepEqual(rest, [COMPLETE]);
      const { response } = await listen(started, { toolsListChanged: true });
      assert.deepEqual([response.statusCode, response.headers["retry-after"]], [503, "1"]);
    });

    test("WHEN as many are open as a replica takes THEN the next is refused until one has ended, which is logged", async (context) => {
      const started = await start(context, { MAX_SUBSCRIPTIONS: "1" });
      const first = await listen(started, { toolsListChanged: true });
      await first.until(ACKNOWLEDGED);
      assert.equal((await listen(started, { toolsListChanged: true })).response.statusCode, 503);
      const logged = started.logged("subscription ended");
      // The one that was refused has logged its end, too, before its answer was here.
      first.outgoing.destroy();
      assert.equal(typeof (await logged)["durationMilliseconds"], "number");
      while ((await listen(started, { toolsListChanged: true })).response.statusCode === 503);
    });

    test("WHEN nine tenths of the longest call are over THEN the stream ends gracefully", async (context) => {
      const started = await start(context, { CALL_TIMEOUT_SECONDS: "1" });
      const streams = [
        await listen(started, { toolsListChanged: true }),
        await listen(started, { promptsListChanged: true }),
      ];
      for (const { ended } of streams) assert.deepEqual(messagesIn(await ended).at(-1), COMPLETE);
    });

    test("WHEN the relay breaks THEN the client is told that it is no fault of its own", async (context) => {
      const started = await start(context);
      started.relay.offers = () => {
        throw new Error("password=hunter2");
      };
      const { response, ended } = await listen(started, { toolsListChanged: true });
      assert.equal(response.statusCode, 500);
      assert.doesNotMatch(await ended, /hunter2/u);
    });

    test("WHEN a client of the SDK listens THEN it hears of changes, and of the end", async (context) => {
      const started = await start(context);
      const client = new Client(
        { name: "v2", version: "1" },
        { versionNegotiation: { mode: { pin: "2026-07-28" } } },
      );
      context.after(() => client.close());
      const heard = Promise.withResolvers<string>();
      client.setNotificationHandler("notifications/resources/updated", ({ params: { uri } }) => {
        heard.resolve(uri);
      });
      await client.connect(new StreamableHTTPClientTransport(started.url));
      const filter = { toolsListChanged: true, resourceSubscriptions: ["docs://guide"] };
      const subscription = await client.listen(filter);
      assert.deepEqual(subscription.honoredFilter, filter);
      started.endpoint.changes.resourceUpdated("docs://guide");
      assert.equal(await heard.promise, "docs://guide");
      await started.endpoint.endSubscriptions();
      assert.equal(await subscription.closed, "graceful");
    });
  });
}

test("GIVEN a server that announces no changes WHEN a client subscribes to a resource THEN the relay is not told", async (context) => {
  const started = await startListenEndpoint(context, { hotPath: true, announcesChanges: false });
  await (
    await listen(started, { resourceSubscriptions: ["docs://guide"] })
  ).ended;
  assert.deepEqual(started.relay.watched, []);
});

test("GIVEN a client that does not read WHEN more waits for it than it should learn at once THEN its stream is cut, and others go on", async (context) => {
  const started = await startListenEndpoint(context, { hotPath: true });
  const uris = Array.from({ length: 64 }, (_, index) => `docs://${index}/${"x".repeat(2000)}`);
  const slow = await listen(started, { resourceSubscriptions: uris });
  const quick = await listen(started, { toolsListChanged: true, resourceSubscriptions: uris });
  await slow.until(ACKNOWLEDGED);
  slow.response.pause();
  const slowly = { isOver: false };
  void started.logged("subscription ended").then(() => (slowly.isOver = true));
  // 64 MB: more than the system holds for a connection.
  for (let round = 0; !slowly.isOver; round++) {
    assert.ok(round < 500, "the stream is still open");
    for (const uri of uris) started.endpoint.changes.resourceUpdated(uri);
    await quick.until("docs://63/");
  }
  started.endpoint.changes.toolsChanged();
  await quick.until(CHANGED);
  slow.response.resume();
  assert.doesNotMatch(await slow.ended, /"resultType"/u);
});
