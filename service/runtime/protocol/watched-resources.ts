import { isObject } from "./relay-result.ts";

/** The resources whose changes open subscriptions want to know. */
export interface WatchedResources {
  /** Adds those of one subscription. */
  add(uris: ReadonlySet<string>): void;
  /** Takes away what {@link add} was given, once for each time. */
  remove(uris: ReadonlySet<string>): void;
  /** Whether any subscription wants to know of this one. */
  has(uri: string): boolean;
}

/** @param changed called with all of them, whenever these become others. */
export function watchedResources(changed: (uris: ReadonlySet<string>) => void): WatchedResources {
  const watchers = new Map<string, number>();
  const tell = (): void => {
    changed(new Set(watchers.keys()));
  };
  return {
    add: (uris) => {
      let isNew = false;
      for (const uri of uris) {
        const count = watchers.get(uri) ?? 0;
        watchers.set(uri, count + 1);
        isNew ||= count === 0;
      }
      if (isNew) tell();
    },
    remove: (uris) => {
      let isLess = false;
      for (const uri of uris) {
        const count = watchers.get(uri) ?? 0;
        if (count > 1) watchers.set(uri, count - 1);
        else isLess = watchers.delete(uri) || isLess;
      }
      if (isLess) tell();
    },
    has: (uri) => watchers.has(uri),
  };
}

/** What a `subscriptions/listen` request asks for. What is no filter is refused by the SDK, so that it watches nothing. */
export function resourcesIn(body: unknown): ReadonlySet<string> {
  const params = isObject(body) ? body["params"] : undefined;
  const filter = isObject(params) ? params["notifications"] : undefined;
  const uris = isObject(filter) ? filter["resourceSubscriptions"] : undefined;
  return new Set(Array.isArray(uris) ? uris.filter((uri) => typeof uri === "string") : []);
}
