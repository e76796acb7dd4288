import type { Gateway, GatewayUpstream } from "../../graph/gateways.ts";
import type { ToolChoice } from "../traffic/tools.ts";

/** What stands before the names of an upstream's tools, with its separator; empty where nothing does. */
export function prefixOf({ prefix }: GatewayUpstream): string {
  return prefix === undefined ? "" : `${prefix}__`;
}

/** @param name of a tool, as the gateway's clients see it. */
export function mayRepeat(upstream: GatewayUpstream, name: string): boolean {
  const prefix = prefixOf(upstream);
  if (!name.startsWith(prefix)) return false;
  const own = name.slice(prefix.length);
  return upstream.idempotentTools.some((pattern) =>
    new RegExp(`^${pattern.replace(/[^\w*-]/gu, "\\$&").replaceAll("*", ".*")}$`, "u").test(own),
  );
}

/** The tools of the program's own services that the gateway may call again: all others are lost with the replica that had the call. */
export function repeatedTools({ name, upstreams }: Gateway): ToolChoice {
  const own = upstreams.filter(
    ({ prefix, service }) => prefix !== undefined && service !== undefined,
  );
  const repeated = own.filter(({ idempotentTools }) => idempotentTools.length > 0);
  const listed = repeated.map((upstream) => `\`${upstream.name}\``).join(", ");
  return {
    accepts: (tool) => own.some((upstream) => mayRepeat(upstream, tool)),
    otherwise:
      repeated.length === 0
        ? `The gateway \`${name}\` may call no tool of the program's services again, so that a call is lost with its replica. Name a tool in \`idempotentTools\` of one of them.`
        : `No tool that the gateway \`${name}\` may call again, by \`idempotentTools\` of ${listed}, is annotated \`readOnlyHint\` or \`idempotentHint\` and has a schema with examples or` +
          " defaults to call it with. Name one of those with `--tool`, and give its input as JSON with `--arguments`.",
  };
}
