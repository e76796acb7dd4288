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

/** The security group of a service's tasks, and the rules that tasks need before they start. */
export interface TaskSecurity {
  readonly group: aws.ec2.SecurityGroup;
  readonly rules: readonly pulumi.Resource[];
}

/**
 * Opens a service's tasks to the load balancer alone, and lets them out to HTTPS: registry, secrets, logs, other services' APIs. From the load
 * balancer every port is open, since only the container's answers: a rule for one port would move with it, and cut off the replicas that still serve.
 */
export function createTaskSecurity(
  name: string,
  args: {
    readonly vpcId: pulumi.Input<string>;
    readonly loadBalancerSecurityGroupId: pulumi.Input<string>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): TaskSecurity {
  const { tags } = args;
  const group = new aws.ec2.SecurityGroup(
    `${name}-tasks`,
    { vpcId: args.vpcId, description: `Tasks of the MCP service ${name}`, tags },
    opts,
  );
  const everyPort = { ipProtocol: "tcp", fromPort: 0, toPort: 65_535, tags };
  const rules = [
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-tasks`,
      {
        ...everyPort,
        securityGroupId: group.id,
        referencedSecurityGroupId: args.loadBalancerSecurityGroupId,
        description: "From the load balancer",
      },
      opts,
    ),
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-load-balancer`,
      {
        ...everyPort,
        securityGroupId: args.loadBalancerSecurityGroupId,
        referencedSecurityGroupId: group.id,
        description: `To the tasks of ${name}`,
      },
      opts,
    ),
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
    ),
  ];
  return { group, rules };
}
