import type { CacheHint } from "@modelcontextprotocol/server";
import { DEEPEST_ENTRY, isDeeperThan } from "../../runtime/limits/nesting.ts";
import type { JsonObject, Offers } from "../../runtime/relay.ts";
import type { Connection } from "./connection.ts";
import { AnswerError } from "./failures.ts";
import type { Handshake } from "./handshake.ts";
import { isObject, stringOf } from "./messages.ts";
import { ownParams } from "./protocol.ts";

const METHOD_NOT_FOUND = -32601;

/** How long one page of a list may take, in milliseconds. */
const PAGE_MILLISECONDS = 30_000;

/** As of what a gateway reads: no list that anybody can use is longer, and one without an end must not fill the memory. */
const MOST_PAGES = 100;
const MOST_ENTRIES = 10_000;
/** As JSON: what one line may have by default, so that pages are no way around it. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

/** As of the runtime's own servers: long enough that clients need not ask before every call, short enough for a rollout. */
const LEGACY_CACHE: Required<CacheHint> = { ttlMs: 60_000, cacheScope: "private" };

/** A list of the protocol: its method, its field, and what tells its items apart. */
interface Kind {
  readonly method: string;
  readonly field: "tools" | "resources" | "resourceTemplates" | "prompts";
  readonly capability: string;
  readonly key: string;
}

const KINDS: readonly Kind[] = [
  { method: "tools/list", field: "tools", capability: "tools", key: "name" },
  { method: "resources/list", field: "resources", capability: "resources", key: "uri" },
  {
    method: "resources/templates/list",
    field: "resourceTemplates",
    capability: "resources",
    key: "uriTemplate",
  },
  { method: "prompts/list", field: "prompts", capability: "prompts", key: "name" },
];

/** All pages of a list. */
interface List {
  readonly items: readonly JsonObject[];
  readonly cache: Required<CacheHint>;
}

/**
 * Asks a child for everything that it offers, all pages of it.
 *
 * @throws where it does not answer, or without an end.
 */
export async function fetchOffers(connection: Connection, handshake: Handshake): Promise<Offers> {
  const { capabilities, instructions, server, era } = handshake;
  const offered = KINDS.filter(({ capability }) => isObject(capabilities[capability]));
  const lists = await Promise.all(
    offered.map(async (kind) => ({ kind, list: await fetchList(connection, handshake, kind) })),
  );
  const itemsOf = (field: Kind["field"]): readonly JsonObject[] =>
    lists.find(({ kind }) => kind.field === field)?.list?.items ?? [];
  return {
    tools: itemsOf("tools"),
    resources: itemsOf("resources"),
    resourceTemplates: itemsOf("resourceTemplates"),
    prompts: itemsOf("prompts"),
    completions: isObject(capabilities["completions"]),
    ...(instructions === undefined ? {} : { instructions }),
    ...(server === undefined ? {} : { server }),
    cache:
      era === "legacy" ? LEGACY_CACHE : strictest(lists.flatMap(({ list }) => list?.cache ?? [])),
  };
}

/** @returns undefined where the child does not know the list. */
async function fetchList(
  connection: Connection,
  handshake: Handshake,
  { method, field, key }: Kind,
): Promise<List | undefined> {
  const items = new Map<string, JsonObject>();
  const caches: Required<CacheHint>[] = [];
  let cursor: string | undefined;
  let characters = 0;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const given = cursor === undefined ? {} : { cursor };
    const result = await connection
      .request(method, () => ownParams(handshake, given), {
        timeoutMilliseconds: PAGE_MILLISECONDS,
      })
      .catch(nothingIfUnknown);
    if (result === undefined) return undefined;
    const found = itemsOf(result[field]);
    for (const item of found) {
      const name = stringOf(item, key);
      // One of these would keep all of the list from being written down.
      if (isDeeperThan(DEEPEST_ENTRY, item))
        throw new Error(
          `The stdio server's \`${method}\` has an entry that is nested deeper than ${DEEPEST_ENTRY} levels: \`${name?.slice(0, 200) ?? ""}\`.`,
        );
      // Whatever comes second with a name could never be asked for.
      if (name !== undefined && !items.has(name)) items.set(name, item);
    }
    // After the depth, which writing it down would not survive.
    characters += JSON.stringify(found).length;
    if (items.size > MOST_ENTRIES || characters > MOST_CHARACTERS) break;
    caches.push(cacheOf(result));
    const next = stringOf(result, "nextCursor");
    if (next === undefined) return { items: [...items.values()], cache: strictest(caches) };
    if (next === cursor)
      throw new Error(`The stdio server gave the same page of \`${method}\` twice.`);
    cursor = next;
  }
  throw new Error(
    `The stdio server's \`${method}\` has more than ${MOST_PAGES} pages, ${MOST_ENTRIES} entries or ${MOST_CHARACTERS} characters.`,
  );
}

/** Many servers with resources know no `resources/templates/list`. */
function nothingIfUnknown(error: unknown): undefined {
  if (error instanceof AnswerError && error.code === METHOD_NOT_FOUND) return undefined;
  throw error;
}

function itemsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** What a list does not say is what the protocol's own defaults are: not to be kept, and nobody else's. */
function cacheOf({ ttlMs, cacheScope }: JsonObject): Required<CacheHint> {
  return {
    ttlMs: typeof ttlMs === "number" && Number.isSafeInteger(ttlMs) && ttlMs > 0 ? ttlMs : 0,
    cacheScope: cacheScope === "public" ? "public" : "private",
  };
}

/** The least time, and `private` where one is. */
function strictest(caches: readonly Required<CacheHint>[]): Required<CacheHint> {
  if (caches.length === 0) return { ttlMs: 0, cacheScope: "private" };
  return {
    ttlMs: Math.min(...caches.map(({ ttlMs }) => ttlMs)),
    cacheScope: caches.every(({ cacheScope }) => cacheScope === "public") ? "public" : "private",
  };
}
