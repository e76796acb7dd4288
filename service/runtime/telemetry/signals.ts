/** What the environment asks OpenTelemetry for. */
import type { Environment } from "../environment.ts";
export interface Signals {
  readonly traces: boolean;
  readonly metrics: boolean;
}

/**
 * Whether the standard variables ask for traces and metrics. A signal is on if its exporter is named (`OTEL_TRACES_EXPORTER`,
 * `OTEL_METRICS_EXPORTER`) or an endpoint is given for it or for all (`OTEL_EXPORTER_OTLP_…`). Unlike in the OpenTelemetry specification
 * nothing is exported by default: a container without a collector has nowhere to send to.
 */
export function readSignals(environment: Environment): Signals {
  const isDisabled = environment["OTEL_SDK_DISABLED"]?.trim().toLowerCase() === "true";
  const isOn = (signal: "TRACES" | "METRICS"): boolean => {
    const exporter = environment[`OTEL_${signal}_EXPORTER`]?.trim() ?? "";
    if (isDisabled || exporter === "none") return false;
    return [
      exporter,
      environment["OTEL_EXPORTER_OTLP_ENDPOINT"],
      environment[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`],
    ].some((value) => (value ?? "").trim() !== "");
  };
  return { traces: isOn("TRACES"), metrics: isOn("METRICS") };
}
