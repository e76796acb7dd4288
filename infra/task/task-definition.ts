import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";
import type { TaskCapacity } from "../capacity/task-capacity.ts";
import { checkContainerDefinitionsSize } from "./task-definition-size.ts";
import {
  containerDefinitions,
  taskFamily,
  type ContainerArgs,
  type ContainerLogs,
  type CpuArchitecture,
} from "./task.ts";

/** What a task definition is made from. */
export interface TaskDefinitionArgs {
  /** What the task runs on, and how large it is. */
  readonly capacity: Pick<TaskCapacity, "requiresCompatibilities" | "cpu" | "memory">;
  /** The disk of a replica, in GiB, where it is not AWS's own. */
  readonly ephemeralStorageGib: pulumi.Input<number> | undefined;
  readonly architecture: CpuArchitecture;
  readonly executionRoleArn: pulumi.Input<string>;
  readonly taskRoleArn: pulumi.Input<string>;
  /** The server first, then what stands beside it. */
  readonly containers: pulumi.Input<readonly ContainerArgs[]>;
  readonly logs: { readonly [key in keyof ContainerLogs]: pulumi.Input<ContainerLogs[key]> };
  readonly volumes: aws.types.input.ecs.TaskDefinitionVolume[];
  readonly tags: Tags;
}

/** The task definition of a service. */
export function createTaskDefinition(
  name: string,
  args: TaskDefinitionArgs,
  opts: pulumi.CustomResourceOptions,
): aws.ecs.TaskDefinition {
  const { capacity, ephemeralStorageGib, volumes } = args;
  const definitions = pulumi
    .all([args.containers, pulumi.output({ ...args.logs })])
    .apply(([containers, logs]) => containerDefinitions(containers, logs));
  // Apart from their use, so that the sentence is what the program fails with.
  definitions.apply((text) => {
    checkContainerDefinitionsSize("McpService", text);
  });
  return new aws.ecs.TaskDefinition(
    name,
    {
      family: taskFamily(name),
      requiresCompatibilities: capacity.requiresCompatibilities,
      networkMode: "awsvpc",
      cpu: capacity.cpu,
      memory: capacity.memory,
      runtimePlatform: { cpuArchitecture: args.architecture, operatingSystemFamily: "LINUX" },
      ...(ephemeralStorageGib === undefined
        ? {}
        : { ephemeralStorage: { sizeInGib: ephemeralStorageGib } }),
      executionRoleArn: args.executionRoleArn,
      taskRoleArn: args.taskRoleArn,
      containerDefinitions: definitions,
      ...(volumes.length === 0 ? {} : { volumes }),
      // Replicas of the old revision may need replacing while the new one comes, and a rollback goes back to it; a
      // deregistered revision could do neither. Revisions cost nothing.
      skipDestroy: true,
      tags: args.tags,
    },
    opts,
  );
}
