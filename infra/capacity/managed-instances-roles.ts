import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";

/** The roles of Managed Instances, and what they may do; a capacity provider must come after the policies. */
export interface ManagedInstancesRoles {
  /** With which ECS starts and stops the instances. */
  readonly infrastructureRoleArn: pulumi.Output<string>;
  /** With which the instances join the cluster; containers never get it. */
  readonly instanceProfileArn: pulumi.Output<string>;
  readonly policies: readonly pulumi.Resource[];
}

/**
 * Both roles with AWS's policies, which only ever touch what ECS has tagged as its own. The one of the infrastructure role passes on no other roles than
 * those named `ecsInstanceRole…` (ECS guide, "Managed Instances instance profile"); here a policy for this one role stands in for a fixed name, of
 * which an account could have but one.
 */
export function createManagedInstancesRoles(
  name: string,
  args: { readonly tags: Tags },
  opts: pulumi.CustomResourceOptions,
): ManagedInstancesRoles {
  const { tags } = args;
  const { partition, dnsSuffix } = aws.getPartitionOutput({}, opts);
  // Unlike most services, EC2 has another name in China.
  const ec2 = pulumi.interpolate`ec2.${dnsSuffix}`;
  const roleFor = (suffix: string, service: pulumi.Input<string>): aws.iam.Role =>
    new aws.iam.Role(
      `${name}-${suffix}`,
      {
        // As AWS writes it, without conditions: ECS documents none for these roles, and only who may pass a role can name it.
        assumeRolePolicy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" },
          ],
        }),
        tags,
      },
      opts,
    );
  const infrastructure = roleFor("infrastructure", "ecs.amazonaws.com");
  const instance = roleFor("instance", ec2);
  const attach = (suffix: string, role: aws.iam.Role, policy: string): pulumi.Resource =>
    new aws.iam.RolePolicyAttachment(
      `${name}-${suffix}`,
      {
        role: role.name,
        policyArn: pulumi.interpolate`arn:${partition}:iam::aws:policy/${policy}`,
      },
      opts,
    );
  const passRole = new aws.iam.RolePolicy(
    `${name}-infrastructure`,
    {
      role: infrastructure.name,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "iam:PassRole",
            Resource: instance.arn,
            Condition: { StringEquals: { "iam:PassedToService": ec2 } },
          },
        ],
      }),
    },
    opts,
  );
  const profile = new aws.iam.InstanceProfile(name, { role: instance.name, tags }, opts);
  return {
    infrastructureRoleArn: infrastructure.arn,
    instanceProfileArn: profile.arn,
    policies: [
      attach(
        "infrastructure",
        infrastructure,
        "AmazonECSInfrastructureRolePolicyForManagedInstances",
      ),
      attach("instance", instance, "AmazonECSInstanceRolePolicyForManagedInstances"),
      passRole,
    ],
  };
}
