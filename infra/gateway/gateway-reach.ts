import * as pulumi from "@pulumi/pulumi";
import { COMPONENT } from "./gateway-args.ts";
import type { Upstream } from "./known-upstreams.ts";
import { checkParameterStoreReachable } from "../network/endpoint-needs.ts";
import type { McpPlatformHandle } from "../platform.ts";
import { ArgumentError } from "../validation.ts";

/** Refuses a gateway that would not find its configuration, or not its services. */
export function checkReach(
  platform: pulumi.Output<McpPlatformHandle>,
  upstreams: readonly Upstream[],
): void {
  pulumi
    .all([platform.hasInternetAccess, platform.interfaceEndpoints])
    .apply(([hasInternetAccess, interfaceEndpoints]) => {
      checkParameterStoreReachable(COMPONENT, { hasInternetAccess, interfaceEndpoints });
    });
  const services = upstreams.flatMap(({ endpoint, name }) =>
    endpoint === undefined ? [] : [{ name, endpoint }],
  );
  for (const { name, endpoint } of services) {
    pulumi.all([endpoint.vpcId, platform.vpcId]).apply(([vpcId, own]) => {
      checkVpc(name, vpcId, own);
    });
  }
  pulumi.all(services.map(({ endpoint }) => endpoint.hostName)).apply((hostNames) => {
    checkEachOnce(services.map(({ name }, index) => ({ name, hostName: hostNames[index] ?? "" })));
  });
}

/** Refuses a service whose private name the gateway could not resolve. */
export function checkVpc(service: string, vpcId: string, own: string): void {
  if (vpcId === own) return;
  throw new ArgumentError(
    COMPONENT,
    `the service \`${service}\` is in the VPC ${vpcId}, but the gateway is in ${own}, where nobody knows its private name. Give both the same \`platform\`, or give` +
      " the service's `url` in `upstreams`.",
  );
}

/** Refuses a service behind two names: the second way to it would be a rule that AWS refuses. */
export function checkEachOnce(
  services: readonly { readonly name: string; readonly hostName: string }[],
): void {
  const holders = new Map<string, string>();
  for (const { name, hostName } of services) {
    const holder = holders.get(hostName);
    if (hostName !== "" && holder !== undefined) {
      throw new ArgumentError(
        COMPONENT,
        `\`services\` has one service twice, as \`${holder}\` and as \`${name}\`. Leave one of them out.`,
      );
    }
    holders.set(hostName, name);
  }
}

/** Refuses a limit below what upstreams are given: their longer calls would be ended in the middle. */
export function checkLongestCall(
  longestCallSeconds: pulumi.Input<number> | undefined,
  ofUpstreams: pulumi.Output<number>,
): void {
  if (longestCallSeconds === undefined) return;
  pulumi.all([longestCallSeconds, ofUpstreams]).apply(([own, longest]) => {
    if (own >= longest) return;
    throw new ArgumentError(
      COMPONENT,
      `\`longestCallSeconds\` is ${own}, but calls of an upstream may take ${longest} seconds, and would be ended before. Leave it out, or set \`timeoutSeconds\` or` +
        " `toolTimeouts` of the upstream to as much at most.",
    );
  });
}
