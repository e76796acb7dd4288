import type * as pulumi from "@pulumi/pulumi";
import { COLLECTOR_IMAGE } from "./collector.ts";
import { checkMetricVariables } from "../scaling/scaling-metric.ts";
import { checkTraceVariables } from "./trace-variables.ts";
import { ArgumentError, check } from "../validation.ts";
import type { Variables } from "../variables.ts";

/** The arguments of a service about what it tells of itself. */
export interface TelemetryArguments {
  /**
   * Whether the server writes metrics of its calls, which dashboards, alarms and `targetOngoingRequests` read; it gets `MCP_METRICS` and `OTEL_SERVICE_NAME`
   * for that. An image that does not know them publishes none, and costs none; where such a service is `discoverable`, say false, since replicas never go
   * while a policy waits for its metric.
   * Default: true; 0.30 USD a month for each metric: seven of the service, four of each tool, and one of each reason for which it refuses requests.
   */
  metrics?: boolean;
  /**
   * The share of calls whose trace is sent to X-Ray, in percent, 0 to 100, fractions allowed; where the caller has decided on its trace, that holds. A
   * collector beside the server takes them: 128 MiB and a sixteenth of the processor of every replica, also where an image sends none. 0 leaves it out.
   * Default: 5, enough to see what is slow; 5 USD a million traces, of which the first 100,000 of a month cost nothing.
   */
  traceSamplePercent?: number;
  /**
   * The image of the collector, AWS's distribution of that of OpenTelemetry, best with its digest: a copy in ECR where tasks do not reach the internet.
   * Default: version 0.50.0 of `public.ecr.aws/aws-observability/aws-otel-collector`, by its digest.
   */
  collectorImage?: pulumi.Input<string>;
}

/** What decides on telemetry, with every default filled in. */
export interface TelemetrySettings {
  readonly metrics: boolean;
  readonly traceSamplePercent: number;
}

/** Fills in the defaults that the arguments document. */
export function telemetryDefaults(args: TelemetryArguments): TelemetrySettings {
  return { metrics: args.metrics ?? true, traceSamplePercent: args.traceSamplePercent ?? 5 };
}

/** The image of the collector; undefined where there is none. */
export function collectorImage(args: TelemetryArguments): pulumi.Input<string> | undefined {
  return telemetryDefaults(args).traceSamplePercent === 0
    ? undefined
    : (args.collectorImage ?? COLLECTOR_IMAGE);
}

/** Refuses shares that are none, and arguments and variables that something else needs otherwise. */
export function checkTelemetry(
  component: string,
  args: TelemetryArguments & {
    readonly environment?: Variables;
    readonly secrets?: Variables;
    readonly targetOngoingRequests?: pulumi.Input<number>;
    readonly alarmRefusedTokenPercent?: pulumi.Input<number>;
  },
): void {
  const { metrics, traceSamplePercent } = telemetryDefaults(args);
  if (!(traceSamplePercent >= 0 && traceSamplePercent <= 100)) {
    throw new ArgumentError(
      component,
      `\`traceSamplePercent\` is ${traceSamplePercent}; give a percentage from 0, for no traces, to 100.`,
    );
  }
  if (args.collectorImage !== undefined && traceSamplePercent === 0) {
    throw new ArgumentError(
      component,
      "`collectorImage` is given, but `traceSamplePercent` is 0: there is no collector. Leave one of them out.",
    );
  }
  check(args.collectorImage, (image) => {
    if (image !== "") return;
    throw new ArgumentError(
      component,
      "`collectorImage` is empty; give the address of an image, best with its digest: `repository@sha256:…`.",
    );
  });
  if (metrics) checkMetricVariables(component, args.environment, args.secrets);
  else checkWithoutMetrics(component, args);
  if (traceSamplePercent !== 0) checkTraceVariables(component, args.environment, args.secrets);
}

function checkWithoutMetrics(
  component: string,
  args: {
    readonly targetOngoingRequests?: pulumi.Input<number>;
    readonly alarmRefusedTokenPercent?: pulumi.Input<number>;
  },
): void {
  for (const [argument, reader] of [
    ["targetOngoingRequests", "the autoscaler follows one of them"],
    ["alarmRefusedTokenPercent", "the alarm reads two of them"],
  ] as const) {
    if (args[argument] === undefined) continue;
    throw new ArgumentError(
      component,
      `\`${argument}\` is given, but \`metrics\` is false, and ${reader}. Leave one of the two out.`,
    );
  }
}
