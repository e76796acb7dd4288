import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Offers } from "../../../../service/runtime/relay.ts";
import { createConnection } from "../../../../service/servers/stdio/connection.ts";
import { fetchOffers } from "../../../../service/servers/stdio/listing.ts";
import { VirtualClock } from "../../../local/virtual-clock.ts";
import type { Message } from "./scripted-process.ts";

/** Reads the lists of a server of 2026-07-28. @param page gives a page for a method and a cursor; undefined where the method is not known. */
function offersOf(page: (method: string, cursor: unknown) => Message | undefined): Promise<Offers> {
  const connection = createConnection({
    clock: new VirtualClock(),
    write: (line) => {
      const { id, method, params } = JSON.parse(line) as Message & { params: Message };
      const result = page(String(method), params["cursor"]);
      const body =
        result === undefined ? { error: { code: -32601, message: "Unknown." } } : { result };
      queueMicrotask(() => {
        connection.receive(JSON.stringify({ id, ...body }));
      });
    },
    notified: () => undefined,
    noise: () => undefined,
  });
  return fetchOffers(connection, {
    era: "modern",
    protocolVersion: "2026-07-28",
    capabilities: { tools: {}, resources: {}, completions: {} },
  });
}

const PUBLIC = { ttlMs: 5000, cacheScope: "public" };

describe("GIVEN the lists of a child", () => {
  test("WHEN they have pages THEN all are read, and the strictest cache hint holds", async () => {
    const asked: string[] = [];
    const offers = await offersOf((method, cursor) => {
      asked.push(`${method} ${String(cursor)}`);
      if (method === "resources/templates/list") return undefined;
      if (method === "resources/list") return { resources: [{ uri: "a://b" }], ...PUBLIC };
      return cursor === undefined
        ? { tools: [{ name: "a" }, { name: "b" }], nextCursor: "2", ...PUBLIC }
        : {
            tools: [{ name: "a", again: true }, "no tool", {}, { name: "c" }],
            ...PUBLIC,
            ttlMs: 9,
          };
    });
    assert.deepEqual(asked, [
      "tools/list undefined",
      "resources/list undefined",
      "resources/templates/list undefined",
      "tools/list 2",
    ]);
    assert.deepEqual(offers, {
      tools: [{ name: "a" }, { name: "b" }, { name: "c" }],
      resources: [{ uri: "a://b" }],
      resourceTemplates: [],
      prompts: [],
      completions: true,
      cache: { ttlMs: 9, cacheScope: "public" },
    });
  });

  test("WHEN pages have no end THEN that is an error", async () => {
    await assert.rejects(
      offersOf(() => ({ tools: [], nextCursor: "same" })),
      /has no last page/u,
    );
    let page = 0;
    await assert.rejects(
      offersOf(() => ({ tools: [], nextCursor: String(page++) })),
      /has no last page/u,
    );
  });

  test("WHEN an entry is nested so deep that no client could read it THEN the list is refused, and the entry named", async () => {
    let inputSchema: Message = {};
    for (let level = 0; level < 200; level += 1) inputSchema = { items: inputSchema };
    await assert.rejects(
      offersOf(() => ({ tools: [{ name: "deep", inputSchema }] })),
      /`tools\/list` has an entry that is nested deeper than 120 levels: `deep`/u,
    );
  });
});
