import type { IncomingHttpHeaders } from "node:http";
import type { Caller } from "../caller.ts";
import type { Relay } from "../relay.ts";
import { bearerToken } from "./bearer-token.ts";
import { isOffered } from "./offers.ts";

/** The requests that are answered by what is offered. */
const DESCRIBING: ReadonlySet<unknown> = new Set([
  "initialize",
  "prompts/list",
  "resources/list",
  "resources/templates/list",
  "server/discover",
  "tools/list",
]);

/** The parameter that names what a request is about. */
const TARGETS: ReadonlyMap<unknown, string> = new Map([
  ["prompts/get", "name"],
  ["resources/read", "uri"],
  ["tools/call", "name"],
]);

/**
 * How long a request waits for a relay, which promises a few seconds. One that never answered would hold the room of every request that waits
 * for it.
 */
const PATIENCE_MILLISECONDS = 10_000;

/**
 * Lets a relay find out what it offers a caller before a request that depends on it: a list, or a call of what is not known to be offered. Calls of what is known
 * wait for nobody.
 *
 * @returns what to wait for, if anything, for 10 seconds at most; it never rejects.
 */
export function prepareOffers(
  relay: Relay | undefined,
  body: unknown,
  caller: Caller | undefined,
  headers: IncomingHttpHeaders,
): Promise<void> | undefined {
  if (relay?.prepare === undefined) return undefined;
  const messages: readonly unknown[] = Array.isArray(body) ? body : [body];
  try {
    if (!messages.some((message) => depends(relay, message, caller))) return undefined;
    const callerToken = bearerToken(caller, headers.authorization);
    const preparing = relay.prepare({ caller, callerToken, carrier: {} });
    return preparing === undefined ? undefined : patiently(preparing);
  } catch {
    return undefined;
  }
}

/** Waits for something, but not for long. What is broken here breaks again where the request is answered, which knows how to say so. */
function patiently(work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MILLISECONDS);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    work.then(end, end);
  });
}

function depends(relay: Relay, message: unknown, caller: Caller | undefined): boolean {
  if (typeof message !== "object" || message === null || !("method" in message)) return false;
  const { method } = message;
  if (DESCRIBING.has(method)) return true;
  const parameter = TARGETS.get(method);
  if (parameter === undefined) return false;
  const params = "params" in message ? message.params : undefined;
  const target =
    typeof params === "object" && params !== null
      ? (params as Readonly<Record<string, unknown>>)[parameter]
      : undefined;
  return typeof target === "string" && !isOffered(relay.offers(caller), String(method), target);
}
