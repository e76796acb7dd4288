import type { TestContext } from "node:test";
import { Task, type TaskSurroundings } from "../../../local/ecs/task.ts";
import type { TaskDefinition } from "../../../local/graph/task-definition.ts";
import { VirtualClock } from "../virtual-clock.ts";

export interface ObservedTask {
  readonly task: Task;
  readonly clock: VirtualClock;
  /** What it told: statuses, `health …`, `stopped …`, what happened, and lines. */
  readonly told: readonly string[];
  /** Resolves once it has told something that begins so, as often as that. */
  readonly until: (beginning: string, times?: number) => Promise<string>;
}

/** A task on a virtual clock; its processes are real. */
export function observed(
  context: TestContext,
  definition: Pick<TaskDefinition, "containers"> & Partial<TaskDefinition>,
  given: Partial<TaskSurroundings> = {},
): ObservedTask {
  const clock = new VirtualClock();
  const told: string[] = [];
  const waiting = new Set<() => void>();
  const tell = (text: string): void => {
    told.push(text);
    for (const check of waiting) check();
  };
  const task = new Task(
    "task",
    {
      arn: "arn",
      family: "family",
      launchType: "FARGATE",
      resources: { cpuUnits: 256, memoryMib: 512, gpus: 0 },
      optimizer: undefined,
      differences: [],
      ...definition,
    },
    {
      clock,
      reaper: { watch: () => undefined, forget: () => undefined, close: () => undefined },
      address: { host: "127.9.9.9", port: (declared) => declared, release: () => undefined },
      region: "us-east-1",
      metadataAddress: "http://127.0.0.1/v4/task",
      ...given,
    },
    {
      running: () => undefined,
      stopped: (reason, stopCode) => {
        tell(`stopped ${stopCode}: ${reason}`);
      },
      happened: tell,
      line: (_container, text) => {
        tell(text);
      },
      statusChanged: tell,
      healthChanged: (status) => {
        tell(`health ${status}`);
      },
    },
  );
  context.after(() => {
    task.kill();
  });
  return {
    task,
    clock,
    told,
    until: (beginning, times = 1) =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = told.filter((text) => text.startsWith(beginning))[times - 1];
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
      }),
  };
}
