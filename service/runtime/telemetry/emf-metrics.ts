import type { Call, CallEnd, Instrument, Outcome } from "../calls.ts";
import type { RefusalReason } from "../refusals.ts";
import type { Clock } from "./clock.ts";
import { Durations } from "./durations.ts";
import { callsLine, gaugeLine, refusalsLine, startLine } from "./emf.ts";
import { OngoingRequests } from "./ongoing.ts";

/** The shortest period of an alarm (CloudWatch API, PutMetricAlarm); scaling that answers bursts has one of it on the gauge. */
const GAUGE_MILLISECONDS = 10_000;
/** What CloudWatch keeps calls by. */
const CALLS_MILLISECONDS = 60_000;

/** These streams last for hours and do nothing for most of them. */
const STREAM = "subscriptions/listen";

/** The server's fault: AWS calls it so (X-Ray Developer Guide, "Errors, faults, and exceptions"). */
const FAULTS: ReadonlySet<Outcome> = new Set(["internal_error", "timeout"]);
/** The work failed, be it on purpose; what clients did wrong is none. */
const ERRORS: ReadonlySet<Outcome> = new Set([...FAULTS, "tool_error"]);

/** Metrics that write themselves until they are closed. */
export interface EmfMetrics {
  readonly instrument: Instrument;
  /** Counts a request that was answered without a call. */
  readonly refused: (reason: RefusalReason) => void;
  /** Writes the calls and the refusals of the current minute and ends. The gauge of an interval that has not ended would weigh as much as a whole one. */
  close(): void;
}

/** Calls of the current minute. */
class Tally {
  calls = 0;
  errors = 0;
  faults = 0;
  readonly durations = new Durations();

  add({ outcome, durationMilliseconds }: CallEnd): void {
    this.calls += 1;
    if (ERRORS.has(outcome)) this.errors += 1;
    if (FAULTS.has(outcome)) this.faults += 1;
    this.durations.add(durationMilliseconds);
  }
}

/**
 * Writes CloudWatch embedded metric format lines: that it starts, the in-flight gauge every 10 seconds, calls, errors, durations and refusals
 * every minute that has some. Intervals start at whole tens of seconds and whole minutes and are stamped with their start, so that the values of all replicas meet
 * in the same period of an alarm.
 *
 * @param write takes one line with its end.
 */
export function startEmfMetrics(
  service: string,
  write: (line: string) => void,
  clock: Clock,
): EmfMetrics {
  const ongoing = new OngoingRequests(clock.now());
  let tallies = new Map<string | undefined, Tally>();
  let refusals = new Map<RefusalReason, number>();
  let start = floor(clock.now(), GAUGE_MILLISECONDS);
  let cancel = clock.after(start + GAUGE_MILLISECONDS - clock.now(), report);
  write(startLine(service, clock.now()));

  function report(): void {
    // Timers may be a millisecond early, by the clock on the wall, and late where the process was busy.
    const now = Math.max(clock.now(), start + GAUGE_MILLISECONDS);
    const minute = floor(start, CALLS_MILLISECONDS);
    write(gaugeLine(service, start, ongoing.report(now)));
    start = floor(now, GAUGE_MILLISECONDS);
    if (floor(start, CALLS_MILLISECONDS) !== minute) flush(minute);
    cancel = clock.after(start + GAUGE_MILLISECONDS - clock.now(), report);
  }

  function flush(minute: number): void {
    for (const [tool, { calls, errors, faults, durations }] of tallies)
      write(
        callsLine(service, tool, minute, { calls, errors, faults, durations: durations.values() }),
      );
    tallies = new Map();
    for (const [reason, count] of refusals) write(refusalsLine(service, reason, minute, count));
    refusals = new Map();
  }

  return {
    instrument: (call) => {
      if (call.method === STREAM) return { end: () => undefined };
      const tool = toolOf(call);
      ongoing.begin(clock.now());
      return {
        end: (end) => {
          ongoing.end(clock.now());
          const tally = tallies.get(tool) ?? new Tally();
          tallies.set(tool, tally);
          tally.add(end);
        },
      };
    },
    refused: (reason) => {
      refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
    },
    close: () => {
      cancel();
      flush(floor(start, CALLS_MILLISECONDS));
    },
  };
}

/** The tool that is called, if the server has it: the names that clients make up would each be a metric to pay for. */
function toolOf({ method, target }: Call): string | undefined {
  return method === "tools/call" ? target : undefined;
}

function floor(milliseconds: number, unit: number): number {
  return Math.floor(milliseconds / unit) * unit;
}
