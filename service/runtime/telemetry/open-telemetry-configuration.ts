import { z } from "zod";
import { ConfigurationError } from "../configuration-error.ts";
import type { Environment } from "../environment.ts";
import { pairs, positiveNumber, readVariables, wholeNumber } from "./open-telemetry-variables.ts";
import { readOtlpConfiguration, type OtlpConfiguration } from "./otlp-configuration.ts";
import { readSignals } from "./signals.ts";

/** What OpenTelemetry is to do; defaults are those of its specification ("Environment Variable Specification") but where said. */
export interface OpenTelemetryConfiguration {
  /** The attributes of the resource. */
  readonly resource: Readonly<Record<string, string>>;
  /** Default: all three, since load balancers of AWS speak X-Ray's. */
  readonly propagators: ReadonlySet<Propagator>;
  readonly traces: TracesConfiguration | undefined;
  readonly metrics: MetricsConfiguration | undefined;
}

export type Propagator = (typeof PROPAGATORS)[number];

export interface TracesConfiguration {
  readonly exporter: OtlpConfiguration;
  /** Default: `parentbased_always_on`. */
  readonly sampler: (typeof SAMPLERS)[number];
  /** The share of traces that the `traceidratio` samplers take, 0–1. Default: 1. */
  readonly ratio: number;
  /** How long a span waits for others before they are sent. Default: 5 seconds. */
  readonly scheduleDelayMilliseconds: number;
  /** Default: 30 seconds. */
  readonly exportTimeoutMilliseconds: number;
  /** More spans than these that wait are dropped. Default: 2048. */
  readonly maxQueueSize: number;
  /** How many spans are sent at once. Default: 512. */
  readonly maxExportBatchSize: number;
}

export interface MetricsConfiguration {
  readonly exporter: OtlpConfiguration;
  /** Default: `cumulative`. */
  readonly temporality: (typeof TEMPORALITIES)[number];
  /** Default: 60 seconds. */
  readonly exportIntervalMilliseconds: number;
  /** At most the interval. Default: 30 seconds. */
  readonly exportTimeoutMilliseconds: number;
}

const PROPAGATORS = ["tracecontext", "baggage", "xray"] as const;
const SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
const TEMPORALITIES = ["cumulative", "delta", "lowmemory"] as const;

function areKnown(names: readonly string[]): names is readonly Propagator[] {
  return names.every((name) => PROPAGATORS.some((known) => known === name));
}

const exporter = z.literal("otlp", "is neither `otlp` nor `none`").optional();

const generalSchema = z.object({
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: pairs.optional(),
  OTEL_PROPAGATORS: z
    .string()
    .default(PROPAGATORS.join(","))
    .transform((text) => (text === "none" ? [] : text.split(",").map((name) => name.trim())))
    .refine(areKnown, `names what is none of ${PROPAGATORS.join(", ")}`),
});

const tracesSchema = z.object({
  OTEL_TRACES_EXPORTER: exporter,
  OTEL_TRACES_SAMPLER: z
    .enum(SAMPLERS, `is none of ${SAMPLERS.join(", ")}`)
    .default("parentbased_always_on"),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .transform(Number)
    .refine((ratio) => ratio >= 0 && ratio <= 1, "is not a number between 0 and 1")
    .default(1),
  OTEL_BSP_SCHEDULE_DELAY: wholeNumber.default(5000),
  OTEL_BSP_EXPORT_TIMEOUT: positiveNumber.default(30_000),
  OTEL_BSP_MAX_QUEUE_SIZE: positiveNumber.default(2048),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: positiveNumber.default(512),
});

const metricsSchema = z.object({
  OTEL_METRICS_EXPORTER: exporter,
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: z
    .string()
    .toLowerCase()
    .pipe(z.enum(TEMPORALITIES, `is none of ${TEMPORALITIES.join(", ")}`))
    .default("cumulative"),
  OTEL_METRIC_EXPORT_INTERVAL: positiveNumber.default(60_000),
  OTEL_METRIC_EXPORT_TIMEOUT: positiveNumber.default(30_000),
});

/**
 * Reads the OpenTelemetry variables.
 *
 * @param defaults attributes of the resource that the environment may override.
 * @throws {ConfigurationError} that names what is wrong, its value and the way out.
 */
export function readOpenTelemetryConfiguration(
  environment: Environment,
  defaults: Readonly<Record<string, string>>,
): OpenTelemetryConfiguration {
  const signals = readSignals(environment);
  const variables = readVariables(generalSchema, environment);
  const name = variables.OTEL_SERVICE_NAME;
  return {
    resource: {
      ...defaults,
      ...variables.OTEL_RESOURCE_ATTRIBUTES,
      ...(name === undefined ? {} : { "service.name": name }),
    },
    propagators: new Set(variables.OTEL_PROPAGATORS),
    traces: signals.traces ? readTraces(environment) : undefined,
    metrics: signals.metrics ? readMetrics(environment) : undefined,
  };
}

function readTraces(environment: Environment): TracesConfiguration {
  const variables = readVariables(tracesSchema, environment);
  const { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: batch, OTEL_BSP_MAX_QUEUE_SIZE: queue } = variables;
  if (batch > queue) {
    throw new ConfigurationError(
      `\`OTEL_BSP_MAX_EXPORT_BATCH_SIZE\` (\`${batch}\`) is more than \`OTEL_BSP_MAX_QUEUE_SIZE\` (\`${queue}\`); lower it, or raise that one.`,
    );
  }
  return {
    exporter: readOtlpConfiguration(environment, "traces"),
    sampler: variables.OTEL_TRACES_SAMPLER,
    ratio: variables.OTEL_TRACES_SAMPLER_ARG,
    scheduleDelayMilliseconds: variables.OTEL_BSP_SCHEDULE_DELAY,
    exportTimeoutMilliseconds: variables.OTEL_BSP_EXPORT_TIMEOUT,
    maxQueueSize: queue,
    maxExportBatchSize: batch,
  };
}

function readMetrics(environment: Environment): MetricsConfiguration {
  const variables = readVariables(metricsSchema, environment);
  const interval = variables.OTEL_METRIC_EXPORT_INTERVAL;
  return {
    exporter: readOtlpConfiguration(environment, "metrics"),
    temporality: variables.OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE,
    exportIntervalMilliseconds: interval,
    // The SDK refuses a timeout that is longer than the interval.
    exportTimeoutMilliseconds: Math.min(interval, variables.OTEL_METRIC_EXPORT_TIMEOUT),
  };
}
