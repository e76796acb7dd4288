import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";

/** The role with which ECS shifts traffic, and its policy; a service must come after the policy. */
export interface LoadBalancerRole {
  readonly role: aws.iam.Role;
  readonly policy: aws.iam.RolePolicy;
}

/**
 * The role with which ECS registers replicas in both target groups and moves the weights of the production rule. AWS's managed policy
 * (`AmazonECSInfrastructureRolePolicyForLoadBalancers`) allows the same on every load balancer of the account; this one on the service's own.
 */
export function createLoadBalancerRole(
  name: string,
  args: {
    readonly targetGroups: readonly aws.lb.TargetGroup[];
    readonly rule: aws.lb.ListenerRule;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): LoadBalancerRole {
  const role = new aws.iam.Role(
    `${name}-load-balancer`,
    {
      description: `ECS shifts the traffic of ${name} between revisions`,
      // As AWS writes it, without conditions: ECS documents none for this role, and only who may pass the role can name it.
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "ecs.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ],
      }),
      tags: args.tags,
    },
    opts,
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-load-balancer`,
    {
      role: role.name,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            // These actions know no resource.
            Action: [
              "elasticloadbalancing:DescribeListeners",
              "elasticloadbalancing:DescribeRules",
              "elasticloadbalancing:DescribeTargetGroups",
              "elasticloadbalancing:DescribeTargetHealth",
            ],
            Resource: "*",
          },
          {
            Effect: "Allow",
            Action: [
              "elasticloadbalancing:DeregisterTargets",
              "elasticloadbalancing:RegisterTargets",
            ],
            Resource: args.targetGroups.map(({ arn }) => arn),
          },
          {
            Effect: "Allow",
            Action: "elasticloadbalancing:ModifyRule",
            Resource: args.rule.arn,
          },
        ],
      }),
    },
    opts,
  );
  return { role, policy };
}
