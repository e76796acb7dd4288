import type * as pulumi from "@pulumi/pulumi";

/** What is known of a service's tasks before they start. */
export interface TaskFacts {
  readonly securityGroupId: pulumi.Output<string>;
  readonly taskRoleName: pulumi.Output<string>;
}

/** What a component that is made of a service gives it beside what every program may. */
export interface ServiceInternals {
  /** Variables of the container contract that only this component sets. */
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  /** The names of the upstreams, for the dashboard. */
  readonly upstreams: readonly string[];
  /** Creates what must be there before the tasks, and outlives them. */
  readonly beforeTasks: (tasks: TaskFacts) => readonly pulumi.Resource[];
}

const internals = new WeakMap<object, ServiceInternals>();

/** The same arguments, with more behind them. It stays out of the arguments themselves, which other languages see. */
export function withInternals<Args extends object>(args: Args, further: ServiceInternals): Args {
  internals.set(args, further);
  return args;
}

/** What stands behind arguments; undefined where a program gave them. */
export function internalsOf(args: object): ServiceInternals | undefined {
  return internals.get(args);
}
