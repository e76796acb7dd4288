import * as pulumi from "@pulumi/pulumi";
import { taskFamily } from "./task.ts";
import { ArgumentError, check, isLate } from "./validation.ts";

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
 * The name under which a service publishes its gauge: the user's own, or one that no other service of the account and region has, since
 * the gauges of two services under one name would be averaged.
 */
export function metricServiceName(name: string, environment: Variables): pulumi.Output<string> {
  const unique = taskFamily(name);
  if (environment === undefined || isLate(environment))
    return pulumi.output(environment ?? {}).apply((all) => all[SERVICE_NAME] ?? unique);
  // Of this variable alone: the name must not become unknown in a preview because another variable is.
  return pulumi.output(environment[SERVICE_NAME] ?? unique);
}

/** What makes the container publish the gauge under that name. */
export function metricEnvironment(
  serviceName: pulumi.Input<string>,
): Record<string, pulumi.Input<string>> {
  return { [METRICS]: EMBEDDED_METRIC_FORMAT, [SERVICE_NAME]: serviceName };
}

/** Refuses variables with which the gauge would not be where the autoscaler reads it. */
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
      `\`secrets\` sets ${hidden.map((name) => `\`${name}\``).join(", ")}, but with \`targetOngoingRequests\` the autoscaler must know` +
        ` ${hidden.length === 1 ? "it" : "them"}: the metric that it follows is written by the one and named by the other.` +
        ` Leave ${hidden.length === 1 ? "it" : "them"} out of \`secrets\`, and give a name of your own in \`environment\`.`,
    );
  });
  check(environment, (all) => {
    check(all[METRICS], (metrics) => {
      if (metrics === EMBEDDED_METRIC_FORMAT) return;
      throw new ArgumentError(
        component,
        `\`environment.${METRICS}\` is \`${metrics}\`, but with \`targetOngoingRequests\` the autoscaler follows the metric that` +
          ` \`${METRICS}=${EMBEDDED_METRIC_FORMAT}\` writes. Leave the variable out, or \`targetOngoingRequests\`.`,
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
    `\`environment.${SERVICE_NAME}\` is \`${value}\`; with \`targetOngoingRequests\` it names the metric that the autoscaler follows, so give 1 to` +
      " 1024 printable ASCII characters, not all of them spaces and the first no colon, or leave it out.",
  );
}

const claims = new WeakMap<object, Map<string, string>>();

/**
 * Refuses two services of a platform that are given one name for their metrics: the autoscaler of each would follow the average of both.
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
        `\`${name}\` and \`${holder}\` both have the \`environment.${SERVICE_NAME}\` \`${serviceName}\`, under which the autoscaler would average the` +
          " ongoing requests of both. Give one of them another name, or leave it to the component.",
      );
    });
  });
}
