import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import { createRegionalNatGateway, NatGateways } from "./nat-gateway.ts";
import type { Tags } from "./tags.ts";
import { createInterfaceEndpoints, createS3Endpoint, TASK_SERVICES } from "./vpc-endpoints.ts";
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
}

/** What an own network is made from. */
export interface NetworkArgs {
  readonly cidrBlock: string;
  readonly zones: number;
  readonly natGateways: NatGateways;
  /** Short names of AWS services, beside those that tasks need where there is no NAT gateway. */
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
  const { vpcId, privateSubnetIds } = vpc;
  const region = aws.getRegionOutput({}, opts).region;
  const routeTableIds = privateRouteTableIds(vpc);
  createS3Endpoint(name, { vpcId, routeTableIds, region, tags }, opts);
  if (natGateways === NatGateways.Regional) {
    createRegionalNatGateway(
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
    );
  }
  const services = [
    ...(natGateways === NatGateways.None ? TASK_SERVICES : []),
    ...args.interfaceEndpoints,
  ];
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

function missingRouteTable(): never {
  throw new Error("A private subnet of the VPC has no route table.");
}
