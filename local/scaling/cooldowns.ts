/** What a policy has added, and how long that counts as already there. */
interface ScaleOut {
  readonly until: number;
  /** The tasks from before, from which a larger wish is counted. */
  readonly base: number;
}

/** The cooldowns of a scalable target, all in milliseconds of the clock. */
export class Cooldowns {
  readonly #out = new Map<string, ScaleOut>();
  #inUntil = Number.NEGATIVE_INFINITY;

  /** The capacity from which a policy counts: while its last scale-out cools down, the one from before it. */
  base(policy: string, capacity: number, now: number): number {
    const last = this.#out.get(policy);
    return last !== undefined && now < last.until ? last.base : capacity;
  }

  /** A scale-out ends the cooldown of scaling in at once. */
  scaledOut(policy: string, base: number, now: number, seconds: number): void {
    this.#out.set(policy, { base, until: now + seconds * 1000 });
    this.#inUntil = Number.NEGATIVE_INFINITY;
  }

  scaledIn(now: number, seconds: number): void {
    this.#inUntil = now + seconds * 1000;
  }

  mayScaleIn(now: number): boolean {
    return now >= this.#inUntil;
  }
}
