import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";

/** The security group of instances, and the rule without which they reach nothing. */
export interface InstanceSecurity {
  readonly group: aws.ec2.SecurityGroup;
  readonly rule: pulumi.Resource;
}

/**
 * Lets instances out to HTTPS (ECS, registries, AMI repositories) and nobody in: replicas have network interfaces and security groups of their own,
 * and Session Manager is called from inside.
 */
export function createInstanceSecurity(
  name: string,
  args: { readonly vpcId: pulumi.Input<string>; readonly tags: Tags },
  opts: pulumi.CustomResourceOptions,
): InstanceSecurity {
  const { vpcId, tags } = args;
  const group = new aws.ec2.SecurityGroup(
    `${name}-instances`,
    { vpcId, description: `ECS instances of ${name}`, tags },
    opts,
  );
  const rule = new aws.vpc.SecurityGroupEgressRule(
    `${name}-instances`,
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
  return { group, rule };
}
