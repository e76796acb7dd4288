import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import { createRegionalNatGateway, NatGateways } from "./nat-gateway.ts";
import type { Tags } from "../tags.ts";
import { createInterfaceEndpoints, createS3Endpoint } from "./vpc-endpoints.ts";
import { checkZoneCount, zoneNames } from "./zones.ts";

/** The network that a platform's services share. */
export interface Network {
  readonly vpcId: pulumi.Output<string>;
  readonly publicSubnetIds: pulumi.Output<string[]>;
  readonly privateSubnetIds: pulumi.Output<string[]>;
  /** The addresses of callers inside. */
  readonly cidrBlocks: readonly pulumi.Input<string>[];
  /** The security groups that tasks join beside their own. */
  readonly taskSecurityGroupIds: readonly pulumi.Input<string>[];
  /** Whether tasks reach more than AWS services. */
  readonly hasInternetAccess: boolean;
  /** What leads out of the private subnets; empty where that is not ours. */
  readonly routes: readonly pulumi.Resource[];
  /** The names of the zones that have private subnets. */
  readonly zoneNames: pulumi.Output<string[]>;
  /** The NAT gateways that are ours; undefined where none are. */
  readonly natGatewayIds: pulumi.Output<string[]> | undefined;
}

/** What an own network is made from. */
export interface NetworkArgs {
  readonly cidrBlock: string;
  readonly zones: number;
  readonly natGateways: NatGateways;
  /** Short names of AWS services. */
  readonly interfaceEndpoints: readonly string[];
  readonly tags: Tags;
}

const STRATEGY = {
  [NatGateways.OnePerZone]: awsx.ec2.NatGatewayStrategy.OnePerAz,
  [NatGateways.Single]: awsx.ec2.NatGatewayStrategy.Single,
  // awsx knows no regional gateway.
  [NatGateways.Regional]: awsx.ec2.NatGatewayStrategy.None,
  [NatGateways.None]: awsx.ec2.NatGatewayStrategy.None,
};

/** A VPC of public subnets for gateways and private ones for tasks, one of each in every zone. */
export function createNetwork(
  name: string,
  args: NetworkArgs,
  opts: pulumi.CustomResourceOptions,
): Network {
  const { natGateways, tags } = args;
  const zones = zoneNames(args.zones, opts);
  // Apart from their use, so that the sentence is what the program fails with.
  void zones.then((names) => {
    checkZoneCount(names, args.zones);
  });
  const vpc = new awsx.ec2.Vpc(
    name,
    {
      cidrBlock: args.cidrBlock,
      // awsx wants it plain, and awaits no output; a promise arrives plain, and its type alone does not say so.
      availabilityZoneNames: zones as unknown as string[],
      subnetStrategy: awsx.ec2.SubnetAllocationStrategy.Auto,
      subnetSpecs: [{ type: awsx.ec2.SubnetType.Public }, { type: awsx.ec2.SubnetType.Private }],
      natGateways: { strategy: STRATEGY[natGateways] },
      // Interface endpoints have private names, which need both.
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags,
    },
    opts,
  );
  const { vpcId } = vpc;
  // One for each zone, so that even a first preview knows how many there are, and shows what stands in each.
  const privateSubnetIds = pulumi.output(
    Array.from({ length: args.zones }, (_, index) =>
      vpc.privateSubnetIds.apply(
        async (ids) => ids[index] ?? missingSubnet(await zones, args.zones),
      ),
    ),
  );
  const region = aws.getRegionOutput({}, opts).region;
  const routeTableIds = privateRouteTableIds(vpc);
  createS3Endpoint(name, { vpcId, routeTableIds, region, tags }, opts);
  const regional =
    natGateways === NatGateways.Regional
      ? createRegionalNatGateway(
          name,
          {
            vpcId,
            routeTableIds: Array.from({ length: args.zones }, (_, index) =>
              routeTableIds.apply((ids) => ids[index] ?? missingRouteTable()),
            ),
            internetGateway: vpc,
            tags,
          },
          opts,
        )
      : undefined;
  const services = args.interfaceEndpoints;
  return {
    vpcId,
    publicSubnetIds: vpc.publicSubnetIds,
    privateSubnetIds,
    cidrBlocks: [args.cidrBlock],
    taskSecurityGroupIds:
      services.length === 0
        ? []
        : [
            createInterfaceEndpoints(
              name,
              { vpcId, subnetIds: privateSubnetIds, services, region, tags },
              opts,
            ),
          ],
    hasInternetAccess: natGateways !== NatGateways.None,
    routes: [vpc, ...(regional?.routes ?? [])],
    zoneNames: pulumi.output(zones),
    natGatewayIds:
      natGateways === NatGateways.None
        ? undefined
        : (regional?.gateway.id.apply((id) => [id]) ??
          vpc.natGateways.apply((gateways) => pulumi.all(gateways.map(({ id }) => id)))),
  };
}

/** The route tables of the private subnets, in the order of these; awsx lists all tables in one order of its own. */
function privateRouteTableIds(vpc: awsx.ec2.Vpc): pulumi.Output<string[]> {
  const pairs = vpc.routeTableAssociations.apply((associations) =>
    pulumi.all(
      associations.map(({ subnetId, routeTableId }) => pulumi.all([subnetId, routeTableId])),
    ),
  );
  return pulumi
    .all([vpc.privateSubnetIds, pairs])
    .apply(([subnetIds, known]) =>
      subnetIds.map(
        (id) => known.find(([subnetId]) => subnetId === id)?.[1] ?? missingRouteTable(),
      ),
    );
}

function missingSubnet(zones: readonly string[], wanted: number): never {
  checkZoneCount(zones, wanted);
  throw new Error("A zone of the VPC has no private subnet.");
}

function missingRouteTable(): never {
  throw new Error("A private subnet of the VPC has no route table.");
}
