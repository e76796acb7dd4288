import * as pulumi from "@pulumi/pulumi";
import { taskFamily } from "../task/task.ts";
import { ArgumentError, check, isLate } from "../validation.ts";

/** The in-flight gauge that the host writes (docs/container.md, "Metrics in CloudWatch"); its average is what one replica works on. */
export const ONGOING_REQUESTS = {
  namespace: "McpService",
  metricName: "OngoingRequests",
  /** Its one dimension, whose value the container reads from {@link SERVICE_NAME}. */
  dimension: "Service",
  /** How often it is written, in seconds, at storage resolution 1: no metric of AWS's own may have an alarm of so short a period. */
  period: 10,
} as const;

const SERVICE_NAME = "OTEL_SERVICE_NAME";
const METRICS = "MCP_METRICS";
/** The one value of `MCP_METRICS` that writes metrics. */
const EMBEDDED_METRIC_FORMAT = "emf";

type Variables = pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;

/**
 * The name under which a service publishes its metrics: the user's own, or one that no other service of the account and region has, since
 * the gauges of two services under one name would be averaged.
 */
export function metricServiceName(name: string, environment: Variables): pulumi.Output<string> {
  const unique = taskFamily(name);
  if (environment === undefined || isLate(environment))
    return pulumi.output(environment ?? {}).apply((all) => all[SERVICE_NAME] ?? unique);
  // Of this variable alone: the name must not become unknown in a preview because another variable is.
  return pulumi.output(environment[SERVICE_NAME] ?? unique);
}

/** What makes the container publish its metrics under that name. */
export function metricEnvironment(
  serviceName: pulumi.Input<string>,
): Record<string, pulumi.Input<string>> {
  return { [METRICS]: EMBEDDED_METRIC_FORMAT, [SERVICE_NAME]: serviceName };
}

/** Refuses variables with which the metrics would not be where they are read. */
export function checkMetricVariables(
  component: string,
  environment: Variables,
  secrets: Variables,
): void {
  check(secrets, (all) => {
    const hidden = [METRICS, SERVICE_NAME].filter((name) => Object.hasOwn(all, name));
    if (hidden.length === 0) return;
    throw new ArgumentError(
      component,
      `\`secrets\` sets ${hidden.map((name) => `\`${name}\``).join(", ")}, but what reads the service's metrics must know` +
        ` ${hidden.length === 1 ? "it" : "them"}: they are written by \`${METRICS}\` and named by \`${SERVICE_NAME}\`. Leave` +
        ` ${hidden.length === 1 ? "it" : "them"} out of \`secrets\`, and give a name of your own in \`environment\`.`,
    );
  });
  check(environment, (all) => {
    check(all[METRICS], (metrics) => {
      if (metrics === EMBEDDED_METRIC_FORMAT) return;
      throw new ArgumentError(
        component,
        `\`environment.${METRICS}\` is \`${metrics}\`, but alarms, dashboards and the autoscaler read the metrics that` +
          ` \`${METRICS}=${EMBEDDED_METRIC_FORMAT}\` writes. Leave the variable out, or set \`metrics\` to false.`,
      );
    });
    check(all[SERVICE_NAME], (serviceName) => {
      checkDimensionValue(component, serviceName);
    });
  });
}

/** What CloudWatch takes as a dimension's value (CloudWatch API, Dimension); an empty name counts as none in the container. */
function checkDimensionValue(component: string, value: string): void {
  if (/^(?!:)(?=.*\S)[\x20-\x7e]{1,1024}$/u.test(value)) return;
  throw new ArgumentError(
    component,
    `\`environment.${SERVICE_NAME}\` is \`${value}\`; it names the service's metrics, so give 1 to 1024 printable ASCII characters, not all of them spaces` +
      " and the first no colon, or leave it out.",
  );
}

const claims = new WeakMap<object, Map<string, string>>();

/**
 * Refuses two services of a platform that are given one name for their metrics: what CloudWatch shows of each would be the sum or the average of both.
 *
 * @param platform what both services were given as their platform.
 */
export function claimMetricServiceName(
  name: string,
  platform: object,
  environment: Variables,
): void {
  const taken = claims.get(platform) ?? new Map<string, string>();
  claims.set(platform, taken);
  check(environment, (all) => {
    check(all[SERVICE_NAME], (serviceName) => {
      const holder = taken.get(serviceName);
      taken.set(serviceName, name);
      if (holder === undefined) return;
      throw new ArgumentError(
        "McpService",
        `\`${name}\` and \`${holder}\` both have the \`environment.${SERVICE_NAME}\` \`${serviceName}\`, under which CloudWatch would mix the` +
          " metrics of both. Give one of them another name, or leave it to the component.",
      );
    });
  });
}
