import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DeploymentStrategy } from "../deployment/deployment-strategy.ts";
import { shiftsTraffic } from "../deployment/deployment-strategy.ts";
import type { Tags } from "../tags.ts";
import { ArgumentError } from "../validation.ts";

/** The private names of a platform's services; its texts are empty where it gives none. */
export interface NamespaceFacts {
  /** The id of the Cloud Map namespace. */
  id: string;
  /** What follows the name of a service in its private host name. */
  domainName: string;
}

/** The facts of a platform without private names. */
export const NO_NAMESPACE: NamespaceFacts = { id: "", domainName: "" };

/** How long a resolver keeps an address, in seconds: a replica that goes is asked for this long, and accepts for longer (`drainSeconds`). */
const TIME_TO_LIVE = 5;

/**
 * What private names end with. One VPC takes each name once, and several stacks may share a VPC: the digest tells them apart. ICANN keeps `internal` for
 * private use (resolution of 2024-07-29).
 */
export function namespaceName(name: string): string {
  const digest = createHash("sha256")
    .update([pulumi.getProject(), pulumi.getStack(), name].join("/"))
    .digest("hex");
  return `${name}-${digest.slice(0, 8)}.internal`;
}

/** Creates the namespace of a platform: a private hosted zone of its VPC, which Cloud Map writes. */
export function createNamespace(
  name: string,
  args: { readonly vpcId: pulumi.Input<string>; readonly tags: Tags },
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<NamespaceFacts> {
  const domainName = namespaceName(name);
  const namespace = new aws.servicediscovery.PrivateDnsNamespace(
    name,
    {
      name: domainName,
      vpc: args.vpcId,
      description: `Private names of the services of ${name}`,
      tags: args.tags,
    },
    opts,
  );
  return pulumi.output({ id: namespace.id, domainName });
}

/** Creates the private name of a service. ECS enters the addresses of its healthy replicas there, and takes them out before it stops them. */
export function createPrivateName(
  name: string,
  args: { readonly namespace: pulumi.Output<NamespaceFacts>; readonly tags: Tags },
  opts: pulumi.CustomResourceOptions,
): aws.servicediscovery.Service {
  const { namespace, tags } = args;
  namespace.id.apply((id) => {
    if (id !== "") return;
    throw new ArgumentError(
      "McpService",
      "`discoverable` is true, but the platform has no namespace for private names. Set `serviceDiscovery` of the platform to true.",
    );
  });
  return new aws.servicediscovery.Service(
    name,
    {
      name,
      description: `Replicas of the MCP service ${name}`,
      dnsConfig: {
        namespaceId: namespace.id,
        dnsRecords: [{ type: "A", ttl: TIME_TO_LIVE }],
        // Up to eight addresses in an answer; the other policy gives one.
        routingPolicy: "MULTIVALUE",
      },
      // Without it Cloud Map gives out replicas that have not started yet (sst#5915). The number is AWS's only one, and the provider calls it deprecated, but
      // without it the block vanishes, and comes back as a difference (terraform-provider-aws#44285).
      healthCheckCustomConfig: { failureThreshold: 1 },
      // ECS may be some seconds late in taking the last addresses out.
      forceDestroy: true,
      tags,
    },
    opts,
  );
}

/** The private host name of a service. */
export function privateHostName(
  name: string,
  namespace: pulumi.Output<NamespaceFacts>,
): pulumi.Output<string> {
  return namespace.domainName.apply((domainName) => `${name}.${domainName}`);
}

/** Refuses private names where they would lead callers past a shift of traffic. */
export function checkDiscoverable(
  component: string,
  args: {
    readonly discoverable: boolean | undefined;
    readonly hasPlatform: boolean;
    readonly deploymentStrategy: DeploymentStrategy;
  },
): void {
  if (args.discoverable !== true) return;
  if (!args.hasPlatform) {
    throw new ArgumentError(
      component,
      "`discoverable` is true, but the service has a platform of its own, where nobody would look for it. Give it the `platform` of those who call it, or leave" +
        " `discoverable` out.",
    );
  }
  if (!shiftsTraffic(args.deploymentStrategy)) return;
  throw new ArgumentError(
    component,
    `\`discoverable\` is true, but \`deploymentStrategy\` is \`${args.deploymentStrategy}\`: new replicas have the private name as soon as they are healthy, before the` +
      " load balancer shifts any traffic to them. Set `deploymentStrategy` to `ROLLING`, or leave `discoverable` out and let callers use `url`.",
  );
}
