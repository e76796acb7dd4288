import { isObject } from "./relay-result.ts";

/** The resources whose changes open subscriptions want to know. */
export interface WatchedResources {
  /** Adds what a `subscriptions/listen` request asks for. @returns what takes it away again, called once. */
  add(body: unknown): () => void;
}

/** @param changed called with all of them, whenever these become others. */
export function watchedResources(changed: (uris: ReadonlySet<string>) => void): WatchedResources {
  const watchers = new Map<string, number>();
  const tell = (): void => {
    changed(new Set(watchers.keys()));
  };
  return {
    add: (body) => {
      const uris = new Set(resourcesIn(body));
      let isNew = false;
      for (const uri of uris) {
        const count = watchers.get(uri) ?? 0;
        watchers.set(uri, count + 1);
        isNew ||= count === 0;
      }
      if (isNew) tell();
      return () => {
        let isLess = false;
        for (const uri of uris) {
          const count = watchers.get(uri) ?? 0;
          if (count > 1) watchers.set(uri, count - 1);
          else isLess = watchers.delete(uri) || isLess;
        }
        if (isLess) tell();
      };
    },
  };
}

/** What is no filter is refused by the SDK, so that it watches nothing. */
function resourcesIn(body: unknown): readonly string[] {
  const params = isObject(body) ? body["params"] : undefined;
  const filter = isObject(params) ? params["notifications"] : undefined;
  const uris = isObject(filter) ? filter["resourceSubscriptions"] : undefined;
  return Array.isArray(uris) ? uris.filter((uri) => typeof uri === "string") : [];
}
