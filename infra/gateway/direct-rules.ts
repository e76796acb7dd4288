import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { checkListener, checkRouted } from "./direct-rules-check.ts";
import { accessOf } from "./direct-routing.ts";
import type { McpGatewayArgs } from "./gateway-args.ts";
import type { Upstream } from "./known-upstreams.ts";
import { claimDirectRules } from "../ingress/rule-priority.ts";
import { DEFAULT_PATH } from "../ingress/routing.ts";
import type { McpPlatformHandle } from "../platform.ts";

/** The only revision whose requests say in headers what they call (MCP 2026-07-28, "Streamable HTTP", "Standard Headers"). */
const PROTOCOL_VERSION = "2026-07-28";

/** What stands before the names of a service's tools, and the priority of the rule that asks for it. */
interface DirectRoute {
  readonly prefix: string;
  readonly priority: number;
}

/** Claims the priorities of the rules, by the names of the services. None where `directRouting` is not true. */
export function claimDirectRoutes(
  name: string,
  args: McpGatewayArgs,
): ReadonlyMap<string, DirectRoute> {
  if (args.directRouting !== true) return new Map();
  const { hostName, path = DEFAULT_PATH, platform, services = {}, serviceSettings = {} } = args;
  const prefixes = Object.keys(services).map(
    (service) => [service, serviceSettings[service]?.prefix ?? service] as const,
  );
  const priorities = claimDirectRules(
    name,
    platform,
    { path, hostName },
    prefixes.map(([, prefix]) => prefix),
  );
  return new Map(
    prefixes.map(([service, prefix]) => [
      service,
      { prefix, priority: priorities.get(prefix) ?? 0 },
    ]),
  );
}

/** Creates the rules that send calls of tools straight to the services, past the gateway. */
export function createDirectRules(
  name: string,
  given: {
    /** By the names of the services. */
    readonly routes: ReadonlyMap<string, DirectRoute>;
    readonly upstreams: readonly Upstream[];
    readonly platform: pulumi.Output<McpPlatformHandle>;
    readonly args: McpGatewayArgs;
  },
  opts: pulumi.CustomResourceOptions,
): void {
  const { args, platform, routes, upstreams } = given;
  const { hostName, path = DEFAULT_PATH, tags } = args;
  for (const { endpoint, name: upstream } of upstreams) {
    const route = routes.get(upstream);
    if (endpoint === undefined || route === undefined) continue;
    const { prefix, priority } = route;
    const { directRouting: facts } = endpoint;
    pulumi
      .all([facts.prefix, facts.path, facts.hostName, facts.access, accessOf(args)])
      .apply(([declaredPrefix, declaredPath, declaredHost, access, own]) => {
        checkRouted(
          upstream,
          { prefix: declaredPrefix, path: declaredPath, hostName: declaredHost, access },
          { prefix, path, hostName: hostName ?? "", access: own },
        );
      });
    pulumi.all([facts.listenerArn, platform.listenerArn]).apply(([listenerArn, own]) => {
      checkListener(upstream, listenerArn, own);
    });
    new aws.lb.ListenerRule(
      `${name}-${upstream}-direct`,
      {
        listenerArn: platform.listenerArn,
        priority,
        // Five values at most, of all conditions together: as many as a rule may have.
        conditions: [
          { pathPattern: { values: [path] } },
          header("Mcp-Name", `${prefix}__*`),
          header("Mcp-Method", "tools/call"),
          header("MCP-Protocol-Version", PROTOCOL_VERSION),
          ...(hostName === undefined ? [] : [{ hostHeader: { values: [hostName] } }]),
        ],
        actions: [{ type: "forward", targetGroupArn: facts.targetGroupArn }],
        ...(tags === undefined ? {} : { tags }),
      },
      // As the service's own rule: another load balancer's cannot take the group over while this one still has it.
      { ...opts, deleteBeforeReplace: true },
    );
  }
}

function header(httpHeaderName: string, value: string) {
  return { httpHeader: { httpHeaderName, values: [value] } };
}
