import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";

/** How tasks in private subnets reach the internet. Prices are those of us-east-1 in 2026; each GB is 0.045 USD more. */
export const NatGateways = {
  /** One gateway in each zone: the loss of a zone takes nothing from the others. About 37 USD a month and zone, 110 for three, its public address included. */
  OnePerZone: "one-per-zone",
  /** One gateway for all zones: when its zone fails, no task reaches the internet. About 37 USD a month. */
  Single: "single",
  /** One gateway that AWS stretches over the zones that the VPC has subnets in. About 37 USD a month and zone. */
  Regional: "regional",
  /**
   * None: tasks reach nothing but the AWS services that have endpoints in the VPC. No gateway to pay for, but four interface endpoints:
   * about 29 USD a month and zone; with `instanceCapacity` seven, about 51 USD.
   */
  None: "none",
} as const;
export type NatGateways = (typeof NatGateways)[keyof typeof NatGateways];

/** A gateway that needs neither a subnet nor an address of ours, and the way to it from every private subnet. */
export function createRegionalNatGateway(
  name: string,
  args: {
    readonly vpcId: pulumi.Input<string>;
    /** One of each zone. */
    readonly routeTableIds: readonly pulumi.Input<string>[];
    /** Without it a gateway has no internet to reach. */
    readonly internetGateway: pulumi.Resource;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): { readonly gateway: aws.ec2.NatGateway; readonly routes: readonly pulumi.Resource[] } {
  const gateway = new aws.ec2.NatGateway(
    name,
    {
      availabilityMode: "regional",
      connectivityType: "public",
      vpcId: args.vpcId,
      tags: args.tags,
    },
    { ...opts, dependsOn: [args.internetGateway] },
  );
  const routes = args.routeTableIds.map(
    (routeTableId, index) =>
      new aws.ec2.Route(
        `${name}-${index + 1}`,
        { routeTableId, destinationCidrBlock: "0.0.0.0/0", natGatewayId: gateway.id },
        opts,
      ),
  );
  return { gateway, routes };
}
