import type { ConfiguredAuth } from "./credentials.ts";
import type { Naming } from "./names.ts";
import { UpstreamKind, type GatewayUpstream, type UpstreamSettings } from "./upstream-args.ts";
import { ArgumentError } from "../validation.ts";

/** What Parameter Store keeps under one name, in bytes; above 4096 it takes about 0.05 USD a month (Systems Manager guide, "Managing parameter tiers"). */
export const LARGEST_VALUE = 8192;

/** What is known of an upstream when its parameter is written. */
export interface KnownUpstream {
  readonly url: string;
  readonly kind: UpstreamKind;
  readonly discovery: "dns" | "url";
  readonly auth: ConfiguredAuth;
  readonly timeoutSeconds: number | undefined;
  readonly maxOngoingRequests: number | undefined;
  /** Scopes of the rules, in their order. */
  readonly ruleScopes: readonly (readonly string[])[];
  readonly declaredTools: readonly string[] | undefined;
  readonly documentUrl: string | undefined;
}

/** The settings that decide on names, as the gateway takes them. */
export function namingOf(settings: UpstreamSettings): Naming {
  const { prefix, unprefixed, allow, deny, aliases } = settings;
  return {
    prefix: unprefixed === true ? false : prefix,
    allow,
    deny,
    aliases,
  };
}

/**
 * The configuration of an upstream, as the gateway reads it (service/servers/gateway/upstream-configuration.ts). What is not said is not written, so that
 * another default of ours changes no parameter.
 */
export function upstreamValue(
  settings: UpstreamSettings & Pick<GatewayUpstream, "tools">,
  known: KnownUpstream,
): string {
  const { auth, declaredTools, discovery, documentUrl, kind, ruleScopes, url } = known;
  const rules = settings.rules?.map(({ tools, claims }, index) => ({
    tools,
    ...notEmpty("scopes", ruleScopes[index]),
    ...(claims === undefined ? {} : { claims }),
  }));
  return JSON.stringify({
    ...(kind === UpstreamKind.Mcp ? {} : { kind }),
    url,
    ...(discovery === "url" ? {} : { discovery }),
    ...namingOf(settings),
    ...(auth.mode === "none" ? {} : { auth }),
    rules,
    timeoutSeconds: known.timeoutSeconds,
    toolTimeouts: settings.toolTimeouts,
    idempotentTools: settings.idempotentTools,
    maxOngoingRequests: known.maxOngoingRequests,
    ...notEmpty("declaredTools", declaredTools),
    tools: settings.tools?.map(({ inputSchema, ...tool }) => ({
      ...tool,
      ...(inputSchema === undefined ? {} : { inputSchema: JSON.parse(inputSchema) as unknown }),
    })),
    documentUrl,
  });
}

function notEmpty<Value>(
  key: string,
  list: readonly Value[] | undefined,
): Record<string, readonly Value[]> {
  return list === undefined || list.length === 0 ? {} : { [key]: list };
}

/** Refuses what Parameter Store would refuse. */
export function checkValue(component: string, at: string, value: string): void {
  const bytes = Buffer.byteLength(value);
  if (bytes > LARGEST_VALUE) {
    throw new ArgumentError(
      component,
      `\`${at}\` takes ${bytes} bytes as a parameter, which may have ${LARGEST_VALUE}. Say less: shorter descriptions and schemas, or an OpenAPI document with` +
        " `documentUrl`, which does not lie in the parameter.",
    );
  }
  if (!value.includes("{{")) return;
  throw new ArgumentError(
    component,
    `\`${at}\` has \`{{\`, which Parameter Store takes for a reference to another parameter. Write it otherwise.`,
  );
}
