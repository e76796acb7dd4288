import { z } from "zod";
import type { Environment } from "../environment.ts";
import { pairs, positiveNumber, readVariables } from "./open-telemetry-variables.ts";

/** How one signal is sent. */
export interface OtlpConfiguration {
  /** Default: `http/protobuf`. */
  readonly protocol: "http/protobuf" | "http/json";
  readonly url: string;
  /** Beside those of the protocol; they may be secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** Default: 10 seconds. */
  readonly timeoutMilliseconds: number;
  /** Default: `none`. */
  readonly compression: "gzip" | "none";
  /** The PEM file of the certificates to trust. Default: those of Node.js. */
  readonly certificate: string | undefined;
  /** The PEM files that prove who the container is. Default: nobody asks. */
  readonly clientCertificate: string | undefined;
  readonly clientKey: string | undefined;
}

/** The collector in the same task (OpenTelemetry specification, "OTLP Exporter Configuration", as are the other defaults). */
const LOCAL_COLLECTOR = "http://localhost:4318";

const schema = z.object({
  ENDPOINT: z.url({ protocol: /^https?$/u, error: "is not an http or https address" }).optional(),
  PROTOCOL: z
    .enum(
      ["http/protobuf", "http/json"],
      "is neither `http/protobuf` nor `http/json`: gRPC is not built in, but every collector takes HTTP too, by default on port 4318",
    )
    .optional(),
  HEADERS: pairs.optional(),
  TIMEOUT: positiveNumber.optional(),
  COMPRESSION: z.enum(["gzip", "none"], "is neither `gzip` nor `none`").optional(),
  CERTIFICATE: z.string().optional(),
  CLIENT_CERTIFICATE: z.string().optional(),
  CLIENT_KEY: z.string().optional(),
});

/**
 * Reads `OTEL_EXPORTER_OTLP_…`; what is said of one signal comes before what is said of all.
 *
 * @throws {ConfigurationError} that names every variable that is wrong, its value and the way out.
 */
export function readOtlpConfiguration(
  environment: Environment,
  signal: "traces" | "metrics",
): OtlpConfiguration {
  const all = readVariables(schema, environment, "OTEL_EXPORTER_OTLP_");
  const own = readVariables(schema, environment, `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_`);
  const base = (all.ENDPOINT ?? LOCAL_COLLECTOR).replace(/\/$/u, "");
  return {
    protocol: own.PROTOCOL ?? all.PROTOCOL ?? "http/protobuf",
    // The address of one signal is taken as it is; that of all is where the paths of the signals begin.
    url: own.ENDPOINT ?? `${base}/v1/${signal}`,
    headers: { ...all.HEADERS, ...own.HEADERS },
    timeoutMilliseconds: own.TIMEOUT ?? all.TIMEOUT ?? 10_000,
    compression: own.COMPRESSION ?? all.COMPRESSION ?? "none",
    certificate: own.CERTIFICATE ?? all.CERTIFICATE,
    clientCertificate: own.CLIENT_CERTIFICATE ?? all.CLIENT_CERTIFICATE,
    clientKey: own.CLIENT_KEY ?? all.CLIENT_KEY,
  };
}
