import type { ServerNotifier } from "@modelcontextprotocol/server";
import { isDeepStrictEqual } from "node:util";
import type { Logger } from "../../runtime/log.ts";
import type { JsonObject, Offers } from "../../runtime/relay.ts";
import type { Clock } from "../../runtime/telemetry/clock.ts";
import type { Child } from "./child.ts";
import { fetchOffers } from "./listing.ts";
import type { Handshake } from "./handshake.ts";
import { stringOf } from "./messages.ts";

/** What the server offers now, as its children list it. */
export interface Catalogue {
  /** Undefined until a child has listed. */
  readonly offers: Offers | undefined;
  /** Asks a child, keeps what it lists, and tells subscribers what is new. */
  refresh(child: Child, handshake: Handshake): Promise<void>;
  /** Takes a notification of a child that something has changed. */
  readonly notified: (child: Child, method: string, params: JsonObject) => void;
}

const LIST_CHANGES: ReadonlySet<string> = new Set([
  "notifications/tools/list_changed",
  "notifications/resources/list_changed",
  "notifications/prompts/list_changed",
]);

/** No child is asked for its lists more often, in milliseconds: some say with every answer that their lists have changed. */
const SHORTEST_PERIOD_MILLISECONDS = 1000;

/** Keeps what the server offers: asked for once, and again when a child says that it has changed. */
export function createCatalogue(changes: ServerNotifier, log: Logger, clock: Clock): Catalogue {
  let offers: Offers | undefined;
  const askedAt = new WeakMap<Child, number>();
  /** Children that are being asked, and whether they have to be once more. */
  const asking = new Map<Child, { again: boolean }>();

  const keep = (fresh: Offers): void => {
    const old = offers;
    if (isDeepStrictEqual(old, fresh)) return;
    offers = fresh;
    if (old === undefined) return;
    if (!isDeepStrictEqual(old.tools, fresh.tools)) changes.toolsChanged();
    if (!isDeepStrictEqual(old.prompts, fresh.prompts)) changes.promptsChanged();
    if (
      !isDeepStrictEqual(old.resources, fresh.resources) ||
      !isDeepStrictEqual(old.resourceTemplates, fresh.resourceTemplates)
    ) {
      changes.resourcesChanged();
    }
  };

  /** Waits until the child may be asked again. */
  const turnOf = async (child: Child): Promise<void> => {
    const wait = (askedAt.get(child) ?? -Infinity) + SHORTEST_PERIOD_MILLISECONDS - clock.now();
    if (wait > 0) await new Promise<void>((resolve) => void clock.after(wait, resolve));
    askedAt.set(child, clock.now());
  };

  const refresh = async (child: Child, handshake: Handshake): Promise<void> => {
    const current = asking.get(child);
    if (current !== undefined) {
      current.again = true;
      return;
    }
    const state = { again: true };
    asking.set(child, state);
    try {
      while (state.again) {
        await turnOf(child);
        state.again = false;
        keep(await fetchOffers(child.connection, handshake));
      }
    } finally {
      asking.delete(child);
    }
  };

  return {
    get offers() {
      return offers;
    },
    refresh,
    notified: (child, method, params) => {
      const { handshake } = child;
      if (LIST_CHANGES.has(method) && handshake !== undefined) {
        refresh(child, handshake).catch((error: unknown) => {
          log.warn({ err: error, child: child.number }, "the changed lists could not be read");
        });
      } else if (method === "notifications/resources/updated") {
        const uri = stringOf(params, "uri");
        if (uri !== undefined) changes.resourceUpdated(uri);
      }
    },
  };
}
