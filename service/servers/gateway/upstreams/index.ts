import type { UpstreamConfiguration } from "../upstream-configuration.ts";
import type { Upstream } from "../upstream.ts";
import { createApplicationUpstream } from "./application/upstream.ts";
import { createMcpUpstream } from "./mcp/upstream.ts";
import type { UpstreamSurroundings } from "./surroundings.ts";

export {
  createResolver,
  type AddressResolver,
  type ResolvedAddresses,
} from "./addresses/resolver.ts";
export type { AttemptEvent, AttemptOutcome, BreakerState, UpstreamEvents } from "./events.ts";
export { createApplicationUpstream } from "./application/upstream.ts";
export { createMcpUpstream } from "./mcp/upstream.ts";
export type { UpstreamSurroundings } from "./surroundings.ts";

/** Makes the client of each upstream, whatever it speaks. */
export function createUpstreams(
  surroundings: UpstreamSurroundings,
): (name: string, configuration: UpstreamConfiguration) => Upstream {
  return (name, configuration) =>
    configuration.kind === "mcp"
      ? createMcpUpstream(name, configuration, surroundings)
      : createApplicationUpstream(name, configuration, surroundings);
}
