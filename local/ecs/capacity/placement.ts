import type { InstanceSize } from "../../graph/capacity-providers.ts";
import type { TaskResources } from "../../graph/task-resources.ts";

/** A task on an instance. */
export interface PlacedTask {
  readonly id: string;
  readonly service: string;
  readonly resources: TaskResources;
}

/** An instance that takes tasks. */
export interface PlacementCandidate {
  readonly id: string;
  readonly zone: string;
  readonly size: InstanceSize;
  readonly tasks: readonly PlacedTask[];
}

/** One step of a placement strategy, in the order declared (API PlacementStrategy). */
export interface PlacementStrategy {
  readonly type: string;
  readonly field: string;
}

/** What a task asks for. */
export interface PlacementRequest {
  readonly service: string;
  readonly resources: TaskResources;
  /** Where it may go, such as the zones of the service's subnets. */
  readonly zones: readonly string[];
  readonly strategies: readonly PlacementStrategy[];
  /** Whether each task needs an instance without another one of its service (constraint `distinctInstance`). */
  readonly distinctInstance: boolean;
}

/** What ECS does where nothing is declared: the zone with the fewest tasks of the service, and in it the instance with the fewest. */
const DEFAULT_STRATEGIES: readonly PlacementStrategy[] = [
  { type: "spread", field: "attribute:ecs.availability-zone" },
  { type: "spread", field: "instanceId" },
];

/** What is still free on an instance. */
export function roomOf({ size, tasks }: PlacementCandidate): InstanceSize {
  const used = (of: (resources: TaskResources) => number): number =>
    tasks.reduce((sum, { resources }) => sum + of(resources), 0);
  return {
    cpuUnits: size.cpuUnits - used(({ cpuUnits }) => cpuUnits),
    memoryMib: size.memoryMib - used(({ memoryMib }) => memoryMib),
    gpus: size.gpus - used(({ gpus }) => gpus),
    tasks: size.tasks - tasks.length,
  };
}

export function fits(resources: TaskResources, room: InstanceSize): boolean {
  return (
    room.tasks >= 1 &&
    room.cpuUnits >= resources.cpuUnits &&
    room.memoryMib >= resources.memoryMib &&
    room.gpus >= resources.gpus
  );
}

/** The instance for a task: of those with room and within the constraints, what each strategy in turn leaves (ECS guide, "Task placement"). */
export function placeTask(
  request: PlacementRequest,
  instances: readonly PlacementCandidate[],
): PlacementCandidate | undefined {
  const { service, resources, zones, distinctInstance } = request;
  let candidates = instances.filter(
    (instance) =>
      zones.includes(instance.zone) &&
      fits(resources, roomOf(instance)) &&
      !(distinctInstance && tasksOf(service, [instance]) > 0),
  );
  const strategies = request.strategies.length > 0 ? request.strategies : DEFAULT_STRATEGIES;
  for (const strategy of strategies) {
    const score = scoreOf(strategy, service, instances);
    const best = Math.min(...candidates.map(score));
    candidates = candidates.filter((candidate) => score(candidate) === best);
  }
  return candidates[0];
}

function tasksOf(service: string, instances: readonly PlacementCandidate[]): number {
  return instances.flatMap(({ tasks }) => tasks).filter((task) => task.service === service).length;
}

/** The least is the best. */
function scoreOf(
  { type, field }: PlacementStrategy,
  service: string,
  all: readonly PlacementCandidate[],
): (candidate: PlacementCandidate) => number {
  if (type === "binpack") {
    return (candidate) =>
      field.toLowerCase() === "cpu" ? roomOf(candidate).cpuUnits : roomOf(candidate).memoryMib;
  }
  if (type !== "spread") return () => 0;
  return field === "attribute:ecs.availability-zone"
    ? ({ zone }) =>
        tasksOf(
          service,
          all.filter((other) => other.zone === zone),
        )
    : (candidate) => tasksOf(service, [candidate]);
}
