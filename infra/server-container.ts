import * as pulumi from "@pulumi/pulumi";
import { CONTAINER_NAME, type ContainerArgs, type ContainerMountPoint } from "./task/task.ts";
import type { ResourceRequirement } from "./capacity/task-capacity.ts";

/** How often ECS asks the server for its health, in seconds: each time a process starts for it. */
const HEALTH_CHECK_INTERVAL = 30;

/** What decides on the container that serves. */
export interface ServerContainerArgs {
  readonly image: pulumi.Input<string>;
  readonly command: pulumi.Input<pulumi.Input<string>[]> | undefined;
  readonly port: pulumi.Input<number>;
  readonly environment: pulumi.Input<Record<string, string>>;
  readonly secrets: pulumi.Input<Record<string, string>>;
  readonly healthCheckCommand: pulumi.Input<pulumi.Input<string>[]> | undefined;
  readonly startPeriod: pulumi.Input<number>;
  readonly stopTimeout: pulumi.Input<number>;
  readonly resourceRequirements: pulumi.Input<ResourceRequirement[]>;
  readonly mountPoints: pulumi.Input<pulumi.Input<ContainerMountPoint>[]>;
}

/** The container that serves, as it is alone in its task. */
export function serverContainer(args: ServerContainerArgs): pulumi.Output<ContainerArgs> {
  return pulumi.output({ ...args }).apply((known) => ({
    name: CONTAINER_NAME,
    image: known.image,
    command: known.command,
    essential: true,
    cpu: 0,
    resourceRequirements: known.resourceRequirements,
    ports: [known.port],
    environment: known.environment,
    secrets: known.secrets,
    healthCheck:
      known.healthCheckCommand === undefined
        ? undefined
        : {
            command: known.healthCheckCommand,
            interval: HEALTH_CHECK_INTERVAL,
            startPeriod: known.startPeriod,
          },
    dependsOn: [],
    stopTimeout: known.stopTimeout,
    readonlyRootFilesystem: true,
    mountPoints: known.mountPoints,
  }));
}
