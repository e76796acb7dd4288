import type { Phase } from "../report/report.ts";
import type { ServiceView, TaskSeen } from "../service-view.ts";
import type { Attempt } from "../traffic/attempt.ts";
import { explain, type Explained } from "./counts.ts";
import type { EndedRequest } from "./ended-request.ts";
import { brokenAt, firstFault, nodeBrokenAt, type Fault } from "./faults.ts";
import { Saturation } from "./saturation.ts";
import { TargetHistory } from "./target-history.ts";

/** Everything that is written down during a drill, on the run's clock. */
export class Journal {
  readonly attempts: Attempt[] = [];
  readonly records: EndedRequest[] = [];
  faults: readonly Fault[] = [];
  readonly phases: { readonly at: number; readonly phase: Phase }[] = [];
  readonly #history = new TargetHistory();
  readonly #limit: number | undefined;
  readonly #tolerance: number;
  #wholeAt: number | undefined;

  /**
   * @param limit how many requests a replica works on at once.
   * @param tolerance how late a look may be.
   */
  constructor(limit: number | undefined, tolerance: number) {
    this.#limit = limit;
    this.#tolerance = tolerance;
  }

  /** Writes down what was broken. */
  broke(fault: Fault): void {
    this.faults = [...this.faults, fault];
  }

  /** Writes down that a zone has power again. */
  repaired(zone: string, at: number): void {
    this.faults = this.faults.map((fault) =>
      fault.kind === "zone" && fault.zone === zone && fault.until === undefined
        ? { ...fault, until: at }
        : fault,
    );
  }

  /** Writes down how the service is. */
  look(at: number, service: ServiceView): void {
    const seen = service.tasks.flatMap(({ id, zone, targets }) =>
      targets.map(({ nodeZone, state }) => ({
        target: id,
        zone,
        nodeZone,
        healthy: state === "healthy",
      })),
    );
    this.#history.add(at, seen);
    if (this.firstFault !== undefined && this.isWhole(at, service)) this.#wholeAt ??= at;
  }

  get firstFault(): number | undefined {
    return firstFault(this.faults);
  }

  /** Whether as many tasks as wanted are healthy for every node, none of them broken. */
  isWhole(at: number, { desired, tasks }: ServiceView): boolean {
    const well = tasks.filter(
      ({ id, zone, targets }) =>
        brokenAt({ target: id, targetZone: zone, nodeZone: undefined }, at, this.faults) ===
          undefined && isHealthy(at, targets, this.faults),
    );
    return well.length >= desired;
  }

  /** When it was whole again after the first fault. */
  get wholeAt(): number | undefined {
    return this.#wholeAt;
  }

  /** When the last request was sent to what was broken; undefined where none was. */
  get lastSentToBroken(): number | undefined {
    const sent = this.records.flatMap((record) => {
      const at = record.sentAt ?? record.receivedAt;
      const broken = brokenAt(record, at, this.faults);
      return broken !== undefined && at >= broken ? [at] : [];
    });
    return sent.length === 0 ? undefined : Math.max(...sent);
  }

  explained(): Explained[] {
    return explain(this.attempts, this.records, {
      faults: this.faults,
      history: this.#history,
      saturation: new Saturation(this.records, this.#limit),
      tolerance: this.#tolerance,
    });
  }

  phaseAt(at: number): Phase {
    return this.phases.findLast((each) => each.at <= at)?.phase ?? "before";
  }
}

/** Nodes without power see nothing. */
function isHealthy(at: number, targets: TaskSeen["targets"], faults: readonly Fault[]): boolean {
  const alive = targets.filter(({ nodeZone }) => nodeBrokenAt(nodeZone, at, faults) === undefined);
  return alive.length > 0 && alive.every(({ state }) => state === "healthy");
}
