import type * as pulumi from "@pulumi/pulumi";
import { checkDirectRules } from "./direct-rules-check.ts";
import type { McpServiceEndpoint } from "./endpoint.ts";
import { prefixCollision } from "./names.ts";
import { checkRuleScopes } from "./rule-scopes.ts";
import type { McpPlatformHandle } from "../platform.ts";
import type { HostArguments } from "../service-args.ts";
import {
  UpstreamAuthMode,
  type EgressRule,
  type GatewayUpstream,
  type UpstreamSettings,
} from "./upstream-args.ts";
import { upstreamAuthMode } from "./upstream-auth-check.ts";
import {
  checkEgress,
  checkUpstream,
  checkUpstreamName,
  checkUpstreamSettings,
  refuseSecret,
} from "./upstream-check.ts";
import { namingOf } from "./upstream-value.ts";
import { ArgumentError, check, checkName, wholeNumberBetween } from "../validation.ts";

/** The arguments of an {@link McpGateway}: those of a service, and what stands behind it. */
export interface McpGatewayArgs extends HostArguments {
  /** The platform to run on, that of the services behind the gateway: `McpPlatform.handle`. */
  platform: pulumi.Input<McpPlatformHandle>;
  /**
   * The services of the program that stand behind the gateway: `McpService.endpoint` of each, by names of yours, which stand before the names of their tools.
   * They are `discoverable`, and on the gateway's platform.
   * Default: none.
   */
  services?: Record<string, pulumi.Input<McpServiceEndpoint>>;
  /**
   * What the gateway makes of what these services offer, by the same names.
   * Default: everything is offered, under the service's name.
   */
  serviceSettings?: Record<string, UpstreamSettings>;
  /**
   * Whether the load balancer itself sends calls of `services` straight to these, for clients of MCP 2026-07-28; the gateway answers lists and older clients.
   * Saves a hop, and gives up the gateway's retries, metrics and limits for these calls. Each service is declared with `directRouting`, and has the gateway's
   * `auth`, `allowedHosts` and `allowedOrigins`.
   * Default: false.
   */
  directRouting?: boolean;
  /**
   * MCP servers and HTTP applications elsewhere, by names of yours, which stand before the names of their tools.
   * Default: none.
   */
  upstreams?: Record<string, GatewayUpstream>;
  /**
   * Where the gateway's tasks are let out to beside HTTPS, and beside `services`.
   * Default: nowhere.
   */
  egress?: EgressRule[];
  /**
   * Whether clients see `search_tools` and `call_tool` in the place of all tools: for more tools than a model should read at once.
   * Default: false.
   */
  search?: boolean;
  /**
   * The tools that are listed all the same, by the names that clients see; `*` stands for any characters. With `search`.
   * Default: none.
   */
  pinnedTools?: string[];
  /**
   * For how long the tools of an upstream that is gone stay listed, in seconds, 0 to 3600.
   * Default: 60.
   */
  graceSeconds?: pulumi.Input<number>;
  /**
   * How often each replica reads its upstreams from Parameter Store, in seconds, 1 to 60: as late a change takes effect. Every ten upstreams are one request;
   * an account has 40 a second.
   * Default: 10.
   */
  pollSeconds?: pulumi.Input<number>;
}

export const COMPONENT = "McpGateway";

export const DEFAULT_GRACE_SECONDS = 60;
export const DEFAULT_POLL_SECONDS = 10;

/** Refuses what the gateway would refuse to be configured with, and what could not be reached. */
export function checkGateway(name: string, args: McpGatewayArgs): void {
  checkName(COMPONENT, name);
  const { services = {}, serviceSettings = {}, upstreams = {}, egress = [] } = args;
  for (const service of Object.keys(services)) checkUpstreamName(COMPONENT, "services", service);
  for (const [service, settings] of Object.entries(serviceSettings)) {
    if (!Object.hasOwn(services, service)) {
      throw new ArgumentError(
        COMPONENT,
        `\`serviceSettings\` has \`${service}\`, which \`services\` has not. Give it there, too, or leave it out here.`,
      );
    }
    checkUpstreamSettings(COMPONENT, `serviceSettings.${service}`, settings);
    refuseSecret(COMPONENT, `serviceSettings.${service}`, settings);
  }
  checkEgress(COMPONENT, egress);
  for (const [upstream, given] of Object.entries(upstreams)) {
    checkUpstreamName(COMPONENT, "upstreams", upstream);
    if (Object.hasOwn(services, upstream)) {
      throw new ArgumentError(
        COMPONENT,
        `\`${upstream}\` stands in \`services\` and in \`upstreams\`. Give one of them another name.`,
      );
    }
    checkUpstream(COMPONENT, `upstreams.${upstream}`, given, egress);
    refuseSecret(COMPONENT, `upstreams.${upstream}`, given);
  }
  checkPrefixes(args);
  checkDirectRules(args);
  checkSigned(args);
  checkSearch(args);
  checkRuleScopes(args);
  check(args.graceSeconds, wholeNumberBetween(COMPONENT, "graceSeconds", 0, 3600, "seconds"));
  check(args.pollSeconds, wholeNumberBetween(COMPONENT, "pollSeconds", 1, 60, "seconds"));
}

function checkPrefixes({
  services = {},
  serviceSettings = {},
  upstreams = {},
}: McpGatewayArgs): void {
  const sentence = prefixCollision([
    ...Object.keys(services).map((name) => ({
      name,
      naming: namingOf(serviceSettings[name] ?? {}),
    })),
    ...Object.entries(upstreams).map(([name, upstream]) => ({ name, naming: namingOf(upstream) })),
  ]);
  if (sentence !== undefined) throw new ArgumentError(COMPONENT, sentence);
}

/** A signature by a role that may do nothing is refused by every AWS service. */
function checkSigned({
  serviceSettings = {},
  taskPolicy = [],
  upstreams = {},
}: McpGatewayArgs): void {
  if (taskPolicy.length > 0) return;
  const signed = Object.entries({ ...serviceSettings, ...upstreams }).find(
    ([, { auth }]) => upstreamAuthMode(auth) === UpstreamAuthMode.SigV4,
  );
  if (signed === undefined) return;
  throw new ArgumentError(
    COMPONENT,
    `\`${signed[0]}\` is asked with AWS's signature, but \`taskPolicy\` allows the gateway's tasks nothing. Add a statement with the action that is needed, such as` +
      " `bedrock-agentcore:InvokeGateway` or `execute-api:Invoke`.",
  );
}

function checkSearch({ pinnedTools = [], search = false }: McpGatewayArgs): void {
  const unusable = pinnedTools.find((pattern) => !/^[\w.*-]{1,256}$/u.test(pattern));
  if (unusable !== undefined) {
    throw new ArgumentError(
      COMPONENT,
      `\`pinnedTools\` has \`${unusable}\`; give names of tools as clients see them, with \`*\` for any characters.`,
    );
  }
  if (search || pinnedTools.length === 0) return;
  throw new ArgumentError(
    COMPONENT,
    "`pinnedTools` is given, but `search` is not true: every tool is listed. Leave it out, or set `search` to true.",
  );
}
