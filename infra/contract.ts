import * as pulumi from "@pulumi/pulumi";
import type { ServiceSettings } from "./service-args.ts";
import { ArgumentError } from "./validation.ts";

/** The variables that the container contract keeps for the component. */
const RESERVED: ReadonlySet<string> = new Set([
  "AUTH_MODE",
  "AUTH_STATIC_TOKENS",
  "DRAIN_SECONDS",
  "KEEP_ALIVE_SECONDS",
  "MCP_ALLOWED_HOSTS",
  "MCP_ALLOWED_ORIGINS",
  "MCP_PATH",
  "MCP_PUBLIC_URL",
  "PORT",
]);

type Variables = Record<string, string>;

/** By how much a container's idle connections outlive the load balancer's, in seconds: the side that reuses them must close first. */
const KEEP_ALIVE_MARGIN = 15;

/** What the component tells the container through its environment. */
export function contractEnvironment(
  hosts: {
    readonly allowedHosts?: pulumi.Input<pulumi.Input<string>[]>;
    readonly allowedOrigins?: pulumi.Input<pulumi.Input<string>[]>;
  },
  settings: ServiceSettings,
  idleTimeoutSeconds: pulumi.Input<number>,
  url: pulumi.Input<string>,
): pulumi.Output<Variables> {
  return pulumi
    .output({
      allowedHosts: hosts.allowedHosts ?? [],
      allowedOrigins: hosts.allowedOrigins ?? [],
      drainSeconds: settings.drainSeconds,
      idleTimeoutSeconds,
      port: settings.port,
      url,
    })
    .apply((known): Variables => ({
      AUTH_MODE: settings.authMode,
      DRAIN_SECONDS: String(known.drainSeconds),
      KEEP_ALIVE_SECONDS: String(known.idleTimeoutSeconds + KEEP_ALIVE_MARGIN),
      ...listVariable("MCP_ALLOWED_HOSTS", known.allowedHosts),
      ...listVariable("MCP_ALLOWED_ORIGINS", known.allowedOrigins),
      MCP_PATH: settings.path,
      MCP_PUBLIC_URL: known.url,
      PORT: String(known.port),
    }));
}

/** An empty list is not declared at all. */
function listVariable(name: string, values: readonly string[]): Variables {
  return values.length === 0 ? {} : { [name]: values.join(",") };
}

/**
 * The variables of a container: a bundled server's, then the user's, which may replace those, then the contract's, which
 * nobody may replace.
 *
 * @throws {ArgumentError} through the output, where the user sets one of the contract's.
 */
export function mergeEnvironment(
  bundled: Variables,
  given: pulumi.Input<Record<string, pulumi.Input<string>>>,
  contract: pulumi.Input<Record<string, pulumi.Input<string>>>,
): pulumi.Output<Variables> {
  return pulumi.all([given, contract]).apply(([user, own]) => {
    refuseReserved(Object.keys(user));
    return { ...bundled, ...user, ...own };
  });
}

/** Refuses variables that the component sets from its own arguments. */
export function refuseReserved(names: readonly string[]): void {
  const reserved = names.filter((name) => RESERVED.has(name));
  if (reserved.length === 0) return;
  throw new ArgumentError(
    "McpService",
    `\`environment\` or \`secrets\` sets ${reserved.map((name) => `\`${name}\``).join(", ")}, which the component sets itself from` +
      " `auth`, `path`, `port`, `drainSeconds`, `allowedHosts` and `allowedOrigins`. Use those arguments.",
  );
}
