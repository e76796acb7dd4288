import type { Logger } from "pino";
import { DEEPEST_ENTRY, isDeeperThan } from "../../../../runtime/limits/nesting.ts";
import { RelayError, type JsonObject } from "../../../../runtime/relay.ts";
import type { UpstreamListing } from "../../upstream.ts";
import { AttemptFailure } from "../failure.ts";
import { isObject, METHOD_NOT_FOUND } from "./protocol.ts";

/** Asks for one result of the upstream, always at the same address: cursors may be the replica's own. */
export type AskList = (method: string, params: JsonObject) => Promise<JsonObject>;

/** What an upstream says of itself. */
export interface Introduction {
  readonly capabilities: JsonObject;
  readonly instructions: string | undefined;
  /** The result that it comes from, for its `ttlMs` and `cacheScope`; undefined for legacy upstreams, which have neither. */
  readonly discovered: JsonObject | undefined;
}

/** No catalogue that anybody can use is longer; one that never ends must not fill the memory. */
const MAX_PAGES = 100;
const MAX_ENTRIES = 10_000;
/** As JSON, in characters: what one answer may have, so that pages are no way around it. */
const MAX_LIST_CHARACTERS = 16 * 1024 * 1024;
/** Legacy upstreams do not say for how long their lists are good. */
const LEGACY_TTL_MILLISECONDS = 30_000;
/** Of that, at random: gateways that began together must not ask together for ever. */
const JITTER = 0.2;

/** Asks for all lists at once. */
export async function readListing(
  introduction: Introduction,
  ask: AskList,
  { random, log }: { readonly random: () => number; readonly log: Logger },
): Promise<UpstreamListing> {
  const { capabilities, instructions, discovered } = introduction;
  const hints = discovered === undefined ? [] : [discovered];
  const has = (name: string): boolean => isObject(capabilities[name]);
  const list = (
    capability: string,
    method: string,
    field: string,
    key: string,
  ): Promise<readonly JsonObject[]> =>
    has(capability) ? readPages(ask, { method, field, key, hints, log }) : Promise.resolve([]);
  const [tools, resources, resourceTemplates, prompts] = await Promise.all([
    list("tools", "tools/list", "tools", "name"),
    list("resources", "resources/list", "resources", "uri"),
    list("resources", "resources/templates/list", "resourceTemplates", "uriTemplate"),
    list("prompts", "prompts/list", "prompts", "name"),
  ]);
  return {
    tools,
    resources,
    resourceTemplates,
    prompts,
    completions: has("completions"),
    ...(instructions === undefined ? {} : { instructions }),
    ...(discovered === undefined
      ? {
          ttlMilliseconds: Math.round(LEGACY_TTL_MILLISECONDS * (1 - JITTER * random())),
          // They have never heard of scopes. What is listed for the gateway itself is for everybody.
          cacheScope: "public",
        }
      : { ttlMilliseconds: leastTtl(hints), cacheScope: scope(hints) }),
  };
}

interface List {
  readonly method: string;
  /** Where the entries are. */
  readonly field: string;
  /** What identifies an entry. */
  readonly key: string;
  /** Takes every page. */
  readonly hints: JsonObject[];
  readonly log: Logger;
}

async function readPages(ask: AskList, list: List): Promise<readonly JsonObject[]> {
  const entries: JsonObject[] = [];
  let cursor: string | undefined;
  let characters = 0;
  for (let page = 0; page < MAX_PAGES; page++) {
    let result: JsonObject;
    try {
      result = await ask(list.method, cursor === undefined ? {} : { cursor });
    } catch (error) {
      // A server may have resources and no templates, and not know the method.
      if (page === 0 && error instanceof RelayError && error.code === METHOD_NOT_FOUND) return [];
      throw error;
    }
    const found = result[list.field];
    if (!Array.isArray(found))
      throw invalid(`answered \`${list.method}\` without \`${list.field}\``);
    list.hints.push(result);
    const usable = (found as readonly unknown[]).filter((entry) => isUsable(entry, list.key));
    const leftOut = found.length - usable.length;
    if (leftOut > 0)
      list.log.warn(
        { method: list.method, entries: leftOut },
        `an upstream lists entries without \`${list.key}\`, or nested deeper than ${DEEPEST_ENTRY} levels`,
      );
    characters += usable.length === 0 ? 0 : JSON.stringify(usable).length;
    if (entries.length + usable.length > MAX_ENTRIES || characters > MAX_LIST_CHARACTERS) break;
    entries.push(...usable);
    if (typeof result.nextCursor !== "string") return entries;
    if (result.nextCursor === cursor)
      throw invalid(`gave the same page of \`${list.method}\` twice`);
    cursor = result.nextCursor;
  }
  throw invalid(
    `answers \`${list.method}\` with more than ${MAX_PAGES} pages, ${MAX_ENTRIES} entries or ${MAX_LIST_CHARACTERS} characters`,
  );
}

function isUsable(entry: unknown, key: string): entry is JsonObject {
  return isObject(entry) && typeof entry[key] === "string" && !isDeeperThan(DEEPEST_ENTRY, entry);
}

/** The least that is not 0: servers that say nothing else mean 0, and lists that are asked for all the time are no lists from memory. */
function leastTtl(hints: readonly JsonObject[]): number {
  const said = hints
    .map(({ ttlMs }) => ttlMs)
    .filter((ttl): ttl is number => Number.isSafeInteger(ttl) && (ttl as number) > 0);
  return said.length === 0 ? 0 : Math.min(...said);
}

/** What says nothing is private, as the specification has it. */
function scope(hints: readonly JsonObject[]): "public" | "private" {
  return hints.every(({ cacheScope }) => cacheScope === "public") ? "public" : "private";
}

function invalid(predicate: string): AttemptFailure {
  return new AttemptFailure(predicate, { reason: "invalid_answer", mayHaveRun: true });
}
