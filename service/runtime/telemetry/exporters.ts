import { readFileSync } from "node:fs";
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter as JsonMetricExporter,
  type OTLPMetricExporterOptions,
} from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as JsonTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  CompressionAlgorithm,
  type OTLPExporterNodeConfigBase,
} from "@opentelemetry/otlp-exporter-base";
import type { PushMetricExporter } from "@opentelemetry/sdk-metrics";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import { ConfigurationError } from "../configuration-error.ts";
import type { MetricsConfiguration, TracesConfiguration } from "./open-telemetry-configuration.ts";
import type { OtlpConfiguration } from "./otlp-configuration.ts";

const TEMPORALITY = {
  cumulative: AggregationTemporalityPreference.CUMULATIVE,
  delta: AggregationTemporalityPreference.DELTA,
  lowmemory: AggregationTemporalityPreference.LOWMEMORY,
} as const;

/** What sends spans over HTTP. */
export function createSpanExporter({ exporter }: TracesConfiguration): SpanExporter {
  const options = exporterOptions(exporter);
  return exporter.protocol === "http/json"
    ? new JsonTraceExporter(options)
    : new ProtobufTraceExporter(options);
}

/** What sends metrics over HTTP. */
export function createMetricExporter({
  exporter,
  temporality,
}: MetricsConfiguration): PushMetricExporter {
  const options: OTLPMetricExporterOptions = {
    ...exporterOptions(exporter),
    temporalityPreference: TEMPORALITY[temporality],
  };
  return exporter.protocol === "http/json"
    ? new JsonMetricExporter(options)
    : new ProtobufMetricExporter(options);
}

/** @throws {ConfigurationError} if a file cannot be read. */
function exporterOptions(exporter: OtlpConfiguration): OTLPExporterNodeConfigBase {
  return {
    url: exporter.url,
    headers: { ...exporter.headers },
    timeoutMillis: exporter.timeoutMilliseconds,
    compression:
      exporter.compression === "gzip" ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
    httpAgentOptions: {
      keepAlive: true,
      ...read("ca", "CERTIFICATE", exporter.certificate),
      ...read("cert", "CLIENT_CERTIFICATE", exporter.clientCertificate),
      ...read("key", "CLIENT_KEY", exporter.clientKey),
    },
  };
}

function read<Option extends string>(
  option: Option,
  variable: string,
  path: string | undefined,
): Partial<Record<Option, Buffer>>;
function read(option: string, variable: string, path: string | undefined): Record<string, Buffer> {
  if (path === undefined) return {};
  try {
    return { [option]: readFileSync(path) };
  } catch (error) {
    throw new ConfigurationError(
      `The file \`${path}\` that \`OTEL_EXPORTER_OTLP_…${variable}\` names cannot be read. Give it the path of a PEM file in the container.`,
      { cause: error },
    );
  }
}
