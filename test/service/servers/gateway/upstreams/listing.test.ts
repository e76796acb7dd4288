import assert from "node:assert/strict";
import { test } from "node:test";
import { RelayError, type JsonObject } from "../../../../../service/runtime/relay.ts";
import { readListing } from "../../../../../service/servers/gateway/upstreams/mcp/listing.ts";
import { recordingLog } from "../../../telemetry/fixtures.ts";
import { surroundingsOfTests } from "./fixtures.ts";

const surroundings = { log: surroundingsOfTests.log, random: () => 0.5 };
const DISCOVERED = { ttlMs: 9000, cacheScope: "public" };

function modern(capabilities: JsonObject): Parameters<typeof readListing>[0] {
  return { capabilities, instructions: undefined, discovered: DISCOVERED };
}

test("GIVEN lists of several pages WHEN they are read THEN they come whole and in order, side by side, with the least time to live", async () => {
  const asked: string[] = [];
  const listing = await readListing(
    modern({ tools: {}, resources: {}, prompts: {}, completions: {} }),
    async (method, { cursor }) => {
      asked.push(`${method} ${String(cursor)}`);
      await Promise.resolve();
      const hints = { ttlMs: method === "prompts/list" ? 0 : 4000, cacheScope: "public" };
      if (method === "tools/list") {
        return cursor === undefined
          ? { ...hints, tools: [{ name: "b", extra: 1 }, { name: "a" }], nextCursor: "2" }
          : { ...hints, tools: [{ name: "c" }, { nameless: true }, "rubbish"] };
      }
      if (method === "resources/templates/list")
        throw new RelayError("Method not found", { code: -32601, outcome: "protocol_error" });
      return method === "prompts/list"
        ? { ...hints, prompts: [{ name: "p" }] }
        : { ...hints, resources: [{ uri: "file:///r" }] };
    },
    surroundings,
  );
  assert.deepEqual(listing, {
    tools: [{ name: "b", extra: 1 }, { name: "a" }, { name: "c" }],
    resources: [{ uri: "file:///r" }],
    resourceTemplates: [],
    prompts: [{ name: "p" }],
    completions: true,
    ttlMilliseconds: 4000,
    cacheScope: "public",
  });
  assert.deepEqual(asked.slice(0, 4), [
    "tools/list undefined",
    "resources/list undefined",
    "resources/templates/list undefined",
    "prompts/list undefined",
  ]);
});

test("GIVEN one page that is private WHEN lists are read THEN all of them are", async () => {
  for (const cacheScope of ["private", undefined, "rubbish"]) {
    const listing = await readListing(
      modern({ tools: {} }),
      (_method, { cursor }) =>
        Promise.resolve(
          cursor === undefined
            ? { tools: [], cacheScope: "public", nextCursor: "2" }
            : { tools: [], cacheScope },
        ),
      surroundings,
    );
    assert.equal(listing.cacheScope, "private");
  }
});

test("GIVEN a list that never ends WHEN it is read THEN it is given up", async () => {
  let pages = 0;
  const endless = (entries: number, cursor: () => string) => (): Promise<JsonObject> => {
    pages++;
    const tools = Array.from({ length: entries }, (_, index) => ({ name: String(index) }));
    return Promise.resolve({ tools, nextCursor: cursor() });
  };
  for (const [ask, most] of [
    [endless(1, () => String(pages)), 100],
    [endless(1, () => "the same"), 2],
    [endless(4000, () => String(pages)), 3],
  ] as const) {
    pages = 0;
    await assert.rejects(readListing(modern({ tools: {} }), ask, surroundings), {
      reason: "invalid_answer",
    });
    assert.equal(pages, most);
  }
});

test("GIVEN an answer without a list WHEN it is read THEN it is rubbish", async () => {
  for (const tools of [undefined, null, {}, "tools"]) {
    await assert.rejects(
      readListing(modern({ tools: {} }), () => Promise.resolve({ tools }), surroundings),
      { reason: "invalid_answer", message: "answered `tools/list` without `tools`" },
    );
  }
});

test("GIVEN entries that nobody could use WHEN they are read THEN they are left out, with one line in the log, and the others stay", async () => {
  let inputSchema: JsonObject = { type: "object" };
  for (let level = 0; level < 100_000; level++) inputSchema = { items: inputSchema };
  const { log, lines } = recordingLog();
  const listing = await readListing(
    modern({ tools: {} }),
    () => Promise.resolve({ tools: [{ name: "deep", inputSchema }, { name: "flat" }, {}, 1] }),
    { ...surroundings, log },
  );
  assert.deepEqual(listing.tools, [{ name: "flat" }]);
  assert.deepEqual(
    lines.map(({ method, entries }) => [method, entries]),
    [["tools/list", 3]],
  );
});

test("GIVEN pages that are longer together than one answer may be WHEN they are read THEN the list is given up", async () => {
  const description = "a".repeat(6 * 1024 * 1024);
  let pages = 0;
  const ask = (): Promise<JsonObject> => {
    pages++;
    return Promise.resolve({ tools: [{ name: `n${pages}`, description }], nextCursor: `${pages}` });
  };
  await assert.rejects(readListing(modern({ tools: {} }), ask, surroundings), {
    reason: "invalid_answer",
  });
  assert.equal(pages, 3);
});
