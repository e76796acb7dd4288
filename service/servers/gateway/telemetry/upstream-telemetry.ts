import type { CallEnd } from "../../../runtime/calls.ts";
import type { RelayedMethod } from "../../../runtime/relay.ts";

/** One request to an upstream, as it is measured. */
export interface UpstreamOperation {
  /** As many values as there are upstreams. */
  readonly upstream: string;
  readonly method: RelayedMethod;
  /** The tool or prompt, by the name that clients see: as many values as are listed. */
  readonly name: string | undefined;
  readonly protocolVersion: string;
}

/** Trace context, as `traceparent` and its like. */
export type Carrier = Readonly<Record<string, string>>;

/** A request that is on its way. */
export interface ActiveOperation {
  /** Runs it in whatever is made current for it. @param work gets the trace context for the upstream. */
  run<T>(carrier: Carrier, work: (carrier: Carrier) => Promise<T>): Promise<T>;
  /** Called once. */
  end(end: CallEnd): void;
}

/** How an upstream is at the moment. */
export interface UpstreamGauge {
  readonly upstream: string;
  /** Whether clients see what it offers. */
  readonly isListed: boolean;
  readonly breaker: "closed" | "open" | "half-open";
  readonly healthyAddresses: number;
  /** How old its list is, in seconds; undefined where there is none. */
  readonly listAgeSeconds: number | undefined;
}

/** How the gateway is at the moment. */
export interface GatewayGauges {
  readonly upstreams: readonly UpstreamGauge[];
  /** How many upstreams have a configuration or a list that is not in use. */
  readonly problems: number;
}

/** Watches what upstreams are asked. It must not throw. */
export interface UpstreamTelemetry {
  begin(operation: UpstreamOperation, carrier: Carrier): ActiveOperation;
  /** Writes what is left, and ends. */
  close(): void;
}

const UNWATCHED: ActiveOperation = { run: (carrier, work) => work(carrier), end: ignore };

const NOBODY: UpstreamTelemetry = { begin: () => UNWATCHED, close: ignore };

function ignore(): void {
  // Nobody has asked for telemetry.
}

/** Several as one; each runs inside the one before, with the trace context that this one gives on. */
export function joinTelemetry(all: readonly UpstreamTelemetry[]): UpstreamTelemetry {
  const [first, ...others] = all;
  if (first !== undefined && others.length === 0) return first;
  if (first === undefined) return NOBODY;
  return {
    begin: (operation, carrier) => {
      const active = all.map((each) => each.begin(operation, carrier));
      return {
        run: <T>(given: Carrier, work: (carrier: Carrier) => Promise<T>) =>
          active.reduceRight<typeof work>(
            (inner, each) => (next) => each.run(next, inner),
            work,
          )(given),
        end: (end) => {
          for (const each of active) each.end(end);
        },
      };
    },
    close: () => {
      for (const each of all) each.close();
    },
  };
}
