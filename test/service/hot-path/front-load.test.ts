import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { describe, test, type TestContext } from "node:test";
import type { ServerDefinition } from "../../../service/runtime/server.ts";
import { defineTool } from "../../../service/runtime/tool.ts";
import { connectRaw, type RawClient } from "../limits/raw-client.ts";
import { fakeRelay, type FakeRelay } from "./fake-relay.ts";
import { settled, startFront, startRouter, type Way } from "./two-ways.ts";
import { called } from "./wire.ts";

const WAYS = [
  { named: "the front", start: startFront },
  { named: "the router alone", start: startRouter },
] as const;

const connect = (context: TestContext, { port }: Way): Promise<RawClient> =>
  connectRaw(context, port);

/** A relay whose calls are held until they are let go. */
function holdingRelay(): {
  readonly relay: FakeRelay;
  readonly letGo: () => void;
  readonly begun: (count: number) => Promise<void>;
} {
  const relay = fakeRelay();
  const events = new EventEmitter();
  const held = Promise.withResolvers<Record<string, unknown>>();
  relay.send = async (request, context) => {
    relay.received.push({ request, context });
    events.emit("begun");
    return request.params["name"] === "hangs" ? held.promise : { content: [] };
  };
  return {
    relay,
    letGo: () => {
      held.resolve({ content: [] });
    },
    begun: async (count) => {
      while (relay.received.length < count) await once(events, "begun");
    },
  };
}

const SMALL = { MAX_ONGOING_REQUESTS: "1", REQUEST_TIMEOUT_SECONDS: "1" };

for (const { named, start } of WAYS) {
  describe(`GIVEN a replica with room for one call, by ${named}`, () => {
    const begin = async (
      context: TestContext,
      environment: Record<string, string> = SMALL,
    ): Promise<
      ReturnType<typeof holdingRelay> & { readonly way: Way; readonly first: RawClient }
    > => {
      const held = holdingRelay();
      const definition: Partial<ServerDefinition> = { start: () => ({ relay: held.relay }) };
      const way = await start(context, definition, environment);
      const first = await connect(context, way);
      first.socket.write(called("hangs").join(""));
      await held.begun(1);
      return { ...held, way, first };
    };

    test("WHEN another one comes THEN 503 with the id of its trace, and a line", async (context) => {
      const { way } = await begin(context);
      const { socket, closed } = await connect(context, way);
      socket.write(called("echo", ["Connection: close"]).join(""));
      const body =
        '{"jsonrpc":"2.0","error":{"code":-32000,"message":"This replica is working on as many requests as it takes. Try again."},"id":null}';
      assert.equal(
        settled(await closed()),
        `HTTP/1.1 503 Service Unavailable\r\nX-Request-Id: of-the-test\r\nRetry-After: 1\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${body.length}\r\nDate: now\r\nConnection: close\r\n\r\n${body}`,
      );
      assert.deepEqual(
        way.lines
          .filter(({ msg }) => msg === "request refused")
          .map(({ status, reason, requestId }) => [status, reason, requestId]),
        [[503, "overloaded", "of-the-test"]],
      );
    });

    test("WHEN the head of another one comes THEN 503 before its body, which may never come", async (context) => {
      const { way } = await begin(context);
      const { socket, received } = await connect(context, way);
      socket.write(called("echo")[0]);
      assert.match(await received(/^HTTP\/1\.1 \d+ /u), /^HTTP\/1\.1 503 /u);
    });

    test("WHEN its client leaves while the relay is deaf to that THEN the call keeps its room until the relay is done", async (context) => {
      const { way, first, letGo, relay } = await begin(context);
      first.socket.resetAndDestroy();
      await once(relay.received[0]?.context.signal ?? new EventTarget(), "abort");
      const second = await connect(context, way);
      second.socket.write(called("echo").join(""));
      assert.match(await second.received(/\r\n\r\n.*\}$/u), /^HTTP\/1\.1 503 /u);
      letGo();
      // What has waited for the relay comes first.
      await new Promise((resolve) => setImmediate(resolve));
      second.socket.write(called("echo", ["Connection: close"]).join(""));
      assert.match(await second.closed(), /\nHTTP\/1\.1 200 OK|\}HTTP\/1\.1 200 OK/u);
    });

    test("WHEN the replica drains THEN the answer says that the connection closes", async (context) => {
      const { way, first, letGo } = await begin(context);
      const drained = way.drain();
      // By then all connections have been told.
      await new Promise((resolve) => setImmediate(resolve));
      letGo();
      assert.match(await first.closed(), /^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)*Connection: close\r\n/u);
      await drained;
    });
  });

  describe(`GIVEN a relay that finds out first what it offers, by ${named}`, () => {
    test("WHEN the client leaves meanwhile THEN nothing is passed on, and the room is free", async (context) => {
      const relay = fakeRelay();
      const events = new EventEmitter();
      const preparing = Promise.withResolvers<undefined>();
      relay.offered = { ...relay.offered, tools: [] };
      const prepared = Object.assign(relay, {
        prepare: () => {
          events.emit("preparing");
          return preparing.promise;
        },
      });
      const way = await start(context, { start: () => ({ relay: prepared }) }, SMALL);
      const first = await connect(context, way);
      const asked = once(events, "preparing");
      first.socket.write(called("echo").join(""));
      await asked;
      relay.offered = fakeRelay().offered;
      first.socket.resetAndDestroy();
      await first.closed();
      // The server hears of it by another event of its loop.
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      preparing.resolve(undefined);
      const second = await connect(context, way);
      second.socket.write(called("echo", ["Connection: close"]).join(""));
      assert.match(await second.closed(), /^HTTP\/1\.1 200 OK/u);
      assert.equal(relay.received.length, 1);
    });

    test("WHEN it rejects, or offers no such tool THEN the router answers with the same body", async (context) => {
      const relay = Object.assign(fakeRelay(), {
        prepare: () => Promise.reject(new Error("out of reach")),
      });
      const way = await start(context, { start: () => ({ relay }) }, SMALL);
      const { socket, closed } = await connect(context, way);
      socket.write(called("nope", ["Connection: close"]).join(""));
      assert.match(await closed(), /^HTTP\/1\.1 \d+ [^]*"id":1[^]*-32602|-32602[^]*"id":1/u);
    });
  });

  describe(`GIVEN an author's definition whose lists are read anew, by ${named}`, () => {
    test("WHEN reading one throws THEN 500, and the process goes on", async (context) => {
      const echo = defineTool({ name: "echo", description: "Says it.", run: () => "Done." });
      let isBroken = false;
      const definition = {
        get tools() {
          if (isBroken) throw new Error("out of order");
          return [echo];
        },
      };
      const way = await start(context, { start: () => definition }, SMALL);
      isBroken = true;
      const first = await connect(context, way);
      first.socket.write(called("echo", ["Connection: close"]).join(""));
      assert.match(await first.closed(), /^HTTP\/1\.1 500 [^]*Internal server error/u);
      isBroken = false;
      const second = await connect(context, way);
      second.socket.write(called("echo", ["Connection: close"]).join(""));
      assert.match(await second.closed(), /^HTTP\/1\.1 200 OK/u);
    });
  });
}
