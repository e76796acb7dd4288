import { perMinute, percentOf, searchLine, type Graph } from "./dashboard.ts";
import { EVERY } from "./metric-search.ts";
import {
  hostMetric,
  loadBalancerMetric,
  refusalMetric,
  toolMetric,
  type CallMetricName,
} from "../observability/metrics.ts";
import { ofGroups, type ServiceDashboardFacts } from "./service-dashboard-facts.ts";

export function requests(facts: ServiceDashboardFacts): Graph {
  return {
    title: "Requests",
    unit: "Per minute",
    lines: perMinute("r", "Requests", ofGroups(facts, "RequestCount")),
  };
}

export function calls(service: string): Graph {
  return {
    title: "Calls that ended",
    unit: "Per minute",
    lines: perMinute("c", "Calls", [hostMetric("Calls", { service })]),
  };
}

export function errors(facts: ServiceDashboardFacts): Graph {
  const { loadBalancerArnSuffix: loadBalancer } = facts;
  return {
    title: "Failed requests",
    unit: "Per minute",
    lines: [
      ...perMinute("s", "5xx of the replicas", ofGroups(facts, "HTTPCode_Target_5XX_Count")),
      ...perMinute("t", "4xx of the replicas", ofGroups(facts, "HTTPCode_Target_4XX_Count")),
      ...perMinute("n", "Not connected", ofGroups(facts, "TargetConnectionErrorCount")),
      // The load balancer's own have no dimension but the load balancer: another service's may be among them.
      ...perMinute("l", "5xx of the load balancer, all services", [
        loadBalancerMetric("HTTPCode_ELB_5XX_Count", { loadBalancer }),
      ]),
    ],
  };
}

export function failedCalls(service: string): Graph {
  return {
    title: "Failed calls",
    unit: "Per minute",
    lines: [
      ...perMinute("f", "Faults: timeouts and internal errors", [
        hostMetric("Faults", { service }),
      ]),
      ...perMinute("e", "Errors: these, and what tools said", [hostMetric("Errors", { service })]),
    ],
  };
}

/** Those that got no further than the host: without a good token, too many at once, no request of MCP. */
export function refusals(service: string): Graph {
  return {
    title: "Requests refused, by reason",
    unit: "Per period",
    lines: [searchLine(refusalMetric({ service, reason: EVERY }), "Sum", "${PROP('Dim.Reason')}")],
  };
}

export function shares(facts: ServiceDashboardFacts): Graph {
  const { metricServiceName: service } = facts;
  return {
    title: "Failed, of all",
    unit: "Percent",
    lines: [
      ...percentOf(
        "r",
        "5xx of the requests",
        ofGroups(facts, "HTTPCode_Target_5XX_Count"),
        ofGroups(facts, "RequestCount"),
      ),
      ...(service === undefined
        ? []
        : percentOf(
            "c",
            "Faults of the calls",
            [hostMetric("Faults", { service })],
            [hostMetric("Calls", { service })],
          )),
    ],
  };
}

const PERCENTILES = ["p50", "p90", "p99"] as const;

/** Group by group: percentiles do not add up, and during a shift of traffic one group is the new revision. */
export function responseTime(facts: ServiceDashboardFacts): Graph {
  const metrics = ofGroups(facts, "TargetResponseTime");
  return {
    title: "Time to the first byte of an answer",
    unit: "Seconds",
    lines: metrics.flatMap((metric, index) =>
      PERCENTILES.map((statistic) => ({
        metric,
        statistic,
        label: metrics.length === 1 ? statistic : `${statistic}, target group ${index + 1}`,
      })),
    ),
  };
}

export function callDuration(service: string): Graph {
  const metric = hostMetric("CallDuration", { service });
  return {
    title: "Duration of calls",
    unit: "Milliseconds",
    lines: PERCENTILES.map((statistic) => ({ metric, statistic, label: statistic })),
  };
}

export function tools(service: string): readonly Graph[] {
  const byTool = (
    title: string,
    unit: string,
    metricName: CallMetricName,
    statistic: string,
  ): Graph => ({
    title,
    unit,
    lines: [
      searchLine(
        toolMetric(metricName, { service, tool: EVERY }),
        statistic,
        "${PROP('Dim.Tool')}",
      ),
    ],
  });
  return [
    byTool("Calls by tool", "Per period", "Calls", "Sum"),
    byTool("Faults by tool", "Per period", "Faults", "Sum"),
    byTool("Duration by tool, p99", "Milliseconds", "CallDuration", "p99"),
  ];
}
