import { LightAbortController } from "../../runtime/cancellation.ts";
import type { Logger } from "../../runtime/log.ts";
import type { JsonObject } from "../../runtime/relay.ts";
import type { Child } from "./child.ts";
import { Unanswered } from "./failures.ts";
import type { Handshake } from "./handshake.ts";
import { objectOf } from "./messages.ts";
import { ownParams } from "./protocol.ts";

/** Has children tell what changes: their lists, and the resources that somebody wants to hear of. */
export interface Watches {
  /** Begins with a child; ends with it. */
  add(child: Child, handshake: Handshake): void;
  /** From now on, these resources. */
  readonly watch: (uris: ReadonlySet<string>) => void;
}

/** What one child has been asked to tell. */
interface Watch {
  update(uris: ReadonlySet<string>): void;
}

/** How long a child may take to take a subscription, in milliseconds. */
const SUBSCRIBE_MILLISECONDS = 30_000;

export function createWatches(log: Logger): Watches {
  const watches = new Set<Watch>();
  let wanted: ReadonlySet<string> = new Set();
  return {
    add: (child, handshake) => {
      const failed = (error: unknown): void => {
        if (error instanceof Unanswered && error.reason === "cancelled") return;
        log.warn({ err: error, child: child.number }, "a subscription at the stdio server failed");
      };
      const watch =
        handshake.era === "modern"
          ? listen(child, handshake, failed)
          : subscribe(child, handshake, failed);
      watches.add(watch);
      void child.ended.then(() => watches.delete(watch));
      watch.update(wanted);
    },
    watch: (uris) => {
      wanted = uris;
      for (const each of watches) each.update(uris);
    },
  };
}

/** One request of 2026-07-28 stands for all that is wanted; another one takes its place. */
function listen(
  { connection }: Child,
  { era, capabilities }: Handshake,
  failed: (error: unknown) => void,
): Watch {
  const has = (capability: string, what: string): boolean =>
    objectOf(capabilities, capability)[what] === true;
  const lists: JsonObject = {
    ...(has("tools", "listChanged") ? { toolsListChanged: true } : {}),
    ...(has("prompts", "listChanged") ? { promptsListChanged: true } : {}),
    ...(has("resources", "listChanged") ? { resourcesListChanged: true } : {}),
  };
  const canSubscribe = has("resources", "subscribe");
  let current: { readonly key: string; readonly controller: LightAbortController } | undefined;
  return {
    update: (uris) => {
      const notifications = {
        ...lists,
        ...(canSubscribe && uris.size > 0 ? { resourceSubscriptions: [...uris].sort() } : {}),
      };
      const key = JSON.stringify(notifications);
      if (current?.key === key) return;
      const old = current;
      current = undefined;
      if (Object.keys(notifications).length > 0) {
        const controller = new LightAbortController();
        current = { key, controller };
        connection
          .request("subscriptions/listen", () => ownParams({ era }, { notifications }), {
            cancellation: controller,
          })
          .catch(failed);
      }
      // Behind the new one, so that nothing is missed in between.
      old?.controller.abort(new Error("Another subscription has taken its place."));
    },
  };
}

/** The 2025 revisions have a request for each resource; changes of lists they tell unasked. */
function subscribe(
  { connection }: Child,
  handshake: Handshake,
  failed: (error: unknown) => void,
): Watch {
  const canSubscribe = objectOf(handshake.capabilities, "resources")["subscribe"] === true;
  let current: ReadonlySet<string> = new Set();
  const ask = (method: string, uri: string): void => {
    connection
      .request(method, () => ({ uri }), { timeoutMilliseconds: SUBSCRIBE_MILLISECONDS })
      .catch(failed);
  };
  return {
    update: (uris) => {
      if (!canSubscribe) return;
      for (const uri of uris) if (!current.has(uri)) ask("resources/subscribe", uri);
      for (const uri of current) if (!uris.has(uri)) ask("resources/unsubscribe", uri);
      current = new Set(uris);
    },
  };
}
