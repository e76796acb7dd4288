import * as pulumi from "@pulumi/pulumi";
import type { ServiceSettings } from "./service-args.ts";
import { checkVariablesSize } from "./task/task-definition-size.ts";
import { ArgumentError, check } from "./validation.ts";
import { checkContainerVariables, type Variables as Given } from "./variables.ts";

/** The variables that the container contract keeps for the component, each with the argument that it comes from, if any. */
const RESERVED: ReadonlyMap<string, string | undefined> = new Map([
  ["AUTH_AUDIENCES", "`auth`"],
  ["AUTH_AUTHORIZATION_SERVER_METADATA", "`auth`"],
  ["AUTH_CLIENT_IDS", "`auth`"],
  ["AUTH_CLOCK_SKEW_SECONDS", "`auth`"],
  ["AUTH_DIRECT_AUDIENCES", "`auth`"],
  ["AUTH_DIRECT_REQUIRED_SCOPES", "`auth`"],
  ["AUTH_DIRECT_SCOPE_PREFIX", "`auth`"],
  ["AUTH_ISSUER", "`auth`"],
  ["AUTH_JWKS_URI", "`auth`"],
  ["AUTH_MODE", "`auth`"],
  ["AUTH_REQUIRED_SCOPES", "`auth`"],
  ["AUTH_SCOPE_PREFIX", "`auth`"],
  ["AUTH_STATIC_TOKENS", "`auth`"],
  ["CALL_TIMEOUT_SECONDS", "`longestCallSeconds`"],
  ["DRAIN_SECONDS", "`drainSeconds`"],
  ["GATEWAY_GRACE_SECONDS", "`graceSeconds` of a gateway"],
  ["GATEWAY_PARAMETER_PATH", undefined],
  ["GATEWAY_PINNED_TOOLS", "`pinnedTools` of a gateway"],
  ["GATEWAY_POLL_SECONDS", "`pollSeconds` of a gateway"],
  ["GATEWAY_SEARCH", "`search` of a gateway"],
  ["GATEWAY_UPSTREAMS_FILE", "`upstreams` of a gateway"],
  ["HOST", undefined],
  ["KEEP_ALIVE_SECONDS", "the platform's `idleTimeoutSeconds`"],
  ["MAX_ONGOING_REQUESTS", "`maxOngoingRequests`"],
  ["MCP_ALLOWED_HOSTS", "`allowedHosts`"],
  ["MCP_ALLOWED_ORIGINS", "`allowedOrigins`"],
  ["MCP_DIRECT_URL", "`directRouting`"],
  ["MCP_PATH", "`path`"],
  ["MCP_PUBLIC_URL", "the platform's `domainName`"],
  ["MCP_STATE_KEY", undefined],
  ["MCP_TOOL_PREFIX", "`directRouting`"],
  ["NVIDIA_VISIBLE_DEVICES", "`gpu`"],
  ["PORT", "`port`"],
  ["STREAM_KEEP_ALIVE_SECONDS", "the platform's `idleTimeoutSeconds`"],
]);

type Variables = Record<string, string>;

/** By how much a container's idle connections outlive the load balancer's, in seconds: the side that reuses them must close first. */
const KEEP_ALIVE_MARGIN = 15;

/** How many times a stream says something within the load balancer's idle timeout: one word may come late. */
const WORDS_PER_IDLE_TIMEOUT = 3;

/** The longest that a stream says nothing, in seconds: the MCP SDK's own, below the idle timeout of what else may be on the way. */
const LONGEST_STREAM_SILENCE = 15;

/** How often a stream says something when nothing happens, in seconds. */
function streamKeepAlive(idleTimeoutSeconds: number): number {
  const share = Math.floor(idleTimeoutSeconds / WORDS_PER_IDLE_TIMEOUT);
  return Math.min(LONGEST_STREAM_SILENCE, Math.max(1, share));
}

/** What the component tells the container through its environment. */
export function contractEnvironment(
  hosts: {
    readonly allowedHosts?: pulumi.Input<pulumi.Input<string>[]>;
    readonly allowedOrigins?: pulumi.Input<pulumi.Input<string>[]>;
  },
  settings: ServiceSettings,
  idleTimeoutSeconds: pulumi.Input<number>,
  url: pulumi.Input<string>,
  auth: Readonly<Record<string, pulumi.Input<string>>>,
): pulumi.Output<Variables> {
  return pulumi
    .output({
      auth,
      allowedHosts: hosts.allowedHosts ?? [],
      allowedOrigins: hosts.allowedOrigins ?? [],
      drainSeconds: settings.drainSeconds,
      idleTimeoutSeconds,
      longestCallSeconds: settings.longestCallSeconds,
      maxOngoingRequests: settings.maxOngoingRequests,
      port: settings.port,
      url,
    })
    .apply((known): Variables => ({
      ...withoutEmpty(known.auth),
      CALL_TIMEOUT_SECONDS: String(known.longestCallSeconds),
      DRAIN_SECONDS: String(known.drainSeconds),
      KEEP_ALIVE_SECONDS: String(known.idleTimeoutSeconds + KEEP_ALIVE_MARGIN),
      MAX_ONGOING_REQUESTS: String(known.maxOngoingRequests),
      ...listVariable("MCP_ALLOWED_HOSTS", known.allowedHosts),
      ...listVariable("MCP_ALLOWED_ORIGINS", known.allowedOrigins),
      MCP_PATH: settings.path,
      MCP_PUBLIC_URL: known.url,
      PORT: String(known.port),
      STREAM_KEEP_ALIVE_SECONDS: String(streamKeepAlive(known.idleTimeoutSeconds)),
    }));
}

/** What is empty says nothing, and is not declared at all. */
function withoutEmpty(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
}

/** An empty list is not declared at all. */
function listVariable(name: string, values: readonly string[]): Variables {
  return values.length === 0 ? {} : { [name]: values.join(",") };
}

/**
 * The variables of a container: a bundled server's, then the user's, which may replace those, then the contract's, which
 * nobody may replace.
 */
export function mergeEnvironment(
  bundled: Variables,
  given: pulumi.Input<Record<string, pulumi.Input<string>>>,
  contract: pulumi.Input<Record<string, pulumi.Input<string>>>,
): pulumi.Output<Variables> {
  return pulumi
    .all([given, contract])
    .apply(([user, own]): Variables => ({ ...bundled, ...user, ...own }));
}

/**
 * Refuses variables that the component sets, that stand in both places, that are too many, or that would show or miss a secret.
 *
 * @param further variables that the component sets for a bundled server, each with the argument that it comes from.
 */
export function checkVariables(
  component: string,
  environment: Given,
  secrets: Given,
  bundled: Variables,
  further: ReadonlyMap<string, string> = new Map(),
): void {
  const reserved = new Map([...RESERVED, ...further]);
  refuseReserved(component, "environment", environment, reserved);
  refuseReserved(component, "secrets", secrets, reserved);
  checkVariablesSize(component, environment, secrets);
  checkContainerVariables(component, { environment, secrets, bundled });
}

function refuseReserved(
  component: string,
  argument: "environment" | "secrets",
  given: Given,
  known: ReadonlyMap<string, string | undefined>,
): void {
  check(given, (variables) => {
    const reserved = Object.keys(variables).filter((name) => known.has(name));
    if (reserved.length === 0) return;
    const sources = [...new Set(reserved.flatMap((name) => known.get(name) ?? []))];
    throw new ArgumentError(
      component,
      `\`${argument}\` sets ${reserved.map((name) => `\`${name}\``).join(", ")}, which the component sets itself` +
        `${sources.length === 0 ? "" : `, from ${sources.join(", ")}`}. Leave ${reserved.length === 1 ? "it" : "them"} out of \`${argument}\`.`,
    );
  });
}
