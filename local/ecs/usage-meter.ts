import type { Clock } from "../clock.ts";
import type { MetricSink } from "../cloudwatch/metric.ts";
import type { TaskResources } from "../graph/task-resources.ts";
import { readProcessUsage } from "./process-usage.ts";

/** What a task uses of what it declares. */
export interface TaskUsage {
  readonly cpuPercent: number | undefined;
  readonly memoryMib: number | undefined;
}

/** A task that is measured. */
export interface MeasuredTask {
  readonly id: string;
  readonly processIds: readonly number[];
  readonly resources: TaskResources;
  readonly clusterName: string;
  readonly serviceName: string;
}

/** What a meter needs from the machine. */
export interface UsageMeterOptions {
  readonly clock: Clock;
  readonly sink?: MetricSink;
  /** How much faster than the machine the clock goes. */
  readonly speed: number;
  readonly read?: typeof readProcessUsage;
}

interface Measured {
  readonly task: MeasuredTask;
  usage: TaskUsage;
  cpuSeconds: number | undefined;
  at: number;
  /** Of this minute. */
  samples: { readonly cpuPercent: number; readonly memoryPercent: number }[];
}

const SAMPLE_SECONDS = 10;
const MINUTE_MILLISECONDS = 60_000;

export const UNKNOWN_USAGE: TaskUsage = { cpuPercent: undefined, memoryMib: undefined };

/**
 * Measures tasks every ten seconds of the clock, and each minute tells CloudWatch as ECS does: the tasks of a service are samples of its metrics. On a fast
 * clock a second of the processor is one of many seconds of the clock, as a request is one of many seconds, too. Limits are not enforced: a task may use more than
 * it declares.
 */
export class UsageMeter {
  readonly #options: UsageMeterOptions;
  readonly #measured = new Map<string, Measured>();

  constructor(options: UsageMeterOptions) {
    this.#options = options;
    this.#sample();
    this.#tell();
  }

  watch(task: MeasuredTask): void {
    this.#measured.set(task.id, {
      task,
      usage: UNKNOWN_USAGE,
      cpuSeconds: undefined,
      at: 0,
      samples: [],
    });
  }

  forget(id: string): void {
    this.#measured.delete(id);
  }

  of(id: string): TaskUsage {
    return this.#measured.get(id)?.usage ?? UNKNOWN_USAGE;
  }

  #sample(): void {
    const { clock, speed, read = readProcessUsage } = this.#options;
    // Once a second of the machine at most: all of its processes are looked at.
    clock.after(Math.max(SAMPLE_SECONDS, speed) * 1000, () => {
      const all = [...this.#measured.values()];
      const groups = new Set(all.flatMap(({ task }) => task.processIds));
      const usage = groups.size === 0 ? undefined : read(groups);
      for (const measured of all) {
        const found = measured.task.processIds.flatMap((id) => usage?.get(id) ?? []);
        if (found.length > 0) this.#measure(measured, found);
      }
      this.#sample();
    });
  }

  #measure(
    measured: Measured,
    found: readonly { readonly cpuSeconds: number; readonly residentMib: number }[],
  ): void {
    const { cpuUnits, memoryMib: declaredMib } = measured.task.resources;
    const now = this.#options.clock.now();
    const cpuSeconds = found.reduce((sum, process) => sum + process.cpuSeconds, 0);
    const memoryMib = found.reduce((sum, process) => sum + process.residentMib, 0);
    const before = measured.cpuSeconds;
    const seconds = (now - measured.at) / 1000;
    measured.cpuSeconds = cpuSeconds;
    measured.at = now;
    if (before === undefined) {
      measured.usage = { cpuPercent: undefined, memoryMib };
      return;
    }
    // Less than before: a container has been restarted.
    const used = Math.max(0, cpuSeconds - before) / seconds;
    const cpuPercent = cpuUnits === 0 ? undefined : (used / (cpuUnits / 1024)) * 100;
    measured.usage = { cpuPercent, memoryMib };
    if (cpuPercent === undefined || declaredMib === 0) return;
    measured.samples.push({ cpuPercent, memoryPercent: (memoryMib / declaredMib) * 100 });
  }

  #tell(): void {
    const { clock, sink } = this.#options;
    clock.after(MINUTE_MILLISECONDS, () => {
      for (const measured of this.#measured.values()) {
        const { samples, task } = measured;
        measured.samples = [];
        if (samples.length === 0) continue;
        const dimensions = { ClusterName: task.clusterName, ServiceName: task.serviceName };
        const put = (name: string, values: readonly number[]): void => {
          const average = values.reduce((sum, value) => sum + value, 0) / values.length;
          sink?.put({ namespace: "AWS/ECS", name, dimensions }, average, "Percent");
        };
        put(
          "CPUUtilization",
          samples.map(({ cpuPercent }) => cpuPercent),
        );
        put(
          "MemoryUtilization",
          samples.map(({ memoryPercent }) => memoryPercent),
        );
      }
      this.#tell();
    });
  }
}
