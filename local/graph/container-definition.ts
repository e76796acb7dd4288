import { z } from "zod";
import { LocalError } from "./graph.ts";

/** What a container must have come to before another starts (API ContainerDependency). */
const conditions = z.enum(["START", "HEALTHY", "COMPLETE", "SUCCESS"]);

/** ECS's own default is 30 seconds. */
const containerDefinition = z.object({
  name: z.string(),
  image: z.string(),
  essential: z.boolean().default(true),
  command: z.array(z.string()).optional(),
  environment: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  secrets: z.array(z.object({ name: z.string(), valueFrom: z.string() })).default([]),
  portMappings: z.array(z.object({ containerPort: z.number() })).default([]),
  stopTimeout: z.number().default(30),
  dependsOn: z.array(z.object({ containerName: z.string(), condition: conditions })).default([]),
  mountPoints: z
    .array(z.object({ sourceVolume: z.string(), containerPath: z.string() }))
    .default([]),
  resourceRequirements: z.array(z.object({ type: z.string(), value: z.string() })).default([]),
});

/** A container as a task definition has it. */
export type ContainerDefinition = z.output<typeof containerDefinition>;

/** What one container waits for. */
export type ContainerDependency = ContainerDefinition["dependsOn"][number];

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
