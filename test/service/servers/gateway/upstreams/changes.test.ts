import assert from "node:assert/strict";
import { test } from "node:test";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import type { Upstream, UpstreamChange } from "../../../../../service/servers/gateway/upstream.ts";
import { openUpstream } from "./fixtures.ts";
import { legacyListener, startServer, type TestServer } from "./upstream-servers.ts";

/** A modern server whose resources can be subscribed to. */
function subscribable(): ReturnType<typeof createMcpHandler> {
  return createMcpHandler(() => {
    const server = new McpServer(
      { name: "modern", version: "1.0.0" },
      {
        capabilities: {
          tools: { listChanged: true },
          resources: { listChanged: true, subscribe: true },
        },
      },
    );
    server.registerTool("look", { description: "Looks." }, () => ({ content: [] }));
    server.registerResource("a", "file:///a", {}, () => ({ contents: [] }));
    server.registerResource("b", "file:///b", {}, () => ({ contents: [] }));
    return server;
  });
}

/** The changes that an upstream tells, one after the other. */
function heard(upstream: Upstream): { next(): Promise<UpstreamChange>; readonly count: number } {
  const changes: UpstreamChange[] = [];
  let wake: (() => void) | undefined;
  let count = 0;
  upstream.onChange((change) => {
    changes.push(change);
    count++;
    wake?.();
  });
  return {
    next: async () => {
      for (;;) {
        const change = changes.shift();
        if (change !== undefined) return change;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    get count() {
      return count;
    },
  };
}

/** A server that tells when so many streams of changes have been acknowledged. */
async function listened(
  server: TestServer,
  handler: ReturnType<typeof createMcpHandler>,
): Promise<{ opened(times: number): Promise<void> }> {
  const serve = toNodeHandler(handler);
  let opened = 0;
  let wake: (() => void) | undefined;
  server.become((request, response, body) => {
    if ((body as { method?: string }).method === "subscriptions/listen") {
      const write = response.write.bind(response);
      response.write = ((chunk: Uint8Array, ...rest: []) => {
        if (Buffer.from(chunk).toString().includes("acknowledged")) {
          opened++;
          wake?.();
        }
        return write(chunk, ...rest);
      }) as typeof response.write;
    }
    return serve(request, response, body);
  });
  return Promise.resolve({
    opened: async (times) => {
      while (opened < times) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  });
}

test("GIVEN a modern upstream WHEN its lists and watched resources change THEN the changes are told, and those of other resources are not", async (t) => {
  const handler = subscribable();
  const server = await startServer(t, () => undefined);
  const streams = await listened(server, handler);
  const upstream = openUpstream(t, server.url);
  const changes = heard(upstream);
  await streams.opened(1);
  handler.notify.toolsChanged();
  assert.deepEqual(await changes.next(), { kind: "listing" });
  handler.notify.resourcesChanged();
  assert.deepEqual(await changes.next(), { kind: "listing" });

  upstream.watchResources(new Set(["file:///a"]));
  await streams.opened(2);
  // What happened between two streams is not known.
  assert.deepEqual(await changes.next(), { kind: "listing" });
  assert.deepEqual(await changes.next(), { kind: "resource", uri: "file:///a" });
  handler.notify.resourceUpdated("file:///b");
  handler.notify.resourceUpdated("file:///a");
  assert.deepEqual(await changes.next(), { kind: "resource", uri: "file:///a" });
  assert.equal(changes.count, 5);
  upstream.watchResources(new Set(["file:///a"]));
  const listens = server.requests.filter(({ body }) => body.includes("subscriptions/listen"));
  assert.equal(listens.length, 2, "The same resources need no other stream.");
});

test("GIVEN resources that are wanted one after the other WHEN all of them are THEN one stream more asks for all", async (t) => {
  const server = await startServer(t, () => undefined);
  const streams = await listened(server, subscribable());
  const upstream = openUpstream(t, server.url);
  heard(upstream);
  await streams.opened(1);
  const uris = Array.from({ length: 20 }, (_, index) => `file:///${index}`);
  for (const [index] of uris.entries()) upstream.watchResources(new Set(uris.slice(0, index + 1)));
  await streams.opened(2);
  const listens = server.requests.filter(({ body }) => body.includes("subscriptions/listen"));
  assert.equal(listens.length, 2);
  assert.ok(uris.every((uri) => listens[1]?.body.includes(`"${uri}"`)));
});

test("GIVEN an upstream that is restarted WHEN it is back THEN it is listened to again, and everything counts as changed", async (t) => {
  const server = await startServer(t, () => undefined);
  const streams = await listened(server, subscribable());
  const upstream = openUpstream(t, server.url);
  const changes = heard(upstream);
  await streams.opened(1);
  await server.stop();
  const handler = subscribable();
  const again = await listened(server, handler);
  await server.again();
  await again.opened(1);
  assert.deepEqual(await changes.next(), { kind: "listing" });
  handler.notify.toolsChanged();
  assert.deepEqual(await changes.next(), { kind: "listing" });
});

test("GIVEN an upstream without streams of changes WHEN it is listened to THEN it is not asked again and again", async (t) => {
  for (const sessions of [false, true]) {
    const asked = Promise.withResolvers<undefined>();
    const legacy = legacyListener(sessions);
    const server = await startServer(t, async (request, response, body) => {
      if (request.method === "GET") {
        response.writeHead(405).end();
        asked.resolve(undefined);
        return;
      }
      await legacy(request, response, body);
      if (!sessions && JSON.stringify(body).includes("notifications/initialized"))
        asked.resolve(undefined);
    });
    const waits: number[] = [];
    const upstream = openUpstream(
      t,
      server.url,
      {},
      {
        clock: {
          now: () => Date.now(),
          after: (milliseconds) => {
            waits.push(milliseconds);
            if (milliseconds === 300_000) waited.resolve(undefined);
            return () => undefined;
          },
        },
      },
    );
    const waited = Promise.withResolvers<undefined>();
    upstream.onChange(() => undefined);
    await asked.promise;
    await waited.promise;
    assert.equal(waits.at(-1), 300_000);
  }
});
