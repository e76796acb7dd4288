import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { allowTraces } from "./observability/collector.ts";
import { startPeriod } from "./deployment/deployment-times.ts";
import { allowExecuteCommand } from "./task/execute-command.ts";
import type { BundledServer, Image } from "./task/image.ts";
import type { McpPlatformHandle } from "./platform.ts";
import { createTaskRoles, type Deployment, type TaskRoles } from "./task/roles.ts";
import { serverContainer } from "./server-container.ts";
import { internalsOf } from "./service-internals.ts";
import type { McpServiceArgs, ServiceSettings } from "./service-args.ts";
import {
  repositoryArns,
  serverMountPoints,
  serviceContainers,
  serviceSidecars,
  sidecarSecretArns,
} from "./service-containers.ts";
import { leftOver } from "./task/sidecar.ts";
import { executeCommandVolumes, writtenVolumes } from "./task/task-args.ts";
import type { TaskCapacity } from "./capacity/task-capacity.ts";
import { createTaskDefinition } from "./task/task-definition.ts";
import { createTaskPolicy } from "./task/task-policy.ts";
import { createTaskSecurity } from "./task/task-security.ts";
import { createTaskVolumes } from "./task/task-volumes.ts";
import { nodeHealthCheck } from "./task/task.ts";

/** What a service's replicas are made from. */
export interface ServiceTask {
  readonly definition: aws.ecs.TaskDefinition;
  readonly securityGroupId: pulumi.Output<string>;
  readonly roles: TaskRoles;
  /** What must be there before the service, and outlives its tasks. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** What a task takes from the service beside its arguments. */
export interface ServiceTaskArgs {
  readonly image: Image;
  readonly bundled: BundledServer | undefined;
  readonly capacity: TaskCapacity;
  readonly environment: pulumi.Input<Record<string, string>>;
  readonly secrets: pulumi.Output<Record<string, string>>;
  readonly platform: pulumi.Output<McpPlatformHandle>;
  readonly deployment: Deployment;
}

/** Creates the task definition of a service, and all that its tasks need: roles, security group, volumes. */
export function createServiceTask(
  name: string,
  args: McpServiceArgs,
  settings: ServiceSettings,
  service: ServiceTaskArgs,
  opts: pulumi.CustomResourceOptions,
): ServiceTask {
  const { enableExecuteCommand, port, tags } = settings;
  const { bundled, capacity, deployment, image, platform, secrets } = service;
  const roles = createTaskRoles(
    name,
    {
      deployment,
      repositoryArns: repositoryArns(image, args, deployment.partition),
      secretArns: pulumi
        .all([secrets, sidecarSecretArns(args)])
        .apply(([own, beside]) => [...Object.values(own), ...beside]),
      logGroupArn: platform.logGroupArn,
      keyArns: pulumi
        .all([platform.kmsKeyArn, args.secretKeyArns ?? []])
        .apply(([own, given]) => [...(own === "" ? [] : [own]), ...given]),
      tags,
    },
    opts,
  );
  const statements = args.taskPolicy ?? [];
  const security = createTaskSecurity(
    name,
    {
      vpcId: platform.vpcId,
      loadBalancerSecurityGroupId: platform.loadBalancerSecurityGroupId,
      tags,
    },
    opts,
  );
  const volumes = createTaskVolumes(
    name,
    {
      volumes: args.volumes ?? [],
      written: writtenVolumes(args),
      taskRole: roles.task,
      vpcId: platform.vpcId,
      subnetIds: platform.privateSubnetIds,
      taskSecurityGroupId: security.group.id,
      deployment,
      tags,
    },
    opts,
  );
  const taskCpu = capacity.cpu.apply(Number);
  const containerStart = pulumi.output(settings.startupSeconds).apply(startPeriod);
  const sidecars = serviceSidecars(args, {
    ...settings,
    image: image.uri,
    region: deployment.region,
    taskCpu,
    startPeriod: containerStart,
  });
  const heapCommand =
    bundled &&
    pulumi
      .all([settings.memory, sidecars])
      .apply(([memory, beside]) => bundled.command(leftOver({ cpu: 0, memory }, beside).memory));
  const server = serverContainer({
    image: image.uri,
    command: args.command ?? heapCommand,
    port,
    environment: service.environment,
    secrets,
    healthCheckCommand:
      args.healthCheckCommand ?? (bundled && pulumi.output(port).apply(nodeHealthCheck)),
    startPeriod: containerStart,
    stopTimeout: capacity.stopTimeout,
    resourceRequirements: capacity.resourceRequirements,
    mountPoints: serverMountPoints(args, enableExecuteCommand),
  });
  const definition = createTaskDefinition(
    name,
    {
      capacity,
      architecture: settings.architecture,
      ephemeralStorageGib: args.ephemeralStorageGib,
      executionRoleArn: roles.execution.arn,
      taskRoleArn: roles.task.arn,
      containers: serviceContainers(server, sidecars, taskCpu),
      logs: {
        logGroupName: platform.logGroupName,
        region: deployment.region,
        streamPrefix: name,
      },
      volumes: [
        ...volumes.volumes,
        ...(enableExecuteCommand
          ? executeCommandVolumes(args).map((volume) => ({ name: volume.name }))
          : []),
      ],
      tags,
    },
    opts,
  );
  return {
    definition,
    securityGroupId: security.group.id,
    roles,
    dependsOn: [
      roles.executionPolicy,
      ...security.rules,
      ...volumes.dependsOn,
      ...(enableExecuteCommand ? [allowExecuteCommand(name, roles.task, opts)] : []),
      ...(settings.traceSamplePercent === 0 ? [] : [allowTraces(name, roles.task, opts)]),
      ...(internalsOf(args)?.beforeTasks({
        securityGroupId: security.group.id,
        taskRoleName: roles.task.name,
      }) ?? []),
      ...(statements.length === 0
        ? []
        : [createTaskPolicy(name, { taskRole: roles.task, statements }, opts)]),
    ],
  };
}
