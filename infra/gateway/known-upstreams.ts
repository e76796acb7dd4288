import * as pulumi from "@pulumi/pulumi";
import {
  checkServiceAuth,
  givenAuth,
  secretArns,
  serviceAuth,
  type ConfiguredAuth,
} from "./credentials.ts";
import type { McpServiceEndpoint } from "./endpoint.ts";
import { COMPONENT, type McpGatewayArgs } from "./gateway-args.ts";
import { collision, offeredTools, type NamedTool } from "./names.ts";
import { UpstreamKind, type GatewayUpstream, type UpstreamSettings } from "./upstream-args.ts";
import { checkValue, namingOf, upstreamValue, type KnownUpstream } from "./upstream-value.ts";
import { ArgumentError } from "../validation.ts";

/** One upstream, whether a service of the program or not. */
export interface Upstream {
  readonly name: string;
  readonly settings: UpstreamSettings;
  /** That of a service of the program. */
  readonly endpoint: pulumi.Output<McpServiceEndpoint> | undefined;
  readonly auth: pulumi.Output<ConfiguredAuth>;
  readonly declaredTools: pulumi.Output<readonly string[]>;
  /** What its parameter holds. */
  readonly value: pulumi.Output<string>;
}

/** Everything that stands behind a gateway, the services first. */
export function upstreamsOf(
  args: {
    readonly [Argument in "services" | "serviceSettings" | "upstreams"]:
      McpGatewayArgs[Argument] | undefined;
  },
  region: pulumi.Input<string>,
): Upstream[] {
  const { services = {}, serviceSettings = {}, upstreams = {} } = args;
  return [
    ...Object.entries(services).map(([name, endpoint]) =>
      ofService(name, pulumi.output(endpoint), serviceSettings[name] ?? {}, region),
    ),
    ...Object.entries(upstreams).map(([name, upstream]) => elsewhere(name, upstream, region)),
  ];
}

function ofService(
  name: string,
  endpoint: pulumi.Output<McpServiceEndpoint>,
  settings: UpstreamSettings,
  region: pulumi.Input<string>,
): Upstream {
  endpoint.hostName.apply((hostName) => {
    checkHasPrivateName(name, hostName);
  });
  if (settings.auth === undefined) {
    endpoint.authMode.apply((authMode) => {
      checkServiceAuth(COMPONENT, name, authMode);
    });
  }
  const auth =
    settings.auth === undefined ? endpoint.apply(serviceAuth) : givenAuth(settings.auth, region);
  const { declaredTools } = endpoint;
  return {
    name,
    settings,
    endpoint,
    auth,
    declaredTools,
    value: valueOf(`services.${name}`, settings, {
      url: pulumi.interpolate`http://${endpoint.hostName}:${endpoint.port}${endpoint.path}`,
      kind: UpstreamKind.Mcp,
      discovery: "dns",
      auth,
      timeoutSeconds: settings.timeoutSeconds ?? endpoint.longestCallSeconds,
      declaredTools,
      documentUrl: undefined,
    }),
  };
}

function checkHasPrivateName(name: string, hostName: string): void {
  if (hostName !== "") return;
  throw new ArgumentError(
    COMPONENT,
    `the service \`${name}\` has no private name, by which the gateway would find its replicas. Set \`discoverable\` of the service and \`serviceDiscovery\` of the` +
      " platform to true, or give its `url` in `upstreams`.",
  );
}

function elsewhere(
  name: string,
  upstream: GatewayUpstream,
  region: pulumi.Input<string>,
): Upstream {
  const {
    balanceOverAddresses = false,
    documentUrl,
    kind = UpstreamKind.Mcp,
    tools,
    url,
  } = upstream;
  const auth = givenAuth(upstream.auth, region);
  const declared = upstream.declaredTools ?? tools?.map((tool) => tool.name) ?? [];
  return {
    name,
    settings: upstream,
    endpoint: undefined,
    auth,
    declaredTools: pulumi.output(declared),
    value: valueOf(`upstreams.${name}`, upstream, {
      url,
      kind,
      discovery: balanceOverAddresses ? "dns" : "url",
      auth,
      timeoutSeconds: upstream.timeoutSeconds,
      declaredTools: upstream.declaredTools ?? [],
      documentUrl,
    }),
  };
}

type Late = {
  readonly [
    Fact in Exclude<keyof KnownUpstream, "maxOngoingRequests" | "ruleScopes">
  ]: pulumi.Input<KnownUpstream[Fact]>;
};

function valueOf(
  at: string,
  settings: UpstreamSettings & Pick<GatewayUpstream, "tools">,
  late: Late,
): pulumi.Output<string> {
  const ruleScopes = (settings.rules ?? []).map(({ scopes }) => pulumi.output(scopes ?? []));
  const value = pulumi
    .all([late, settings.maxOngoingRequests, pulumi.all(ruleScopes)])
    .apply(([known, maxOngoingRequests, scopes]) =>
      upstreamValue(settings, { ...known, maxOngoingRequests, ruleScopes: scopes }),
    );
  value.apply((known) => {
    checkValue(COMPONENT, at, known);
  });
  return value;
}

/** The tools that the program declares, as clients see them, after a look at whether two have one name. */
export function namedTools(upstreams: readonly Upstream[]): pulumi.Output<NamedTool[]> {
  const named = pulumi.all(upstreams.map(({ declaredTools }) => declaredTools)).apply((declared) =>
    offeredTools(
      upstreams.map(({ name, settings }, index) => ({
        name,
        naming: namingOf(settings),
        tools: declared[index] ?? [],
      })),
    ),
  );
  named.apply((known) => {
    const sentence = collision(known);
    if (sentence !== undefined) throw new ArgumentError(COMPONENT, sentence);
  });
  return named;
}

/** The ARNs of the secrets that the gateway reads. */
export function upstreamSecretArns(upstreams: readonly Upstream[]): pulumi.Output<string[]> {
  return pulumi.all(upstreams.map(({ auth }) => auth)).apply(secretArns);
}

/** How long a call may take where nothing else is said, in seconds: the gateway's own default for an upstream. */
const CALL_SECONDS = 60;

/** How long calls of the slowest upstream may take, in seconds, and not less than the default. */
export function longestUpstreamCall(upstreams: readonly Upstream[]): pulumi.Output<number> {
  return pulumi
    .all(
      upstreams.map(({ endpoint, settings }) =>
        pulumi
          .output(settings.timeoutSeconds ?? endpoint?.longestCallSeconds ?? CALL_SECONDS)
          .apply((seconds) => Math.max(seconds, ...Object.values(settings.toolTimeouts ?? {}))),
      ),
    )
    .apply((seconds) => Math.max(CALL_SECONDS, ...seconds));
}
