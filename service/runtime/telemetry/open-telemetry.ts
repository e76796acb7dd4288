/** Everything of OpenTelemetry hangs on this module, which is loaded only where the environment asks for it. */
import { context, diag, DiagLogLevel, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from "@opentelemetry/core";
import { AWSXRayPropagator } from "@opentelemetry/propagator-aws-xray";
import { defaultResource, resourceFromAttributes, type Resource } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";
import type { Instrument } from "../calls.ts";
import type { Environment } from "../environment.ts";
import { createMetricExporter, createSpanExporter } from "./exporters.ts";
import {
  readOpenTelemetryConfiguration,
  type MetricsConfiguration,
  type OpenTelemetryConfiguration,
  type Propagator,
  type TracesConfiguration,
} from "./open-telemetry-configuration.ts";
import { createDurationInstrument, createSpanInstrument } from "./operation.ts";
import { traceOutgoingRequests } from "./outgoing-requests.ts";
import { createSampler } from "./samplers.ts";
import { OPERATION_DURATION } from "./semantic-conventions.ts";
import { AdoptingIdGenerator } from "./trace-ids.ts";

/** The instrumentation scope: which library the spans and metrics come from. */
const SCOPE = "pulumi-mcp-service";

/** OpenTelemetry at work. */
export interface OpenTelemetry {
  readonly instruments: readonly Instrument[];
  /** Sends what is left and takes everything back, once. */
  shutdown(): Promise<void>;
}

interface Part {
  readonly instrument: Instrument;
  shutdown(): Promise<void>;
}

/**
 * Starts traces and metrics as the environment asks for, and registers them with the OpenTelemetry API, so that a tool's own spans become
 * children of the span of its function and its own metrics are exported.
 *
 * @param identity attributes of the resource that the environment may override.
 * @throws {ConfigurationError} if a variable is wrong.
 */
export function startOpenTelemetry(
  environment: Environment,
  identity: Readonly<Record<string, string>>,
  log: Logger,
): OpenTelemetry {
  const configuration = readOpenTelemetryConfiguration(environment, identity);
  // A collector that does not answer must be seen, and must not harm calls.
  const report = (problem: string): void => {
    log.warn({ problem }, "OpenTelemetry has a problem");
  };
  const resource = defaultResource().merge(resourceFromAttributes(configuration.resource));
  const parts = [
    configuration.traces && startTraces(configuration, configuration.traces, resource),
    configuration.metrics && startMetrics(configuration.metrics, resource),
  ].filter((part) => part !== undefined);
  diag.setLogger(
    { error: report, warn: report, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const end = async (): Promise<void> => {
    const ends = await Promise.allSettled(parts.map((part) => part.shutdown()));
    for (const each of ends) if (each.status === "rejected") report(String(each.reason));
    for (const api of [trace, context, propagation, metrics, diag]) api.disable();
  };
  let ended: Promise<void> | undefined;
  return {
    instruments: parts.map(({ instrument }) => instrument),
    shutdown: () => (ended ??= end()),
  };
}

function startTraces(
  { propagators }: OpenTelemetryConfiguration,
  configuration: TracesConfiguration,
  resource: Resource,
): Part {
  const ids = new AdoptingIdGenerator();
  const provider = new TracerProvider({
    resource,
    sampler: createSampler(configuration),
    idGenerator: ids,
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: createSpanExporter(configuration),
        scheduledDelayMillis: configuration.scheduleDelayMilliseconds,
        exportTimeoutMillis: configuration.exportTimeoutMilliseconds,
        maxQueueSize: configuration.maxQueueSize,
        maxExportBatchSize: configuration.maxExportBatchSize,
      }),
    ],
  });
  const propagator = createPropagator(propagators);
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(propagator);
  const tracer = provider.getTracer(SCOPE);
  const adopting = propagators.has("xray") ? ids : undefined;
  const endRequests = traceOutgoingRequests(tracer, propagator);
  return {
    instrument: createSpanInstrument({ tracer, propagator, ids: adopting }),
    shutdown: () => {
      endRequests();
      return provider.shutdown();
    },
  };
}

function startMetrics(configuration: MetricsConfiguration, resource: Resource): Part {
  const provider = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: createMetricExporter(configuration),
        exportIntervalMillis: configuration.exportIntervalMilliseconds,
        exportTimeoutMillis: configuration.exportTimeoutMilliseconds,
      }),
    ],
  });
  metrics.setGlobalMeterProvider(provider);
  const { name, unit, description, boundaries } = OPERATION_DURATION;
  const histogram = provider.getMeter(SCOPE).createHistogram(name, {
    unit,
    description,
    advice: { explicitBucketBoundaries: [...boundaries] },
  });
  return {
    instrument: createDurationInstrument(histogram),
    shutdown: () => provider.shutdown(),
  };
}

/** The last that finds a parent wins: what a client says in W3C's terms comes before what a load balancer adds in X-Ray's. */
function createPropagator(names: ReadonlySet<Propagator>): CompositePropagator {
  return new CompositePropagator({
    propagators: [
      ...(names.has("xray") ? [new AWSXRayPropagator()] : []),
      ...(names.has("tracecontext") ? [new W3CTraceContextPropagator()] : []),
      ...(names.has("baggage") ? [new W3CBaggagePropagator()] : []),
    ],
  });
}

function silent(): void {
  // Below warnings there is nothing that anybody asked for.
}
