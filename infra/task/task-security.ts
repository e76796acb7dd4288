import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";

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
