import * as pulumi from "@pulumi/pulumi";
import { collectorContainer } from "./observability/collector.ts";
import { checkParametersReachable, type Reach } from "./network/endpoint-needs.ts";
import { agentMountPoints } from "./task/execute-command.ts";
import { checkImageReachable, givenImage, type Image } from "./task/image.ts";
import {
  sidecarContainers,
  taskContainers,
  type SidecarContainer,
  type SidecarDefaults,
} from "./task/sidecar.ts";
import { targetControlAgent } from "./task/target-optimizer.ts";
import type { TaskArguments } from "./task/task-args.ts";
import type { ContainerArgs, ContainerMountPoint } from "./task/task.ts";
import { collectorImage, type TelemetryArguments } from "./observability/telemetry-args.ts";
import { check } from "./validation.ts";
import type { Variables } from "./variables.ts";

/** Everything that stands beside a service's server: the user's sidecars, the load balancer's agent, the collector of traces. */
export function serviceSidecars(
  args: TaskArguments & TelemetryArguments,
  service: SidecarDefaults & {
    readonly port: pulumi.Input<number>;
    readonly maxOngoingRequests: pulumi.Input<number>;
    readonly region: pulumi.Input<string>;
    /** Of the whole task, in CPU units. */
    readonly taskCpu: pulumi.Input<number>;
  },
): pulumi.Output<SidecarContainer[]> {
  const { sidecars = [], targetOptimizerImage } = args;
  const collector = collectorImage(args);
  return pulumi
    .all([
      sidecarContainers(sidecars, service),
      pulumi.all([
        ...(targetOptimizerImage === undefined
          ? []
          : [targetControlAgent({ ...service, image: targetOptimizerImage })]),
        ...(collector === undefined ? [] : [collectorContainer({ ...service, image: collector })]),
      ]),
    ])
    .apply(([given, own]) => [...given, ...own]);
}

/** The volumes that the server sees. */
export function serverMountPoints(
  { volumes = [] }: TaskArguments,
  enableExecuteCommand: boolean,
): pulumi.Input<ContainerMountPoint>[] {
  return [
    ...volumes.map(({ name, containerPath, readOnly }) =>
      pulumi.output({ containerPath, readOnly: readOnly ?? false, sourceVolume: name }),
    ),
    ...(enableExecuteCommand ? agentMountPoints() : []),
  ];
}

/** All containers of a service's tasks, the server first. */
export function serviceContainers(
  server: pulumi.Input<ContainerArgs>,
  sidecars: pulumi.Input<SidecarContainer[]>,
  taskCpu: pulumi.Input<number>,
): pulumi.Output<ContainerArgs[]> {
  return pulumi
    .all([server, sidecars, taskCpu])
    .apply(([known, beside, cpu]) => taskContainers(known, beside, cpu));
}

/** What the secrets of sidecars come from. */
export function sidecarSecretArns({ sidecars = [] }: TaskArguments): pulumi.Output<string[]> {
  return pulumi
    .all(sidecars.map(({ secrets }) => secrets ?? {}))
    .apply((all) => all.flatMap((secrets) => Object.values(secrets)));
}

/** The images beside the service's own, each by the argument that names it. */
function furtherImages(args: TaskArguments & TelemetryArguments): {
  argument: string;
  image: pulumi.Input<string>;
}[] {
  const { sidecars = [], targetOptimizerImage } = args;
  const collector = collectorImage(args);
  return [
    ...sidecars.flatMap(({ name, image }) =>
      image === undefined ? [] : [{ argument: `sidecars.${name}.image`, image }],
    ),
    ...(targetOptimizerImage === undefined
      ? []
      : [{ argument: "targetOptimizerImage", image: targetOptimizerImage }]),
    ...(collector === undefined ? [] : [{ argument: "collectorImage", image: collector }]),
  ];
}

/** The ARNs of the ECR repositories that the images of a task are in. */
export function repositoryArns(
  own: Image,
  args: TaskArguments & TelemetryArguments,
  partition: pulumi.Input<string>,
): pulumi.Output<string[]> {
  return pulumi
    .all([
      own.repositoryArn,
      ...furtherImages(args).map(({ image }) => givenImage(image, partition).repositoryArn),
    ])
    .apply((arns) => arns.filter((arn) => arn !== ""));
}

/** Refuses images beside the service's own that a task could not fetch. */
export function checkFurtherImages(
  component: string,
  args: TaskArguments & TelemetryArguments,
  partition: pulumi.Input<string>,
  reach: pulumi.Output<Reach & { readonly region: string }>,
): void {
  for (const { argument, image } of furtherImages(args)) {
    check(image, (uri) => {
      pulumi.all([givenImage(uri, partition).repositoryArn, reach]).apply(([arn, known]) => {
        checkImageReachable(component, uri, arn, known, argument);
      });
    });
  }
}

/** Refuses secrets of server and sidecars that ECS could not read. */
export function checkSecretsReachable(
  component: string,
  args: TaskArguments & { readonly secrets?: Variables },
  reach: pulumi.Output<Reach>,
): void {
  for (const [argument, secrets] of [
    ["secrets", args.secrets] as const,
    ...(args.sidecars ?? []).map(
      (sidecar) => [`sidecars.${sidecar.name}.secrets`, sidecar.secrets] as const,
    ),
  ]) {
    if (secrets === undefined) continue;
    pulumi.all([reach, secrets]).apply(([known, arns]) => {
      checkParametersReachable(component, known, argument, arns);
    });
  }
}
