import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import type * as pulumi from "@pulumi/pulumi";
import type { Tags } from "./tags.ts";

/** How tasks in private subnets reach the internet. Prices are those of us-east-1 in 2026, without traffic. */
export const NatGateways = {
  /** One gateway in each zone: the loss of a zone takes nothing from the others. About 99 USD a month. */
  OnePerZone: "one-per-zone",
  /** One gateway for all zones: when its zone fails, no task reaches the internet. About 33 USD a month. */
  Single: "single",
} as const;
export type NatGateways = (typeof NatGateways)[keyof typeof NatGateways];

const STRATEGY = {
  [NatGateways.OnePerZone]: awsx.ec2.NatGatewayStrategy.OnePerAz,
  [NatGateways.Single]: awsx.ec2.NatGatewayStrategy.Single,
};

/** The network that a platform's services share. */
export interface Network {
  readonly vpcId: pulumi.Output<string>;
  readonly publicSubnetIds: pulumi.Output<string[]>;
  readonly privateSubnetIds: pulumi.Output<string[]>;
}

/** A VPC of public subnets for gateways and private ones for tasks, one of each in every zone. */
export function createNetwork(
  name: string,
  args: { cidrBlock: string; zones: number; natGateways: NatGateways; tags: Tags },
  opts: pulumi.CustomResourceOptions,
): Network {
  const vpc = new awsx.ec2.Vpc(
    name,
    {
      cidrBlock: args.cidrBlock,
      numberOfAvailabilityZones: args.zones,
      subnetStrategy: awsx.ec2.SubnetAllocationStrategy.Auto,
      subnetSpecs: [{ type: awsx.ec2.SubnetType.Public }, { type: awsx.ec2.SubnetType.Private }],
      natGateways: { strategy: STRATEGY[args.natGateways] },
      // Interface endpoints with private names, should a user add one, need both.
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: args.tags,
    },
    opts,
  );
  return {
    vpcId: vpc.vpcId,
    publicSubnetIds: vpc.publicSubnetIds,
    privateSubnetIds: vpc.privateSubnetIds,
  };
}

/** Opens a service's tasks to the load balancer alone, and lets them out to HTTPS: registry, secrets, logs, other services' APIs. */
export function createTaskSecurityGroup(
  name: string,
  args: {
    readonly vpcId: pulumi.Input<string>;
    readonly loadBalancerSecurityGroupId: pulumi.Input<string>;
    readonly port: pulumi.Input<number>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): aws.ec2.SecurityGroup {
  const { tags } = args;
  const group = new aws.ec2.SecurityGroup(
    `${name}-tasks`,
    { vpcId: args.vpcId, description: `Tasks of the MCP service ${name}`, tags },
    opts,
  );
  const port = { ipProtocol: "tcp", fromPort: args.port, toPort: args.port, tags };
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-tasks`,
    {
      ...port,
      securityGroupId: group.id,
      referencedSecurityGroupId: args.loadBalancerSecurityGroupId,
      description: "From the load balancer",
    },
    opts,
  );
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-load-balancer`,
    {
      ...port,
      securityGroupId: args.loadBalancerSecurityGroupId,
      referencedSecurityGroupId: group.id,
      description: `To the tasks of ${name}`,
    },
    opts,
  );
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-tasks`,
    {
      securityGroupId: group.id,
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      cidrIpv4: "0.0.0.0/0",
      description: "HTTPS",
      tags,
    },
    opts,
  );
  return group;
}
