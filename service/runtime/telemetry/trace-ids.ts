import { RandomIdGenerator, type IdGenerator } from "@opentelemetry/sdk-trace";

/**
 * Random ids, as W3C Trace Context wants them, except where a trace without a parent span has an id already. X-Ray takes random ids as well
 * as its own, which begin with the time (opentelemetry-collector-contrib #26041 and #26553: its exporter no longer checks for one).
 */
export class AdoptingIdGenerator implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #adopted: string | undefined;

  /** Runs what opens a span; if that begins a trace, the trace gets the id. */
  adopt<T>(traceId: string | undefined, open: () => T): T {
    this.#adopted = traceId;
    try {
      return open();
    } finally {
      this.#adopted = undefined;
    }
  }

  generateTraceId(): string {
    return this.#adopted ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#random.generateSpanId();
  }
}
