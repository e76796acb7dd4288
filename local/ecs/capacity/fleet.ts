import type { Clock } from "../../clock.ts";
import type { InstanceSize } from "../../graph/capacity-providers.ts";
import type { TaskTimes } from "../task-times.ts";
import { placeTask, type PlacedTask, type PlacementRequest } from "./placement.ts";

/** An instance, counted and not started. */
export interface Instance {
  readonly id: string;
  readonly zone: string;
  readonly type: string;
  readonly size: InstanceSize;
  readonly tasks: readonly PlacedTask[];
  /** Whether it takes tasks already. */
  readonly isRunning: boolean;
  readonly orderedAt: number;
  /** Since when nothing runs on it. */
  readonly emptySince: number;
}

/** What instances need from the machine. */
export interface FleetSurroundings {
  readonly clock: Clock;
  readonly times: TaskTimes;
  readonly isLost: (zone: string) => boolean;
  /** Tells what happened to the instances of a capacity provider. */
  readonly happened: (provider: string, text: string) => void;
}

interface MutableInstance extends Instance {
  tasks: readonly PlacedTask[];
  isRunning: boolean;
  emptySince: number;
}

/** The instances of one capacity provider. */
export class Fleet {
  readonly #name: string;
  readonly #surroundings: FleetSurroundings;
  readonly #roomier: () => void;
  readonly #instances: MutableInstance[] = [];
  #count = 0;

  /** @param roomier called when there is more room than before. */
  constructor(name: string, surroundings: FleetSurroundings, roomier: () => void) {
    this.#name = name;
    this.#surroundings = surroundings;
    this.#roomier = roomier;
  }

  get all(): readonly Instance[] {
    return this.#instances;
  }

  /** Those in zones that have power. */
  get powered(): readonly Instance[] {
    return this.#instances.filter(({ zone }) => !this.#surroundings.isLost(zone));
  }

  /** Those of them that run, and run nothing. */
  get empty(): readonly Instance[] {
    return this.powered.filter(({ tasks, isRunning }) => isRunning && tasks.length === 0);
  }

  /** Puts a task on an instance with room; undefined where there is none. */
  place(request: PlacementRequest & { readonly id: string }): Instance | undefined {
    const running = this.powered.filter(({ isRunning }) => isRunning);
    const chosen = placeTask(request, running);
    const instance = this.#instances.find(({ id }) => id === chosen?.id);
    if (instance === undefined) return undefined;
    const { id, service, resources } = request;
    instance.tasks = [...instance.tasks, { id, service, resources }];
    return instance;
  }

  /** The task has ended. */
  release(taskId: string): void {
    const instance = this.#instances.find(({ tasks }) => tasks.some(({ id }) => id === taskId));
    if (instance === undefined) return;
    instance.tasks = instance.tasks.filter(({ id }) => id !== taskId);
    instance.emptySince = this.#surroundings.clock.now();
    this.#roomier();
  }

  /** One more, in the zone with the fewest, as Auto Scaling balances; none where no zone has power. */
  order(
    zones: readonly string[],
    type: { readonly name: string; readonly size: InstanceSize },
    startSeconds: number,
  ): void {
    const { clock, isLost } = this.#surroundings;
    const count = (zone: string): number =>
      this.#instances.filter((instance) => instance.zone === zone).length;
    const [zone] = zones
      .filter((candidate) => !isLost(candidate))
      .toSorted((left, right) => count(left) - count(right));
    if (zone === undefined) return;
    const instance: MutableInstance = {
      id: `${this.#name}-${++this.#count}`,
      zone,
      type: type.name,
      size: type.size,
      tasks: [],
      isRunning: startSeconds === 0,
      orderedAt: clock.now(),
      emptySince: clock.now(),
    };
    this.#instances.push(instance);
    this.tell(`instance ${instance.id} (${type.name}) starts in ${zone}`);
    if (instance.isRunning) {
      this.#roomier();
      return;
    }
    clock.after(startSeconds * 1000, () => {
      instance.isRunning = true;
      instance.emptySince = clock.now();
      this.#roomier();
    });
  }

  remove(instances: readonly Instance[]): void {
    for (const { id, type } of instances) {
      const index = this.#instances.findIndex((instance) => instance.id === id);
      if (index >= 0) this.#instances.splice(index, 1);
      this.tell(`instance ${id} (${type}) ends: it is empty`);
    }
  }

  tell(text: string): void {
    this.#surroundings.happened(this.#name, text);
  }
}
