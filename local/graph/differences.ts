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
  /** Whether a container engine runs them. */
  readonly inContainers: boolean;
  /** Those that run here whose images the program builds. */
  readonly built: readonly ContainerDefinition[];
}

/** What this machine does otherwise than AWS with a task, a line each. */
export function differences(facts: TaskFacts): string[] {
  return [
    ...instances(facts),
    ...sharedNetwork(facts),
    ...givenImages(facts),
    ...absentContainers(facts),
    ...telemetry(facts),
    ...agent(facts),
    ...gpus(facts),
    ...volumes(facts),
  ];
}

function instances({ requiresCompatibilities, inContainers }: TaskFacts): string[] {
  return requiresCompatibilities.includes("FARGATE") || requiresCompatibilities.length === 0
    ? []
    : [
        `instances are counted here, and not started: replicas are ${inContainers ? "containers" : "processes"} of this machine`,
      ];
}

function sharedNetwork({ inContainers }: TaskFacts): string[] {
  return inContainers
    ? [
        "containers share the network of this machine: what listens on all addresses rather than on `HOST` is in the way of a second replica",
      ]
    : [];
}

function givenImages({ inContainers, running, built }: TaskFacts): string[] {
  if (!inContainers) return [];
  return running
    .filter((container) => !built.includes(container))
    .map(({ name, image }) => `\`${name}\` runs the image \`${image}\` as it is`);
}

function absentContainers({ absent, optimizer, inContainers }: TaskFacts): string[] {
  const names = absent.map(({ name }) => name).filter((name) => name !== optimizer?.agent);
  if (inContainers && names.length > 0) {
    return [
      `${listed(names)} ${names.length === 1 ? "is" : "are"} not run here: telemetry does not leave this machine; what waits for ${names.length === 1 ? "it" : "them"} starts at once`,
    ];
  }
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

function gpus({ running, inContainers }: TaskFacts): string[] {
  const wanted = running.some(
    ({ resourceRequirements, environment }) =>
      resourceRequirements.some(({ type }) => type === "GPU") ||
      environment.some(({ name }) => name === "NVIDIA_VISIBLE_DEVICES"),
  );
  const takesNoOther = running.some(({ environment }) =>
    environment.some(({ name, value }) => name === "MODEL_DEVICE" && value === "cuda"),
  );
  if (takesNoOther) return ["GPUs are not assigned here: the model runs on the processor"];
  if (!wanted) return [];
  return [
    inContainers
      ? "GPUs are not assigned here: containers see none"
      : "GPUs are not assigned here: every replica sees those of this machine",
  ];
}

function volumes({ mounted, running, inContainers }: TaskFacts): string[] {
  const points = running
    .flatMap(({ mountPoints }) => mountPoints)
    .filter(({ sourceVolume }) => mounted.includes(sourceVolume));
  if (points.length === 0) return [];
  const names = points.map(({ sourceVolume }) => sourceVolume);
  const paths = points.map(({ containerPath }) => containerPath);
  const instead = inContainers
    ? `${new Set(paths).size === 1 ? "is an empty folder" : "are empty folders"} of each container`
    : `${new Set(paths).size === 1 ? "is a path" : "are paths"} of this machine`;
  return [
    `${listed(names)} ${new Set(names).size === 1 ? "is" : "are"} not mounted here: ${listed(paths)} ${instead}`,
  ];
}

function listed(names: readonly string[]): string {
  const quoted = [...new Set(names)].map((name) => `\`${name}\``);
  return quoted.length < 2
    ? quoted.join("")
    : `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1) ?? ""}`;
}
