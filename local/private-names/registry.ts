import type { TaskAddress } from "../ecs/addresses.ts";
import type { PrivateName, PrivateNames } from "../graph/private-names.ts";

/** A task under its private names. */
export interface RegisteredTask {
  readonly id: string;
  readonly address: TaskAddress;
  /** Whether it is given out: what ECS has said last, where the name knows health. */
  readonly healthy: boolean;
}

/** Where ECS enters tasks, as Cloud Map keeps them. */
export class NameRegistry {
  #declared: PrivateNames;
  /** By the ARN of the name, then by the id of the task. */
  readonly #tasks = new Map<string, Map<string, RegisteredTask>>();

  constructor(declared: PrivateNames) {
    this.#declared = declared;
  }

  get declared(): PrivateNames {
    return this.#declared;
  }

  /** Takes what the program declares now; who is registered stays. */
  update(declared: PrivateNames): void {
    this.#declared = declared;
  }

  /** Enters a running task. */
  register(arn: string, task: RegisteredTask): void {
    const tasks = this.#tasks.get(arn) ?? new Map<string, RegisteredTask>();
    tasks.set(task.id, task);
    this.#tasks.set(arn, tasks);
  }

  /** Says what the health checks of a task have come to. */
  setHealth(taskId: string, healthy: boolean): void {
    for (const tasks of this.#tasks.values()) {
      const task = tasks.get(taskId);
      if (task !== undefined) tasks.set(taskId, { ...task, healthy });
    }
  }

  /** Takes a task out. */
  deregister(taskId: string): void {
    for (const tasks of this.#tasks.values()) tasks.delete(taskId);
  }

  /** The name that a host name is; undefined where the program declares none of that kind. */
  find(hostName: string): PrivateName | undefined {
    const wanted = hostName.toLowerCase();
    return this.#declared.names.find((name) => name.hostName === wanted);
  }

  /** Whether a host name is below one of the program's namespaces, where only its names are. */
  isPrivate(hostName: string): boolean {
    const wanted = hostName.toLowerCase();
    return this.#declared.namespaces.some(
      (namespace) => wanted === namespace || wanted.endsWith(`.${namespace}`),
    );
  }

  /** The tasks that are given out. */
  tasks({ arn, knowsHealth }: PrivateName): readonly RegisteredTask[] {
    const all = [...(this.#tasks.get(arn)?.values() ?? [])];
    return knowsHealth ? all.filter(({ healthy }) => healthy) : all;
  }
}
