/** What a drill has broken, and when on the run's clock: the record that decides on causes. */
export type Fault =
  | { readonly kind: "task"; readonly at: number; readonly target: string }
  /** `until`: when it was repaired; undefined while it is broken. */
  | {
      readonly kind: "zone";
      readonly at: number;
      readonly zone: string;
      readonly until: number | undefined;
    };

/** What a fault may have hit. */
export interface Place {
  /** A task id. */
  readonly target: string | undefined;
  readonly targetZone: string | undefined;
  /** Of the load balancer's node. */
  readonly nodeZone: string | undefined;
}

/**
 * When the way of a request through a place was cut: its node, or its target, whichever went first; undefined where nothing hit it.
 *
 * @param begun when the request came there: what was repaired before does not count.
 */
export function brokenAt(
  place: Place,
  begun: number,
  faults: readonly Fault[],
): number | undefined {
  const hits = faults.filter((fault) =>
    fault.kind === "task"
      ? fault.target === place.target
      : (fault.zone === place.targetZone || fault.zone === place.nodeZone) &&
        (fault.until === undefined || begun < fault.until),
  );
  return hits.length === 0 ? undefined : Math.min(...hits.map(({ at }) => at));
}

/** The same of a node alone. */
export function nodeBrokenAt(
  nodeZone: string | undefined,
  begun: number,
  faults: readonly Fault[],
): number | undefined {
  return brokenAt({ target: undefined, targetZone: undefined, nodeZone }, begun, faults);
}

/** When the drill broke something first; undefined where it broke nothing. */
export function firstFault(faults: readonly Fault[]): number | undefined {
  return faults.length === 0 ? undefined : Math.min(...faults.map(({ at }) => at));
}
