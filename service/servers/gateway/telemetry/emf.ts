import type { CallEnd, Outcome } from "../../../runtime/calls.ts";
import type { Clock } from "../../../runtime/telemetry/clock.ts";
import { Durations } from "../../../runtime/telemetry/durations.ts";
import { NAMESPACE } from "../../../runtime/telemetry/emf.ts";
import type { GatewayGauges, UpstreamTelemetry } from "./upstream-telemetry.ts";

const MINUTE = 60_000;

/** Not the upstream's doing, or its doing on purpose: neither counts as a fault. */
const FAULTS: ReadonlySet<Outcome> = new Set(["internal_error", "timeout"]);
const ERRORS: ReadonlySet<Outcome> = new Set([...FAULTS, "tool_error"]);

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

type Unit = "Count" | "Milliseconds" | "Seconds";
type Metrics = Readonly<Record<string, readonly [value: number | readonly number[], unit: Unit]>>;

/**
 * Writes CloudWatch embedded metric format lines every minute: for each upstream, with the dimensions `Service` and `Upstream`, its calls if there
 * were some, and how it is. Timestamps are whole minutes, so that the values of all replicas meet.
 *
 * @param write takes one line with its end.
 */
export function startUpstreamEmf(
  service: string,
  gauges: () => GatewayGauges,
  write: (line: string) => void,
  clock: Clock,
): UpstreamTelemetry {
  let tallies = new Map<string, Tally>();
  let minute = floor(clock.now());
  let cancel = clock.after(minute + MINUTE - clock.now(), report);

  function report(): void {
    flush();
    // Timers may be a millisecond early, by the clock on the wall, and late where the process was busy.
    minute = floor(Math.max(clock.now(), minute + MINUTE));
    cancel = clock.after(minute + MINUTE - clock.now(), report);
  }

  function flush(): void {
    const { upstreams, problems } = gauges();
    for (const [upstream, { calls, errors, faults, durations }] of tallies)
      write(
        line(
          minute,
          { Service: service, Upstream: upstream },
          {
            UpstreamCalls: [calls, "Count"],
            UpstreamErrors: [errors, "Count"],
            UpstreamFaults: [faults, "Count"],
            UpstreamCallDuration: [durations.values(), "Milliseconds"],
          },
        ),
      );
    tallies = new Map();
    for (const { upstream, isListed, breaker, healthyAddresses, listAgeSeconds } of upstreams)
      write(
        line(
          minute,
          { Service: service, Upstream: upstream },
          {
            UpstreamListed: [isListed ? 1 : 0, "Count"],
            UpstreamBreakerOpen: [breaker === "closed" ? 0 : 1, "Count"],
            UpstreamHealthyAddresses: [healthyAddresses, "Count"],
            ...(listAgeSeconds === undefined
              ? {}
              : { UpstreamListAge: [listAgeSeconds, "Seconds"] }),
          },
        ),
      );
    write(line(minute, { Service: service }, { UpstreamProblems: [problems, "Count"] }));
  }

  return {
    begin: ({ upstream }) => ({
      run: (carrier, work) => work(carrier),
      end: (end) => {
        const tally = tallies.get(upstream) ?? new Tally();
        tallies.set(upstream, tally);
        tally.add(end);
      },
    }),
    close: () => {
      cancel();
      flush();
    },
  };
}

function line(
  timestamp: number,
  dimensions: Readonly<Record<string, string>>,
  metrics: Metrics,
): string {
  const directive = {
    Namespace: NAMESPACE,
    Dimensions: [Object.keys(dimensions)],
    Metrics: Object.entries(metrics).map(([Name, [, Unit]]) => ({ Name, Unit })),
  };
  const values = Object.fromEntries(
    Object.entries(metrics).map(([name, [value]]) => [name, value] as const),
  );
  return `${JSON.stringify({ _aws: { Timestamp: timestamp, CloudWatchMetrics: [directive] }, ...dimensions, ...values })}\n`;
}

function floor(milliseconds: number): number {
  return Math.floor(milliseconds / MINUTE) * MINUTE;
}
