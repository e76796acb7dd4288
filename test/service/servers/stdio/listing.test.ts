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
    reply: () => undefined,
    notified: () => undefined,
    noise: () => undefined,
  });
  return fetchOffers(connection, {
    era: "modern",
    protocolVersion: "2026-07-28",
    capabilities: { tools: {}, resources: {}, completions: {} },
  });
}

const TOO_LONG = {
  message:
    "The stdio server's `tools/list` has more than 100 pages, 10000 entries or 16777216 characters.",
};

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
      { message: "The stdio server gave the same page of `tools/list` twice." },
    );
    let page = 0;
    await assert.rejects(
      offersOf(() => ({ tools: [], nextCursor: String(page++) })),
      TOO_LONG,
    );
  });

  test("WHEN there are a hundred pages of a hundred entries THEN all are read; WHEN there is one entry more THEN that is an error", async () => {
    const pages = (last: readonly Message[]) => (method: string, cursor: unknown) => {
      if (method !== "tools/list") return undefined;
      const page = Number(cursor ?? 0);
      const tools = Array.from({ length: 100 }, (_, at) => ({ name: `tool-${page}-${at}` }));
      return page === 99 ? { tools: [...tools, ...last] } : { tools, nextCursor: `${page + 1}` };
    };

    assert.equal((await offersOf(pages([]))).tools.length, 10_000);
    await assert.rejects(offersOf(pages([{ name: "more" }])), TOO_LONG);
  });

  test("WHEN pages are of more characters than a line may have THEN that is an error", async () => {
    const description = "x".repeat(8 * 1024 * 1024);
    await assert.rejects(
      offersOf((_method, cursor) =>
        cursor === undefined
          ? { tools: [{ name: "first", description }], nextCursor: "next" }
          : { tools: [{ name: "second", description }] },
      ),
      TOO_LONG,
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
