import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { ContainerMountPoint } from "./task.ts";

/** A volume of a task, and where its container sees it. */
export interface AgentVolume {
  readonly name: string;
  readonly containerPath: string;
}

/** How the names of the agent's volumes begin; no other volume may be called so. */
export const AGENT_VOLUME_PREFIX = "ssm-agent-";

/**
 * Where the SSM agent writes, which ECS starts inside the container; with a read-only root it would not start without writable volumes in these
 * places (containers-roadmap#1359). A volume without a source is empty, and gone with the task; on Fargate it is encrypted.
 *
 * @param container has volumes of its own, since each has an agent of its own; the server's need no name.
 */
export function agentVolumes(container?: string): AgentVolume[] {
  const suffix = container === undefined ? "" : `-${container}`;
  return [
    { name: `${AGENT_VOLUME_PREFIX}logs${suffix}`, containerPath: "/var/log/amazon/ssm" },
    { name: `${AGENT_VOLUME_PREFIX}state${suffix}`, containerPath: "/var/lib/amazon/ssm" },
  ];
}

/** The same places, as a container's definition has them. */
export function agentMountPoints(container?: string): ContainerMountPoint[] {
  return agentVolumes(container).map(({ name, containerPath }) => ({
    containerPath,
    readOnly: false,
    sourceVolume: name,
  }));
}

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
