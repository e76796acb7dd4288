/** How long the steps of a task take, in seconds of the clock. */
export interface TaskTimes {
  /** How much faster than the machine the clock goes: programs take the machine's time to start. */
  readonly speed: number;
  /** From the place of a task to the start of its containers, by launch type: network interface, image. */
  readonly startSeconds: Readonly<Record<string, number>>;
  /** From the order of an instance to its first task. */
  readonly instanceStartSeconds: number;
  /** How often managed scaling looks at what is needed; 0: whenever something is. */
  readonly managedScalingSeconds: number;
  /** Whether the first checks of containers are made each second, instead of after a whole interval. */
  readonly eagerHealthChecks: boolean;
}

/** Nothing that is only waiting: a run here is ready in seconds. */
export const LOCAL_TIMES: TaskTimes = {
  speed: 1,
  startSeconds: {},
  instanceStartSeconds: 0,
  managedScalingSeconds: 0,
  eagerHealthChecks: true,
};

/**
 * As AWS has it, where it says so: managed scaling looks once a minute (ECS guide). The starts are unpublished: for Fargate 30 seconds, which AWS's own
 * benchmark of scaling implies, with an image to pull; for instances what is usually seen.
 */
export const AWS_TIMES: TaskTimes = {
  speed: 1,
  startSeconds: { FARGATE: 30, EC2: 10, MANAGED_INSTANCES: 10 },
  instanceStartSeconds: 120,
  managedScalingSeconds: 60,
  eagerHealthChecks: false,
};
