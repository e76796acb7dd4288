import type { HealthThreshold, TargetGroup } from "../graph/target-groups.ts";
import type { TargetState } from "./health.ts";

/** What of a target decides on whether it may have requests. */
export interface CandidateFacts {
  readonly zone: string;
  /** As the node that chooses sees it. */
  readonly state: TargetState;
}

/**
 * The targets among which a node chooses: healthy ones, of its own zone alone where cross-zone load balancing is off. With too few of them, all that
 * are registered, whatever their state (ELB guide, "Target group health"): the group fails open.
 *
 * @param targets as this node sees them.
 * @param shiftedZones those that a zonal shift has taken out.
 */
export function candidatesOf<T extends CandidateFacts>(
  targets: readonly T[],
  nodeZone: string,
  { crossZone, health }: Pick<TargetGroup, "crossZone" | "health">,
  shiftedZones: ReadonlySet<string>,
): readonly T[] {
  const reachable = withoutShifted(inScope(targets, nodeZone, crossZone), shiftedZones);
  const healthy = reachable.filter(({ state }) => state === "healthy");
  return isBreached(health.unhealthyStateRouting, healthy.length, reachable.length)
    ? reachable
    : healthy;
}

/**
 * The nodes whose addresses leave DNS for want of healthy targets. Where that would be all of them, none does (ELB guide, "Target group health").
 *
 * @param views what each node sees; a node without power sees nothing.
 */
export function zonesOutOfDns<T extends CandidateFacts>(
  views: ReadonlyMap<string, readonly T[] | undefined>,
  { crossZone, health }: Pick<TargetGroup, "crossZone" | "health">,
): ReadonlySet<string> {
  const out = [...views]
    .filter(([zone, targets]) => {
      if (targets === undefined) return true;
      const counted = inScope(targets, zone, crossZone);
      const healthy = counted.filter(({ state }) => state === "healthy");
      return isBreached(health.dnsFailover, healthy.length, counted.length);
    })
    .map(([zone]) => zone);
  return new Set(out.length === views.size ? [] : out);
}

/** Either breach acts where both a count and a percentage are given. */
export function isBreached(
  { count, percentage }: HealthThreshold,
  healthy: number,
  registered: number,
): boolean {
  return (
    (count !== undefined && healthy < count) ||
    (percentage !== undefined && healthy * 100 < percentage * registered)
  );
}

/** The targets that count for a node: those that are registered to take requests, in all zones or in its own. */
function inScope<T extends CandidateFacts>(
  targets: readonly T[],
  nodeZone: string,
  crossZone: boolean,
): readonly T[] {
  return targets.filter(
    ({ zone, state }) =>
      state !== "draining" && state !== "unused" && (crossZone || zone === nodeZone),
  );
}

/**
 * With cross-zone load balancing, the other nodes stop sending to the targets of a shifted zone, too. A node that has targets in shifted zones alone
 * keeps them: without cross-zone load balancing that is the shifted one, and nothing happens to a group of a single zone (ARC guide, "Zonal shift").
 */
function withoutShifted<T extends CandidateFacts>(
  targets: readonly T[],
  shiftedZones: ReadonlySet<string>,
): readonly T[] {
  if (shiftedZones.size === 0) return targets;
  const rest = targets.filter(({ zone }) => !shiftedZones.has(zone));
  return rest.length === 0 ? targets : rest;
}
