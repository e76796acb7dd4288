/** A trace in the list of the recent ones. */
export interface TraceSummary {
  readonly id: string;
  /** Of the root span, or of the earliest one that is known. */
  readonly name: string;
  readonly service: string;
  /** Milliseconds of the run's clock. */
  readonly startedAt: number;
  readonly durationMilliseconds: number;
  readonly spans: number;
  readonly failed: boolean;
}

/** All spans of a trace that are known by now. */
export interface Trace {
  readonly id: string;
  readonly spans: readonly Span[];
}

/** A span, in OpenTelemetry's words. */
export interface Span {
  readonly id: string;
  readonly parent: string | undefined;
  readonly name: string;
  readonly service: string;
  readonly kind: "INTERNAL" | "SERVER" | "CLIENT" | "PRODUCER" | "CONSUMER";
  /** Milliseconds of the run's clock. */
  readonly startedAt: number;
  readonly durationMilliseconds: number;
  readonly status: "UNSET" | "OK" | "ERROR";
  readonly statusMessage: string | undefined;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}
