import type { AuthConfiguration } from "./auth/configuration.ts";
import { ConfigurationError } from "./configuration-error.ts";

/** How calls of a gateway's clients reach this server, where the load balancer sends them here without the hop through the gateway. */
export interface DirectRouting {
  /** What the gateway puts before `__` and the names of this server's tools and prompts. */
  readonly prefix: string;
  /** The gateway, where its calls come with its own path and its callers' tokens; undefined where they come as those of the endpoint do. */
  readonly gateway: GatewayDoor | undefined;
}

/** The address of a gateway, and what its callers' tokens must say. */
export interface GatewayDoor {
  /** The address that clients of the gateway use; its path is where their calls arrive. */
  readonly url: URL;
  readonly auth: AuthConfiguration;
}

/** What a prefix may be, as in the gateway's configuration (service/servers/gateway/names.ts). */
export const TOOL_PREFIX = /^[A-Za-z\d][\w-]{0,30}$/u;

/**
 * Puts together what the variables say.
 *
 * @throws {ConfigurationError} where a gateway's calls could not be told from those of the endpoint.
 */
export function directRouting(given: {
  readonly prefix: string | undefined;
  readonly url: string | undefined;
  /** That of the endpoint. */
  readonly path: string;
  readonly auth: (url: URL) => AuthConfiguration;
}): DirectRouting | undefined {
  const { prefix, path } = given;
  if (given.url === undefined)
    return prefix === undefined ? undefined : { prefix, gateway: undefined };
  if (prefix === undefined) {
    throw new ConfigurationError(
      "`MCP_DIRECT_URL` is set, but `MCP_TOOL_PREFIX` is not: no call that comes from the gateway would name a tool of this server. Give it what the gateway puts" +
        " before `__` and the names of the tools, or unset `MCP_DIRECT_URL`.",
    );
  }
  const url = new URL(given.url);
  // As Express compares them.
  if (plain(url.pathname) === plain(path)) {
    throw new ConfigurationError(
      `\`MCP_DIRECT_URL\` is \`${given.url}\`, which has the path of the endpoint itself: its callers could not be told from the gateway's. Give the endpoint another` +
        " `MCP_PATH`, or unset `MCP_DIRECT_URL` where both take the same tokens.",
    );
  }
  return { prefix, gateway: { url, auth: given.auth(url) } };
}

function plain(path: string): string {
  return path.replace(/\/$/u, "").toLowerCase();
}
