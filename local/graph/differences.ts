import { absentCollector, speaksGrpc } from "./absent-collector.ts";
import type { ContainerDefinition } from "./container-definition.ts";
import type { TargetOptimizer } from "./target-optimizer.ts";

/** What of a task definition decides on how it runs here. */
export interface TaskFacts {
  readonly requiresCompatibilities: readonly string[];
  /** Names of volumes that something outside of the task fills. */
  readonly mounted: readonly string[];
  readonly optimizer: TargetOptimizer | undefined;
  /** The containers that run here. */
  readonly running: readonly ContainerDefinition[];
  /** The others. */
  readonly absent: readonly ContainerDefinition[];
}

/** What this machine does otherwise than AWS with a task, a line each. */
export function differences(facts: TaskFacts): string[] {
  return [
    ...instances(facts),
    ...absentContainers(facts),
    ...telemetry(facts),
    ...agent(facts),
    ...gpus(facts),
    ...volumes(facts),
  ];
}

function instances({ requiresCompatibilities }: TaskFacts): string[] {
  return requiresCompatibilities.includes("FARGATE") || requiresCompatibilities.length === 0
    ? []
    : ["instances are counted here, and not started: replicas are processes of this machine"];
}

function absentContainers({ absent, optimizer }: TaskFacts): string[] {
  const names = absent.map(({ name }) => name).filter((name) => name !== optimizer?.agent);
  return names.length === 0
    ? []
    : [
        `${listed(names)} ${names.length === 1 ? "is" : "are"} not run here, since the program does not build ${names.length === 1 ? "its image" : "their images"}; what waits for ${names.length === 1 ? "it" : "them"} starts at once`,
      ];
}

function telemetry({ absent, running }: TaskFacts): string[] {
  const collectors = running.flatMap(({ environment }) => {
    const variables = Object.fromEntries(environment.map(({ name, value }) => [name, value]));
    const name = absentCollector(variables, absent);
    return name === undefined ? [] : [{ name, isGrpc: speaksGrpc(variables) }];
  });
  const byGrpc = collectors.filter(({ isGrpc }) => isGrpc).map(({ name }) => name);
  const byHttp = collectors.filter(({ isGrpc }) => !isGrpc).map(({ name }) => name);
  return [
    ...(byGrpc.length === 0
      ? []
      : [`traces are not sent here: ${listed(byGrpc)} would take them by gRPC`]),
    ...(byHttp.length === 0
      ? []
      : [`traces go to the page of this run, where ${listed(byHttp)} would take them`]),
  ];
}

function agent({ optimizer }: TaskFacts): string[] {
  return optimizer === undefined
    ? []
    : [
        `\`${optimizer.agent}\` is not run here: the load balancer itself sends a replica at most ${optimizer.maxConcurrency} requests at once, to port ${optimizer.destinationPort}`,
      ];
}

function gpus({ running }: TaskFacts): string[] {
  const wanted = running.some(
    ({ resourceRequirements, environment }) =>
      resourceRequirements.some(({ type }) => type === "GPU") ||
      environment.some(({ name }) => name === "NVIDIA_VISIBLE_DEVICES"),
  );
  return wanted ? ["GPUs are not assigned here: every replica sees those of this machine"] : [];
}

function volumes({ mounted, running }: TaskFacts): string[] {
  const points = running
    .flatMap(({ mountPoints }) => mountPoints)
    .filter(({ sourceVolume }) => mounted.includes(sourceVolume));
  if (points.length === 0) return [];
  const names = points.map(({ sourceVolume }) => sourceVolume);
  const paths = points.map(({ containerPath }) => containerPath);
  return [
    `${listed(names)} ${new Set(names).size === 1 ? "is" : "are"} not mounted here: ${listed(paths)} ${new Set(paths).size === 1 ? "is a path" : "are paths"} of this machine`,
  ];
}

function listed(names: readonly string[]): string {
  const quoted = [...new Set(names)].map((name) => `\`${name}\``);
  return quoted.length < 2
    ? quoted.join("")
    : `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1) ?? ""}`;
}
