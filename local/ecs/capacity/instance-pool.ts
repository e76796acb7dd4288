import type { Cancel } from "../../clock.ts";
import type { InstanceCapacity, InstanceSize } from "../../graph/capacity-providers.ts";
import { Fleet, type FleetSurroundings, type Instance } from "./fleet.ts";
import { packedInstances, scaleInStep, wantedInstances } from "./managed-scaling.ts";
import { fits, type PlacementRequest } from "./placement.ts";

/** A task that asks for a place. */
export interface CapacityRequest extends PlacementRequest {
  readonly id: string;
}

interface Waiting {
  readonly request: CapacityRequest;
  readonly placed: (zone: string) => void;
}

const MINUTE_MILLISECONDS = 60_000;

/** The alarm by which instances go wants so many datapoints, a minute each. */
const SCALE_IN_DATAPOINTS = 15;

/** When Managed Instances that run nothing go; AWS does not publish it. */
const IDLE_MILLISECONDS = 300_000;

/** The size of a type that is not known here: a replica has it for itself. */
const UNKNOWN_SIZE: InstanceSize = {
  cpuUnits: Number.POSITIVE_INFINITY,
  memoryMib: Number.POSITIVE_INFINITY,
  gpus: Number.POSITIVE_INFINITY,
  tasks: 1,
};

/** The instances of one capacity provider, and the tasks that wait for room on them. */
export class InstancePool {
  readonly #surroundings: FleetSurroundings;
  readonly #fleet: Fleet;
  readonly #waiting: Waiting[] = [];
  #declared: InstanceCapacity;
  /** Minutes in a row with less needed than there is. */
  #spareMinutes = 0;

  constructor(declared: InstanceCapacity, surroundings: FleetSurroundings) {
    const { name, types, zones, minSize, desiredCapacity } = declared;
    this.#declared = declared;
    this.#surroundings = surroundings;
    this.#fleet = new Fleet(name, surroundings, () => {
      this.#placeWaiting();
    });
    for (const type of types) {
      if (type.size !== undefined) continue;
      this.#fleet.tell(
        `the size of \`${type.name}\` is not known here: each task gets an instance of its own`,
      );
    }
    for (let count = 0; count < (desiredCapacity ?? minSize); count++) {
      this.#fleet.order(zones, this.#type(), 0);
    }
    this.#watch();
  }

  get instances(): readonly Instance[] {
    return this.#fleet.all;
  }

  /** How many tasks wait in PROVISIONING. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes the values of a changed declaration; instances stay. */
  update(declared: InstanceCapacity): void {
    this.#declared = declared;
    this.#scale();
  }

  /** Calls back with the zone of the instance once there is one with room. */
  request(request: CapacityRequest, placed: (zone: string) => void): Cancel {
    const waiting = { request, placed };
    this.#waiting.push(waiting);
    this.#placeWaiting();
    if (this.#waiting.includes(waiting)) {
      this.#fleet.tell("no instance has room for a task, which waits in PROVISIONING");
      if (this.#isImmediate) this.#scale();
    }
    return () => {
      this.#remove(waiting);
    };
  }

  /** The task has ended. */
  release(id: string): void {
    this.#fleet.release(id);
  }

  /** Managed Instances come as soon as they are needed; for groups that is an option of the run. */
  get #isImmediate(): boolean {
    return (
      this.#declared.management === "MANAGED_INSTANCES" ||
      this.#surroundings.times.managedScalingSeconds === 0
    );
  }

  #watch(): void {
    this.#surroundings.clock.after(MINUTE_MILLISECONDS, () => {
      // A zone may have its power back.
      this.#placeWaiting();
      this.#scale();
      this.#scaleIn();
      this.#watch();
    });
  }

  #remove(waiting: Waiting): boolean {
    const index = this.#waiting.indexOf(waiting);
    if (index >= 0) this.#waiting.splice(index, 1);
    return index >= 0;
  }

  #placeWaiting(): void {
    for (const waiting of [...this.#waiting]) {
      if (!this.#waiting.includes(waiting)) continue;
      const instance = this.#fleet.place(waiting.request);
      if (instance !== undefined && this.#remove(waiting)) waiting.placed(instance.zone);
    }
  }

  /** How many instances all tasks need, those that wait among them. */
  #needed(): number {
    const requests = this.#waiting.map(({ request }) => request);
    const shared = requests.filter(({ distinctInstance }) => !distinctInstance);
    const busy = this.#fleet.powered.filter(({ tasks }) => tasks.length > 0).length;
    const packed = packedInstances(
      shared.map(({ resources }) => resources),
      this.#type().size,
    );
    return busy + packed + requests.length - shared.length;
  }

  /** Orders what is missing. */
  #scale(): void {
    const { management, managedScaling, minSize, maxSize, zones } = this.#declared;
    if (management === "MANAGED_INSTANCES") {
      this.#orderManaged();
      return;
    }
    const there = this.#fleet.powered.length;
    const wanted =
      managedScaling === undefined
        ? there
        : Math.max(there, wantedInstances(this.#needed(), there, managedScaling));
    const least = Math.min(maxSize, Math.max(minSize, wanted));
    for (let count = there; count < least; count++) {
      this.#fleet.order(zones, this.#type(), this.#surroundings.times.instanceStartSeconds);
    }
  }

  /** Managed Instances: one for each task for which no instance has room, or is coming. */
  #orderManaged(): void {
    const coming = this.#fleet.powered.filter(({ isRunning }) => !isRunning).length;
    for (const waiting of this.#waiting.slice(coming)) {
      const { request } = waiting;
      const type = this.#type(request);
      if (!this.#waiting.includes(waiting) || !fits(request.resources, type.size)) continue;
      const zones = this.#declared.zones.filter((zone) => request.zones.includes(zone));
      this.#fleet.order(zones, type, this.#surroundings.times.instanceStartSeconds);
    }
  }

  #scaleIn(): void {
    const { clock } = this.#surroundings;
    const { management, managedScaling, minSize } = this.#declared;
    const { empty, powered } = this.#fleet;
    if (management === "MANAGED_INSTANCES") {
      const isIdle = ({ emptySince }: Instance): boolean =>
        clock.now() - emptySince >= IDLE_MILLISECONDS;
      this.#fleet.remove(empty.filter(isIdle));
      return;
    }
    if (managedScaling === undefined) return;
    const there = powered.length;
    const wanted = Math.max(minSize, wantedInstances(this.#needed(), there, managedScaling));
    this.#spareMinutes = wanted < there ? this.#spareMinutes + 1 : 0;
    const warm = managedScaling.instanceWarmupPeriod * 1000;
    const isWarming = powered.some(({ orderedAt }) => clock.now() - orderedAt < warm);
    if (this.#spareMinutes < SCALE_IN_DATAPOINTS || isWarming) return;
    // Managed termination protection: only what is empty goes.
    this.#fleet.remove(empty.slice(0, Math.min(there - wanted, scaleInStep(there))));
  }

  /** The type of the next instance: the first that holds the task, of those declared. */
  #type(request?: CapacityRequest): { readonly name: string; readonly size: InstanceSize } {
    const types = this.#declared.types.map(({ name, size = UNKNOWN_SIZE }) => ({ name, size }));
    return (
      types.find(({ size }) => request === undefined || fits(request.resources, size)) ??
      types[0] ?? { name: "unknown type", size: UNKNOWN_SIZE }
    );
  }
}
