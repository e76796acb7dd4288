/** What changes at servers of SDKs, as clients of a gateway hear of it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { promisify } from "node:util";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { startGatewayProcess, upstreamsFile } from "./gateway-process.ts";
import { listen, openStream } from "./gateway-streams.ts";
import { startSdkUpstream, toolsOf } from "./gateway-upstreams.ts";

const run = promisify(execFile);

for (const kind of ["modern", "sessions"] as const) {
  test(
    `GIVEN an upstream of kind \`${kind}\` and a client that listens WHEN a resource changes and a tool is added THEN the client hears of both, and finds the tool`,
    { timeout: 120_000 },
    async (t) => {
      const upstream = await startSdkUpstream(kind);
      t.after(() => upstream.close());
      const file = await upstreamsFile(t, { one: { url: upstream.url } });
      const gateway = await startGatewayProcess(t, file);
      const heard = new EventEmitter();
      const client = new Client(
        { name: "e2e", version: "1" },
        { versionNegotiation: { mode: { pin: "2026-07-28" } } },
      );
      client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
        heard.emit("resource", params.uri);
      });
      client.setNotificationHandler("notifications/tools/list_changed", () => {
        heard.emit("tools");
      });
      await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url)));
      const subscribed = once(upstream.events, "subscribed");
      const subscription = await client.listen({
        toolsListChanged: true,
        resourceSubscriptions: [upstream.guide],
      });
      assert.deepEqual(subscription.honoredFilter, {
        toolsListChanged: true,
        resourceSubscriptions: [upstream.guide],
      });
      await subscribed;

      const updated = once(heard, "resource");
      upstream.touch();
      assert.deepEqual(await updated, [upstream.guide]);

      const listed = toolsOf(kind).map((name) => `one__${name}`);
      const names = async (): Promise<string[]> =>
        (await client.listTools()).tools.map(({ name }) => name).sort();
      assert.deepEqual(await names(), [...listed].sort());
      let changed = once(heard, "tools");
      upstream.grow();
      while (!(await names()).includes("one__more_0")) {
        await changed;
        changed = once(heard, "tools");
      }
      assert.deepEqual(await names(), [...listed, "one__more_0"].sort());
      await subscription.close();
      await client.close();
    },
  );
}

const MANY = 500;

test(
  `GIVEN ${MANY} clients that listen at one replica WHEN a tool is added THEN all of them hear of it, calls go on, and the replica stays small`,
  { timeout: 120_000 },
  async (t) => {
    const upstream = await startSdkUpstream("modern");
    t.after(() => upstream.close());
    const file = await upstreamsFile(t, { one: { url: upstream.url } });
    const gateway = await startGatewayProcess(t, file);
    const streams = await Promise.all(
      Array.from({ length: MANY }, () =>
        openStream(gateway.url, listen({ toolsListChanged: true })),
      ),
    );
    t.after(() => {
      for (const stream of streams) stream.close();
    });
    await Promise.all(
      streams.map((stream) => stream.until("notifications/subscriptions/acknowledged")),
    );
    upstream.grow();
    await Promise.all(streams.map((stream) => stream.until("notifications/tools/list_changed")));
    const { stdout } = await run("ps", ["-o", "rss=", "-p", String(gateway.pid)]);
    const mebibytes = Number(stdout) / 1024;
    assert.ok(mebibytes > 0 && mebibytes < 400, `${mebibytes} MiB`);
  },
);
