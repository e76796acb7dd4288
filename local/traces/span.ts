/** A span of a trace, as OpenTelemetry describes it (Trace API, "Span"). */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  /** The `service.name` of its resource. */
  readonly service: string;
  /** Milliseconds since 1970, with fractions. */
  readonly startedAt: number;
  readonly durationMilliseconds: number;
  readonly status: "unset" | "ok" | "error";
  readonly statusMessage: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";

export type AttributeValue = string | number | boolean | readonly AttributeValue[];
