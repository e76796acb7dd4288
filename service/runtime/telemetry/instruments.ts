import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { Call, Instrument } from "../calls.ts";
import type { RuntimeConfiguration } from "../configuration.ts";
import type { Environment } from "../environment.ts";
import type { RefusalReason } from "../refusals.ts";
import { createAccessLog } from "./access-log.ts";
import { machineClock, type Clock } from "./clock.ts";
import { startEmfMetrics } from "./emf-metrics.ts";
import type { OpenTelemetry } from "./open-telemetry.ts";
import { readSignals } from "./signals.ts";
import { traceId } from "./trace-context.ts";

/** How long a replica waits for a collector at its end: ECS grants 30 seconds by default, and calls need most of them. */
const SHUTDOWN_MILLISECONDS = 5000;

export interface TelemetryOptions {
  readonly environment: Environment;
  /** The name of the service: the dimension `Service` of its metrics, and `service.name` unless the environment gives another. */
  readonly service: string;
  readonly version: string;
  /** Which copy of the service this is: `service.instance.id`. Default: a random one. */
  readonly replica?: string;
  readonly metrics: RuntimeConfiguration["metrics"];
  readonly log: Logger;
  /** Takes lines of the embedded metric format, each with its end; standard output is where CloudWatch finds them. */
  readonly write: (line: string) => void;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** Everything that watches calls. */
export interface Telemetry {
  /** In the order in which they must see a call. */
  readonly instruments: readonly Instrument[];
  /**
   * The trace that a call belongs to, for log lines: that of its span, else what the client or the load balancer said. Ask after the
   * instruments have seen the call.
   */
  readonly traceIdOf: (call: Call) => string | undefined;
  /** Counts a request that was answered without a call. */
  readonly refused: (reason: RefusalReason) => void;
  /** Sends what is left, for at most 5 seconds. Never fails: what cannot be sent is lost. */
  readonly shutdown: () => Promise<void>;
}

/**
 * Starts what the environment asks for: always the access log, the embedded metric format with `MCP_METRICS`, OpenTelemetry with its own
 * variables. OpenTelemetry is loaded only then.
 *
 * @throws {ConfigurationError} if an OpenTelemetry variable is wrong.
 */
export async function createInstruments({
  environment,
  service,
  version,
  replica = randomUUID(),
  metrics,
  log,
  write,
  clock = machineClock,
}: TelemetryOptions): Promise<Telemetry> {
  const signals = readSignals(environment);
  let openTelemetry: OpenTelemetry | undefined;
  if (signals.traces || signals.metrics) {
    const { startOpenTelemetry } = await import("./open-telemetry.ts");
    const identity = {
      "service.name": service,
      "service.version": version,
      "service.instance.id": replica,
    };
    openTelemetry = startOpenTelemetry(environment, identity, log);
  }
  const emf = metrics === "emf" ? startEmfMetrics(service, write, clock) : undefined;
  const traceIdOf = (call: Call): string | undefined => call.traceId ?? traceId(call.carrier);
  return {
    instruments: [
      ...(openTelemetry?.instruments ?? []),
      ...(emf === undefined ? [] : [emf.instrument]),
      createAccessLog(log, traceIdOf),
    ],
    traceIdOf,
    refused: emf?.refused ?? ignore,
    shutdown: async () => {
      emf?.close();
      if (openTelemetry === undefined) return;
      if (!(await endsInTime(openTelemetry.shutdown(), clock)))
        log.warn("The OpenTelemetry collector did not take the last traces and metrics in time.");
    },
  };
}

function ignore(): void {
  // Nobody has asked for metrics.
}

function endsInTime(work: Promise<void>, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(SHUTDOWN_MILLISECONDS, () => {
      resolve(false);
    });
    void work.then(() => {
      cancel();
      resolve(true);
    });
  });
}
