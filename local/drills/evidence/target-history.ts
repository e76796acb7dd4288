import { brokenAt, type Fault } from "./faults.ts";

/** A target as one node of the load balancer sees it. */
export interface SeenTarget {
  readonly target: string;
  readonly zone: string;
  readonly nodeZone: string;
  readonly healthy: boolean;
}

/** How the load balancer saw its targets over time, looked at again and again. */
export class TargetHistory {
  readonly #looks: { readonly at: number; readonly seen: readonly SeenTarget[] }[] = [];

  /** Looks are added in the order of their times. */
  add(at: number, seen: readonly SeenTarget[]): void {
    this.#looks.push({ at, seen });
  }

  /** Whether a node took a target for healthy when it was last looked at before a moment: what it had not noticed by then. */
  isHealthy(target: string, nodeZone: string | undefined, at: number): boolean {
    return this.#before(at).some(
      (seen) =>
        seen.target === target &&
        seen.healthy &&
        (nodeZone === undefined || seen.nodeZone === nodeZone),
    );
  }

  /** The targets that a node had to choose from at a moment and that no fault had hit: those that could have served. */
  servable(nodeZone: string | undefined, at: number, faults: readonly Fault[]): string[] {
    const alive = this.#before(at).filter(({ target, zone, nodeZone: node, healthy }) => {
      if (!healthy || (nodeZone !== undefined && node !== nodeZone)) return false;
      const broken = brokenAt({ target, targetZone: zone, nodeZone: node }, at, faults);
      return broken === undefined || broken > at;
    });
    return [...new Set(alive.map(({ target }) => target))];
  }

  #before(at: number): readonly SeenTarget[] {
    return this.#looks.findLast((look) => look.at <= at)?.seen ?? [];
  }
}
