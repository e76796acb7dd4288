import type { DirectRoutingFacts } from "./direct-routing.ts";
import type { UpstreamSettings } from "./upstream-args.ts";
import { AuthMode, authMode, type Auth } from "../identity/identity.ts";
import { ArgumentError } from "../validation.ts";

const COMPONENT = "McpGateway";

/** What the gateway makes of a service's tools and calls, and the service itself knows nothing of. */
const SETTINGS_OF_ONE_WAY = [
  "unprefixed",
  "allow",
  "deny",
  "aliases",
  "rules",
  "timeoutSeconds",
  "toolTimeouts",
  "maxOngoingRequests",
] as const;

/** Refuses direct routing where it would be another answer than the gateway's. */
export function checkDirectRules(args: {
  readonly directRouting?: boolean;
  readonly auth?: Auth;
  readonly services?: Readonly<Record<string, unknown>>;
  readonly serviceSettings?: Readonly<Record<string, UpstreamSettings>>;
  readonly upstreams?: Readonly<Record<string, UpstreamSettings>>;
}): void {
  const { auth, directRouting, services = {}, serviceSettings = {}, upstreams = {} } = args;
  if (directRouting !== true) return;
  if (Object.keys(services).length === 0) {
    throw new ArgumentError(
      COMPONENT,
      "`directRouting` is true, but there are no `services`: the load balancer sends calls to services of the program alone. Leave it out.",
    );
  }
  if (authMode(auth) === AuthMode.StaticToken) {
    throw new ArgumentError(
      COMPONENT,
      "`directRouting` is true, but `auth.mode` is `static-token`: the services have tokens of their own, and would refuse the gateway's. Set `auth.mode` to `cognito` or" +
        " `oidc`, or leave `directRouting` out.",
    );
  }
  if (auth?.edgeTokenValidation === true) {
    throw new ArgumentError(
      COMPONENT,
      "`directRouting` and `auth.edgeTokenValidation` are true, but the rule that checks tokens takes every call before the rules of the services. Leave one of them out.",
    );
  }
  for (const [service, settings] of Object.entries(serviceSettings)) {
    const setting = SETTINGS_OF_ONE_WAY.find(
      (each) => settings[each] !== undefined && settings[each] !== false,
    );
    if (setting === undefined) continue;
    throw new ArgumentError(
      COMPONENT,
      `\`directRouting\` is true, but \`serviceSettings.${service}.${setting}\` would hold only for calls that come by the gateway. Leave one of them out.`,
    );
  }
  const unprefixed = Object.entries(upstreams).find(([, settings]) => settings.unprefixed === true);
  if (unprefixed !== undefined) {
    throw new ArgumentError(
      COMPONENT,
      `\`directRouting\` is true, but \`upstreams.${unprefixed[0]}.unprefixed\` is, too: the load balancer would send a tool of that upstream to a service whose prefix its name` +
        " happens to begin with. Leave one of them out.",
    );
  }
  const prefixOf = (name: string, settings: UpstreamSettings = {}) => ({
    name,
    prefix: settings.prefix ?? name,
  });
  const routed = Object.keys(services).map((name) => prefixOf(name, serviceSettings[name]));
  const others = Object.entries(upstreams).map(([name, settings]) => prefixOf(name, settings));
  checkOverlap(routed, [...routed, ...others]);
}

interface Prefixed {
  readonly name: string;
  readonly prefix: string;
}

/** Refuses prefixes that a load balancer cannot tell apart, which takes capital letters for small ones, and `a__b__c` for a name of `a` as well as of `a__b`. */
function checkOverlap(routed: readonly Prefixed[], all: readonly Prefixed[]): void {
  for (const { prefix } of routed) {
    const other = all.find(
      (each) =>
        each.prefix !== prefix &&
        `${each.prefix}__`.toLowerCase().startsWith(`${prefix}__`.toLowerCase()),
    );
    if (other === undefined) continue;
    throw new ArgumentError(
      COMPONENT,
      `\`directRouting\` is true, but a load balancer takes names of \`${other.name}\`, which begin with \`${other.prefix}__\`, for names of the prefix \`${prefix}\`. Give one of` +
        " them another `prefix`.",
    );
  }
}

type Routed = Pick<DirectRoutingFacts, "prefix" | "path" | "hostName" | "access">;

/** Refuses services that were declared for no gateway, or for another one than this. */
export function checkRouted(service: string, declared: Routed, own: Routed): void {
  const wanted = `{ prefix: "${own.prefix}", path: "${own.path}"${own.hostName === "" ? "" : `, hostName: "${own.hostName}"`} }`;
  if (declared.prefix === "") {
    throw new ArgumentError(
      COMPONENT,
      `\`directRouting\` is true, but the service \`${service}\` is not declared for it: its replicas would not know the gateway's path, its names and its callers. Give it` +
        ` \`directRouting: ${wanted}\`.`,
    );
  }
  const differs = (["prefix", "path", "hostName"] as const).find(
    (fact) => declared[fact] !== own[fact],
  );
  if (differs !== undefined) {
    throw new ArgumentError(
      COMPONENT,
      `\`directRouting.${differs}\` of the service \`${service}\` is \`${declared[differs]}\`, but this gateway's is \`${own[differs]}\`. Give the service \`directRouting: ${wanted}\`.`,
    );
  }
  if (declared.access === own.access) return;
  throw new ArgumentError(
    COMPONENT,
    `\`directRouting\` is true, but the service \`${service}\` lets other callers through than the gateway: \`auth\`, \`allowedHosts\` or \`allowedOrigins\` of the two differ. Give both the same.`,
  );
}

/** Refuses services of another load balancer. */
export function checkListener(service: string, listenerArn: string, own: string): void {
  if (listenerArn === "" || listenerArn === own) return;
  throw new ArgumentError(
    COMPONENT,
    `\`directRouting\` is true, but the service \`${service}\` stands behind another load balancer than the gateway. Give both the same \`platform\`.`,
  );
}
