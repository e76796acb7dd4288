import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServerContext } from "@modelcontextprotocol/server";
import { pino } from "pino";
import { callContext } from "../../../service/runtime/protocol/call-context.ts";
import type { Exchange } from "../../../service/runtime/protocol/exchange.ts";

test("GIVEN a client that does not keep up WHEN a call tells of its progress THEN that is left out until it does", async () => {
  const client = { isCongested: true };
  const told: unknown[] = [];
  const exchange: Exchange = {
    era: "modern",
    caller: undefined,
    requestId: "1",
    log: pino({ level: "silent" }),
    calls: new Map(),
    working: new Set(),
    isCongested: () => client.isCongested,
    called: true,
  };
  const request = {
    mcpReq: {
      id: 1,
      _meta: { progressToken: "p" },
      requestState: () => undefined,
      notify: (message: unknown) => Promise.resolve(told.push(message)),
      log: (level: string) => Promise.resolve(told.push(level)),
    },
  } as unknown as ServerContext;
  const context = callContext(request, exchange, new AbortController().signal);

  await context.progress({ progress: 1 });
  await context.logToClient("info", "one");
  assert.deepEqual(told, []);

  client.isCongested = false;
  await context.progress({ progress: 2 });
  await context.logToClient("info", "two");
  assert.deepEqual(told, [
    { method: "notifications/progress", params: { progressToken: "p", progress: 2 } },
    "info",
  ]);
});
