import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";

/** What instances of an Auto Scaling group may do. */
export interface InstanceRole {
  readonly profileArn: pulumi.Output<string>;
  /** What the role may do; an instance must neither start before them nor outlive them. */
  readonly policies: readonly pulumi.Resource[];
}

/** Lets instances join the cluster, and Session Manager open a shell on them where that is wanted. Containers never get this role. */
export function createInstanceRole(
  name: string,
  args: { readonly enableSessionManager: boolean; readonly tags: Tags },
  opts: pulumi.CustomResourceOptions,
): InstanceRole {
  const { tags } = args;
  const { partition, dnsSuffix } = aws.getPartitionOutput({}, opts);
  const role = new aws.iam.Role(
    name,
    {
      assumeRolePolicy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            // Unlike most services, EC2 has another name in China.
            Principal: { Service: pulumi.interpolate`ec2.${dnsSuffix}` },
            Action: "sts:AssumeRole",
          },
        ],
      }),
      tags,
    },
    opts,
  );
  const attach = (suffix: string, policy: string): aws.iam.RolePolicyAttachment =>
    new aws.iam.RolePolicyAttachment(
      `${name}-${suffix}`,
      {
        role: role.name,
        policyArn: pulumi.interpolate`arn:${partition}:iam::aws:policy/${policy}`,
      },
      opts,
    );
  const policies = [
    attach("ecs", "service-role/AmazonEC2ContainerServiceforEC2Role"),
    ...(args.enableSessionManager
      ? [attach("session-manager", "AmazonSSMManagedInstanceCore")]
      : []),
  ];
  const profile = new aws.iam.InstanceProfile(name, { role: role.name, tags }, opts);
  return { profileArn: profile.arn, policies };
}
