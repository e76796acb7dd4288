import { createContextKey, type Context } from "@opentelemetry/api";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from "@opentelemetry/sdk-trace";
import type { TracesConfiguration } from "./open-telemetry-configuration.ts";

const DECISION = createContextKey("whether the trace is sampled");

/** Tells the `parentbased` samplers what has been decided for a trace whose parent span is not known. */
export function withDecision(context: Context, isSampled: boolean | undefined): Context {
  return isSampled === undefined ? context : context.setValue(DECISION, isSampled);
}

/** Decides which traces are recorded: by their ids alone where a ratio is asked for, so that all replicas decide alike. */
export function createSampler({
  sampler,
  ratio,
}: Pick<TracesConfiguration, "sampler" | "ratio">): Sampler {
  switch (sampler) {
    case "always_on":
      return new AlwaysOnSampler();
    case "always_off":
      return new AlwaysOffSampler();
    case "traceidratio":
      return new TraceIdRatioBasedSampler(ratio);
    case "parentbased_always_on":
      return parentBased(new AlwaysOnSampler());
    case "parentbased_always_off":
      return parentBased(new AlwaysOffSampler());
    case "parentbased_traceidratio":
      return parentBased(new TraceIdRatioBasedSampler(ratio));
  }
}

function parentBased(root: Sampler): Sampler {
  return new ParentBasedSampler({ root: new DecidedSampler(root) });
}

/** Follows a decision that came without a parent span, as `Root=…;Sampled=1` does. */
class DecidedSampler implements Sampler {
  readonly #undecided: Sampler;
  readonly #sampled = new AlwaysOnSampler();
  readonly #unsampled = new AlwaysOffSampler();

  /** @param undecided decides where nobody has. */
  constructor(undecided: Sampler) {
    this.#undecided = undecided;
  }

  shouldSample(...given: Parameters<Sampler["shouldSample"]>): ReturnType<Sampler["shouldSample"]> {
    return this.#samplerFor(given[0]).shouldSample(...given);
  }

  #samplerFor(context: Context): Sampler {
    const isSampled = context.getValue(DECISION);
    if (isSampled === undefined) return this.#undecided;
    return isSampled === true ? this.#sampled : this.#unsampled;
  }

  toString(): string {
    return `Decided{${this.#undecided.toString()}}`;
  }
}
