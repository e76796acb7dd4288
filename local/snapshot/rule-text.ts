import type { Action, Condition } from "../graph/listeners.ts";

/** A condition as a person says it, such as `path /mcp or /mcp/*`. */
export function conditionText(condition: Condition): string {
  switch (condition.field) {
    case "path":
    case "host":
      return `${condition.field} ${[...condition.values, ...(condition.regexValues ?? [])].join(" or ")}`;
    case "method":
    case "source-ip":
      return `${condition.field} ${condition.values.join(" or ")}`;
    case "header":
      return `header ${condition.name} ${[...condition.values, ...(condition.regexValues ?? [])].join(" or ")}`;
    case "query":
      return `query ${condition.pairs
        .map(({ key, value }) => (key === undefined ? value : `${key}=${value}`))
        .join(" or ")}`;
  }
}

/** An action in few words, such as `fixed-response 404`. */
export function actionText(action: Action): string {
  return action.type === "forward" ? "forward" : `${action.type} ${action.status}`;
}
