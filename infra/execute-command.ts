import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Where the SSM agent writes, which ECS starts inside the container; with a read-only root it would not start without writable volumes in these
 * places (containers-roadmap#1359). On Fargate a volume without a source is empty, encrypted, and gone with the task.
 */
export const AGENT_VOLUMES: readonly { readonly name: string; readonly containerPath: string }[] = [
  { name: "ssm-agent-logs", containerPath: "/var/log/amazon/ssm" },
  { name: "ssm-agent-state", containerPath: "/var/lib/amazon/ssm" },
];

/** What lets the SSM agent reach its service (ECS guide, "ECS Exec"); the four actions know no resource. The agent has the task's role. */
export function allowExecuteCommand(
  name: string,
  taskRole: aws.iam.Role,
  opts: pulumi.CustomResourceOptions,
): aws.iam.RolePolicy {
  return new aws.iam.RolePolicy(
    `${name}-execute-command`,
    {
      role: taskRole.name,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: [
              "ssmmessages:CreateControlChannel",
              "ssmmessages:CreateDataChannel",
              "ssmmessages:OpenControlChannel",
              "ssmmessages:OpenDataChannel",
            ],
            Resource: "*",
          },
        ],
      }),
    },
    opts,
  );
}
