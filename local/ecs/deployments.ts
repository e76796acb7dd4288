import type { EcsService } from "../graph/services.ts";
import { Deployment } from "./deployment.ts";
import { sendTraffic } from "./target-weights.ts";
import type { ServiceSurroundings } from "./surroundings.ts";

/** How many are remembered; AWS keeps more of them than anybody looks at here. */
const REMEMBERED = 10;

/** The deployments of a service: the one that it runs or moves to, and what came before. */
export class Deployments {
  readonly #surroundings: Pick<ServiceSurroundings, "clock" | "shiftTraffic">;
  #history: readonly Deployment[] = [];
  #primary: Deployment;
  #completed: Deployment | undefined;

  constructor(
    revision: EcsService,
    surroundings: Pick<ServiceSurroundings, "clock" | "shiftTraffic">,
  ) {
    this.#surroundings = surroundings;
    this.#primary = this.#add(revision, revision.desiredCount, false);
  }

  /** The newest first. */
  get all(): readonly Deployment[] {
    return this.#history;
  }

  /** What the service runs, or moves to. */
  get primary(): Deployment {
    return this.#primary;
  }

  /** What a deployment goes back to if it fails; undefined before the first one is COMPLETED. */
  get completed(): Deployment | undefined {
    return this.#completed;
  }

  get others(): readonly Deployment[] {
    return this.#history.filter((one) => one !== this.#primary);
  }

  /**
   * Makes a new revision the primary one.
   *
   * @param serving how many tasks of the completed revision are to be kept until the new one serves.
   */
  begin(revision: EcsService, desired: number, serving: number): void {
    const before = this.#completed;
    const shifts = revision.strategy !== "ROLLING";
    if (before !== undefined) {
      before.wanted = serving;
      before.rolloutState = "COMPLETED";
    }
    const next = this.#add(revision, desired, shifts && before?.isAlternate === false);
    this.#primary = next;
    for (const other of this.others) {
      other.status = "ACTIVE";
      other.stage = undefined;
      if (!other.isInProgress) continue;
      other.rolloutState = "FAILED";
      other.reason = `revision ${next.number} came before it was done`;
    }
    if (!shifts) for (const each of this.#history) each.traffic = undefined;
  }

  complete(): void {
    this.#primary.rolloutState = "COMPLETED";
    this.#primary.stage = undefined;
    this.#completed = this.#primary;
    for (const other of this.others) {
      other.status = "INACTIVE";
      other.wanted = 0;
    }
  }

  /**
   * The primary deployment has failed. One that is rolled back goes from COMPLETED to IN_PROGRESS itself, and cannot be gone back to until it is
   * COMPLETED again (ECS guide, "Deployment circuit breaker").
   *
   * @returns whether it is rolled back.
   */
  fail(cause: string, rollback: boolean, desired: number): boolean {
    const failed = this.#primary;
    const before = this.#completed;
    failed.reason = cause;
    failed.stage = undefined;
    if (!rollback || before === undefined || before === failed) {
      failed.rolloutState = "FAILED";
      return false;
    }
    failed.rolloutState = "ROLLED_BACK";
    failed.status = "ACTIVE";
    before.resume(desired, `rollback of revision ${failed.number}`);
    this.#primary = before;
    if (failed.revision.strategy !== "ROLLING") this.sendAllTo(before);
    return true;
  }

  /** Gives a revision all of the traffic, test traffic included. */
  sendAllTo(deployment: Deployment): void {
    for (const each of this.#history) each.traffic = each === deployment ? 100 : 0;
    for (const traffic of ["test", "production"] as const)
      sendTraffic(deployment, traffic, 100, this.#surroundings.shiftTraffic);
  }

  /** Gives the primary revision a share of the traffic, in percent, and the completed one the rest. */
  send(traffic: "test" | "production", percent: number): void {
    if (traffic === "production") {
      for (const each of this.#history) each.traffic = 0;
      if (this.#completed !== undefined) this.#completed.traffic = 100 - percent;
      this.#primary.traffic = percent;
    }
    sendTraffic(this.#primary, traffic, percent, this.#surroundings.shiftTraffic);
  }

  #add(revision: EcsService, desired: number, isAlternate: boolean): Deployment {
    const deployment = new Deployment((this.#history[0]?.number ?? 0) + 1, revision, {
      now: this.#surroundings.clock.now(),
      desired,
      isAlternate,
    });
    this.#history = [deployment, ...this.#history].slice(0, REMEMBERED);
    return deployment;
  }
}
