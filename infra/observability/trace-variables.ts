import type * as pulumi from "@pulumi/pulumi";
import { COLLECTOR_PORTS, OTLP_HTTP_PORT } from "./collector.ts";
import { ArgumentError, check } from "../validation.ts";
import type { Variables } from "../variables.ts";

const ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const METRICS_ENDPOINT = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
const TRACES_EXPORTER = "OTEL_TRACES_EXPORTER";
const METRICS_EXPORTER = "OTEL_METRICS_EXPORTER";

/**
 * What makes a server send a share of its traces to the collector: the variables of the OpenTelemetry specification, so that SDKs in images of others obey them
 * too. The user's own stand above them.
 *
 * @param percent of the traces, where no caller has decided.
 */
export function traceEnvironment(
  percent: number,
  serviceName: pulumi.Input<string>,
): Record<string, pulumi.Input<string>> {
  return {
    [ENDPOINT]: `http://127.0.0.1:${OTLP_HTTP_PORT}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_LOGS_EXPORTER: "none",
    // An endpoint turns both signals on; metrics go to CloudWatch as lines of the log.
    [METRICS_EXPORTER]: "none",
    OTEL_SERVICE_NAME: serviceName,
    [TRACES_EXPORTER]: "otlp",
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    // In tenths of a millionth, without the digits that the division adds.
    OTEL_TRACES_SAMPLER_ARG: String(Number((percent / 100).toFixed(7))),
  };
}

/** Refuses variables with which the collector would get nothing, or what it does not take. */
export function checkTraceVariables(
  component: string,
  environment: Variables,
  secrets: Variables,
): void {
  const own = Object.keys(traceEnvironment(0, ""));
  check(secrets, (all) => {
    const hidden = own.filter((name) => Object.hasOwn(all, name));
    if (hidden.length === 0) return;
    throw new ArgumentError(
      component,
      `\`secrets\` sets ${hidden.map((name) => `\`${name}\``).join(", ")}, which the component sets itself for the collector, and ECS takes each name once.` +
        ` Give ${hidden.length === 1 ? "it" : "them"} in \`environment\`, or set \`traceSamplePercent\` to 0.`,
    );
  });
  check(environment, (all) => {
    for (const name of [ENDPOINT, TRACES_ENDPOINT]) {
      check(all[name], (address) => {
        if (!isCollector(address)) refuseUnused(component, name, address);
      });
    }
    check(all[TRACES_EXPORTER], (exporter) => {
      if (exporter !== "otlp") refuseUnused(component, TRACES_EXPORTER, exporter);
    });
    check(all["OTEL_SDK_DISABLED"], (disabled) => {
      if (disabled.trim().toLowerCase() === "true")
        refuseUnused(component, "OTEL_SDK_DISABLED", disabled);
    });
    if (all[METRICS_ENDPOINT] !== undefined) return;
    check(all[METRICS_EXPORTER], (exporter) => {
      if (exporter === "none") return;
      throw new ArgumentError(
        component,
        `\`environment.${METRICS_EXPORTER}\` is \`${exporter}\`, but the collector takes traces alone. Give \`environment.${METRICS_ENDPOINT}\` beside it, or` +
          " leave it out.",
      );
    });
  });
}

function isCollector(address: string): boolean {
  const url = URL.parse(address);
  return (
    url?.protocol === "http:" &&
    ["127.0.0.1", "localhost"].includes(url.hostname) &&
    COLLECTOR_PORTS.includes(Number(url.port))
  );
}

function refuseUnused(component: string, name: string, value: string): never {
  throw new ArgumentError(
    component,
    `\`environment.${name}\` is \`${value}\`: with it the collector beside the server would get no traces, and cost its memory. Set \`traceSamplePercent\` to` +
      " 0, which leaves the collector out, or leave the variable out.",
  );
}
