import type { Action, Condition, Listener } from "../graph/listeners.ts";

/** What rules look at. */
export interface RequestFacts {
  readonly method: string;
  /** The path alone, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly host: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The action of the first rule that matches, by priority; the listener's default where none does. */
export function chooseAction(listener: Listener, request: RequestFacts): Action {
  const rule = listener.rules.find(({ conditions }) =>
    conditions.every((condition) => holds(condition, request)),
  );
  return rule?.action ?? listener.defaultAction;
}

/** Conditions of a rule are joined by AND, the values of one condition by OR. */
function holds(condition: Condition, request: RequestFacts): boolean {
  switch (condition.field) {
    case "path":
      return condition.values.some((pattern) => matches(pattern, request.path, "case-sensitive"));
    case "host":
      return condition.values.some((pattern) =>
        matches(pattern, hostName(request.host), "case-insensitive"),
      );
    case "method":
      return condition.values.includes(request.method);
    case "header": {
      const header = request.headers[condition.name.toLowerCase()];
      const given = header === undefined ? [] : [header].flat();
      return condition.values.some((pattern) =>
        given.some((value) => matches(pattern, value, "case-insensitive")),
      );
    }
    case "query":
      return condition.pairs.some(({ key, value }) =>
        [...request.query].some(
          ([givenKey, givenValue]) =>
            (key === undefined || matches(key, givenKey, "case-insensitive")) &&
            matches(value, givenValue, "case-insensitive"),
        ),
      );
  }
}

/** `*` stands for any number of characters, slashes too, and `?` for exactly one. */
export function matches(
  pattern: string,
  text: string,
  sensitivity: "case-sensitive" | "case-insensitive",
): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/gu, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, sensitivity === "case-sensitive" ? "su" : "isu").test(text);
}

function hostName(host: string): string {
  return host.replace(/:\d+$/u, "");
}
