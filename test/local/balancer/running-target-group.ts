import { RunningTargetGroup } from "../../../local/balancer/target-group.ts";
import type { TargetGroup } from "../../../local/graph/target-groups.ts";
import { LostZones } from "../../../local/lost-zones.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { declaredTargetGroup } from "./declared-target-group.ts";

/** A target group on a virtual clock, whose targets answer their checks as a test says. */
export interface Stand {
  readonly clock: VirtualClock;
  readonly lostZones: LostZones;
  readonly group: RunningTargetGroup;
  /** The targets that pass their checks. */
  readonly well: Set<string>;
  /** The targets that do not answer. */
  readonly silent: Set<string>;
  /** When which target was checked. */
  readonly checks: string[];
  /** When DescribeTargetHealth began to tell which state. */
  readonly changes: string[];
  /** Each sample, as `time zone metric value`. */
  readonly samples: string[];
}

export function stand(
  options: {
    readonly nodeZones?: readonly string[];
    readonly declared?: Partial<TargetGroup>;
    readonly speed?: number;
    readonly random?: () => number;
  } = {},
): Stand {
  const clock = new VirtualClock();
  const lostZones = new LostZones();
  const well = new Set<string>();
  const silent = new Set<string>();
  const [checks, changes, samples]: [string[], string[], string[]] = [[], [], []];
  const group = new RunningTargetGroup(declaredTargetGroup(options.declared), {
    clock,
    speed: options.speed,
    nodeZones: options.nodeZones ?? ["a"],
    lostZones,
    random: options.random,
    probe: ({ id }) => {
      checks.push(`${clock.now()} ${id}`);
      return silent.has(id) ? new Promise<never>(() => undefined) : Promise.resolve(well.has(id));
    },
    sink: {
      put: ({ name, dimensions }, value) =>
        samples.push(`${clock.now()} ${dimensions["AvailabilityZone"] ?? "all"} ${name} ${value}`),
    },
  });
  group.onStateChange(({ id }, state) => changes.push(`${clock.now()} ${id} ${state}`));
  return { clock, lostZones, group, well, silent, checks, changes, samples };
}

/** The targets of the next requests that come to a node. */
export function nextIds(group: RunningTargetGroup, count: number, nodeZone?: string): string[] {
  return Array.from({ length: count }, () => group.next(nodeZone)?.target.id ?? "none");
}
