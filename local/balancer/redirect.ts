import type { RedirectAction } from "../graph/rule-actions.ts";

/** What the placeholders of a redirect stand for. */
export interface RedirectedRequest {
  readonly protocol: "HTTP" | "HTTPS";
  /** Without a port. */
  readonly host: string;
  readonly port: number;
  /** With its leading slash. */
  readonly path: string;
  readonly query: string;
}

/** A `Location` above this is answered with 507 (ELB guide, "Troubleshoot"). */
export const LONGEST_LOCATION = 8 * 1024;

/** Where a redirect leads. */
export function redirectLocation(action: RedirectAction, request: RedirectedRequest): string {
  const values: Readonly<Record<string, string>> = {
    protocol: request.protocol,
    host: request.host,
    port: String(request.port),
    // Templates write the slash themselves.
    path: request.path.slice(1),
    query: request.query,
  };
  const fill = (template: string): string =>
    template.replaceAll(/#\{(\w+)\}/gu, (whole, key: string) => values[key] ?? whole);
  const query = fill(action.query);
  return `${fill(action.protocol).toLowerCase()}://${fill(action.host)}:${fill(action.port)}${fill(action.path)}${query === "" ? "" : `?${query}`}`;
}
