import type { TestContext } from "node:test";
import { join } from "node:path";
import type { Outcome } from "../../local/balancer/forward.ts";
import type { Graph, GraphResource } from "../../local/graph/graph.ts";
import { readProject } from "../../local/graph/project.ts";
import { run, type Run, type RunEvents } from "../../local/run.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");

/** A run in the test's own process, and everything it told. */
export interface Observed {
  readonly run: Run;
  readonly outcomes: Outcome[];
  readonly happenings: string[];
  /** Resolves once the service has told something that matches. */
  told(pattern: RegExp): Promise<string>;
}

/** Resolves once something is so, which is looked at after each thing that the service tells. */
export async function until(observed: Observed, isSo: () => boolean): Promise<void> {
  while (!isSo()) await observed.told(/(?:)/u);
}

/**
 * Runs the repository's own program on a free port, with sample data; ended with the test.
 *
 * @param speed how much faster than the machine's the clock of the models goes.
 */
export async function observe(
  context: TestContext,
  transform?: (graph: Graph) => Graph,
  platform: NodeJS.Platform = process.platform,
  speed = 1,
): Promise<Observed> {
  const outcomes: Outcome[] = [];
  const happenings: string[] = [];
  const waiting = new Set<{ pattern: RegExp; resolve: (text: string) => void }>();
  const events: RunEvents = {
    declared: () => undefined,
    line: () => undefined,
    refused: () => undefined,
    forwarded: (outcome) => outcomes.push(outcome),
    happened: (_service, text) => {
      happenings.push(text);
      for (const waiter of waiting) {
        if (!waiter.pattern.test(text)) continue;
        waiting.delete(waiter);
        waiter.resolve(text);
      }
    },
  };
  const project = await readProject(REPOSITORY, "test", {});
  const running = await run({
    project,
    port: 0,
    sampleData: true,
    platform,
    speed,
    events,
    ...(transform === undefined ? {} : { transform }),
  });
  context.after(() => running.close());
  return {
    run: running,
    outcomes,
    happenings,
    told: (pattern) => new Promise((resolve) => waiting.add({ pattern, resolve })),
  };
}

/** Changes the inputs of every resource of a type. */
export function change(
  graph: Graph,
  type: string,
  edit: (inputs: Readonly<Record<string, unknown>>) => Record<string, unknown>,
): Graph {
  const resources = graph.resources.map((resource): GraphResource =>
    resource.type === type
      ? { ...resource, inputs: { ...resource.inputs, ...edit(resource.inputs) } }
      : resource,
  );
  if (!graph.resources.some((resource) => resource.type === type))
    throw new Error(`The graph has no ${type}.`);
  return { ...graph, resources };
}

export interface ContainerInputs {
  name: string;
  command: string[];
  environment: { name: string; value: string }[];
  secrets: { name: string; valueFrom: string }[];
  portMappings: { containerPort: number }[];
  [key: string]: unknown;
}

/** Changes the definitions of the containers that serve; the collector beside them does not run here. */
export function changeContainers(graph: Graph, edit: (container: ContainerInputs) => void): Graph {
  return change(graph, "aws:ecs/taskDefinition:TaskDefinition", ({ containerDefinitions }) => {
    const containers = JSON.parse(String(containerDefinitions)) as ContainerInputs[];
    containers.filter(({ name }) => name === "server").forEach(edit);
    return { containerDefinitions: JSON.stringify(containers) };
  });
}

/** Changes one variable of every container that serves. */
export function setVariable(graph: Graph, name: string, value: string): Graph {
  return changeContainers(graph, ({ environment }) => {
    const variable = environment.find((each) => each.name === name);
    if (variable === undefined) throw new Error(`The container has no ${name}.`);
    variable.value = value;
  });
}

/** Waits of minutes shortened to seconds; what they guard stays as declared. */
export function hurry(graph: Graph): Graph {
  const quick = change(graph, "aws:lb/targetGroup:TargetGroup", ({ healthCheck }) => ({
    deregistrationDelay: 2,
    healthCheck: { ...(healthCheck as object), interval: 1, timeout: 1 },
  }));
  return setVariable(
    change(quick, "aws:ecs/service:Service", () => ({ healthCheckGracePeriodSeconds: 2 })),
    "DRAIN_SECONDS",
    "1",
  );
}
