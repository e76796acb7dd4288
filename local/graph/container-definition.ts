import { z } from "zod";
import { LocalError } from "./graph.ts";

/** What a container must have come to before another starts (API ContainerDependency). */
const conditions = z.enum(["START", "HEALTHY", "COMPLETE", "SUCCESS"]);

/** Seconds and counts with the defaults of API HealthCheck. */
const healthCheck = z.object({
  command: z
    .array(z.string())
    .refine(
      ([kind = "", ...words]) =>
        kind === "NONE"
          ? words.length === 0
          : ["CMD", "CMD-SHELL"].includes(kind) && words.length > 0,
      { error: 'begin it with "CMD" or "CMD-SHELL" and what to run, or give ["NONE"]' },
    ),
  interval: z.number().min(5).max(300).default(30),
  timeout: z.number().min(2).max(60).default(5),
  retries: z.number().min(1).max(10).default(3),
  startPeriod: z.number().min(0).max(300).default(0),
});

/** The defaults of API ContainerRestartPolicy; the period in seconds. */
const restartPolicy = z.object({
  enabled: z.boolean(),
  ignoredExitCodes: z.array(z.number()).max(50).default([]),
  restartAttemptPeriod: z.number().min(60).max(1800).default(300),
});

/** What changes how an image runs in a container engine (API LinuxParameters). */
const linuxParameters = z.object({
  capabilities: z
    .object({ add: z.array(z.string()).default([]), drop: z.array(z.string()).default([]) })
    .optional(),
  initProcessEnabled: z.boolean().optional(),
  tmpfs: z
    .array(
      z.object({
        containerPath: z.string(),
        size: z.number(),
        mountOptions: z.array(z.string()).default([]),
      }),
    )
    .default([]),
});

/** ECS's own defaults: 30 seconds to stop, three minutes until those that wait for it give up. */
const containerDefinition = z.object({
  name: z.string(),
  image: z.string(),
  essential: z.boolean().default(true),
  command: z.array(z.string()).optional(),
  environment: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  secrets: z.array(z.object({ name: z.string(), valueFrom: z.string() })).default([]),
  portMappings: z.array(z.object({ containerPort: z.number() })).default([]),
  stopTimeout: z.number().default(30),
  startTimeout: z.number().default(180),
  dependsOn: z.array(z.object({ containerName: z.string(), condition: conditions })).default([]),
  mountPoints: z
    .array(z.object({ sourceVolume: z.string(), containerPath: z.string() }))
    .default([]),
  resourceRequirements: z.array(z.object({ type: z.string(), value: z.string() })).default([]),
  healthCheck: healthCheck.optional(),
  restartPolicy: restartPolicy.optional(),
  entryPoint: z.array(z.string()).optional(),
  user: z.string().optional(),
  workingDirectory: z.string().optional(),
  readonlyRootFilesystem: z.boolean().optional(),
  linuxParameters: linuxParameters.optional(),
  cpu: z.number().default(0),
  memory: z.number().optional(),
  memoryReservation: z.number().optional(),
});

/** A container as a task definition has it. */
export type ContainerDefinition = z.output<typeof containerDefinition>;

/** What one container waits for. */
export type ContainerDependency = ContainerDefinition["dependsOn"][number];

/** The health check of a container; times in seconds. */
export type HealthCheck = z.output<typeof healthCheck>;

/** Whether a container that ends is started again in its place. */
export type RestartPolicy = z.output<typeof restartPolicy>;

/** @throws {LocalError} that names the task definition and what does not fit. */
export function parseContainers(task: string, json: string): ContainerDefinition[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw new LocalError(`The \`containerDefinitions\` of \`${task}\` are not JSON.`);
  }
  const result = z.array(containerDefinition).min(1).safeParse(parsed);
  if (!result.success) {
    throw new LocalError(
      `The containers of \`${task}\` cannot run here: ${z.prettifyError(result.error)}`,
    );
  }
  checkDependencies(task, result.data);
  return result.data;
}

/** Refuses what ECS would refuse: waiting for what is not there, or for each other. */
function checkDependencies(task: string, containers: readonly ContainerDefinition[]): void {
  for (const { name, dependsOn } of containers) {
    for (const { containerName } of dependsOn) {
      if (containers.some((other) => other.name === containerName)) continue;
      throw new LocalError(
        `The container \`${name}\` of \`${task}\` waits for \`${containerName}\`, which the task definition does not have.`,
      );
    }
  }
  const settled = new Set<string>();
  let before: number;
  do {
    before = settled.size;
    for (const { name, dependsOn } of containers) {
      if (dependsOn.every(({ containerName }) => settled.has(containerName))) settled.add(name);
    }
  } while (settled.size > before);
  const waiting = containers.filter(({ name }) => !settled.has(name)).map(({ name }) => name);
  if (waiting.length === 0) return;
  throw new LocalError(
    `The containers ${waiting.map((name) => `\`${name}\``).join(", ")} of \`${task}\` wait for each other: none would start.`,
  );
}

/** Refuses what would never start: waiting for the health of a container that nobody checks (API ContainerDependency, HEALTHY). */
export function checkHealthDependencies(
  task: string,
  running: readonly ContainerDefinition[],
): void {
  for (const { name, dependsOn } of running) {
    for (const { containerName, condition } of dependsOn) {
      const awaited = running.find((other) => other.name === containerName);
      if (condition !== "HEALTHY" || awaited === undefined) continue;
      if (awaited.healthCheck !== undefined && awaited.healthCheck.command[0] !== "NONE") continue;
      throw new LocalError(
        `The container \`${name}\` of \`${task}\` waits for the health of \`${containerName}\`, which declares no \`healthCheck\`: it would never start.` +
          " Declare one, or wait for `START`.",
      );
    }
  }
}
