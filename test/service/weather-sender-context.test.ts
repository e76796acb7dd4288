import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createTransport } from "../../service/servers/weather/transport.ts";

test("GIVEN more callers than connections WHEN their requests are sent THEN each is sent in its own caller's context", async (t) => {
  const CALLERS = 40;
  const held: ServerResponse[] = [];
  let isFull = false;
  const server = createServer((_request, response) => {
    held.push(response);
    // As many as there are connections: the other callers wait for one.
    isFull ||= held.length === 16;
    if (isFull) for (const each of held.splice(0)) each.end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;

  const caller = new AsyncLocalStorage<string>();
  const sent: [path: string, caller: string | undefined][] = [];
  const onCreate = (message: unknown): void => {
    const { request } = message as { request: { path: string } };
    sent.push([request.path, caller.getStore()]);
  };
  subscribe("undici:request:create", onCreate);
  t.after(() => unsubscribe("undici:request:create", onCreate));

  const transport = createTransport({
    baseUrl: new URL(`http://127.0.0.1:${port}`),
    userAgent: "tests/1.0 (tests@example.com)",
  });
  t.after(() => transport.close());
  const { signal } = new AbortController();
  const names = Array.from({ length: CALLERS }, (_, index) => String(index));
  await Promise.all(
    names.map((name) => caller.run(name, () => transport.getJson(`/${name}`, { signal }))),
  );
  assert.equal(sent.length, CALLERS);
  assert.deepEqual(
    sent,
    sent.map(([path]) => [path, path.slice(1)]),
  );
});
