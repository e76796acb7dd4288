import { searchLine, type Graph, type Line } from "./dashboard.ts";
import { EVERY } from "./metric-search.ts";
import {
  containerInsightsMetric,
  hostMetric,
  serviceMetric,
  targetGroupMetric,
} from "../observability/metrics.ts";
import { ONGOING_REQUESTS } from "../scaling/scaling-metric.ts";
import { ofGroups, type ServiceDashboardFacts } from "./service-dashboard-facts.ts";

export function ongoingRequests(facts: ServiceDashboardFacts, service: string): Graph {
  const metric = hostMetric("OngoingRequests", { service });
  const { targetOngoingRequests: target } = facts;
  return {
    title: "Ongoing requests of a replica",
    unit: "Requests",
    lines: [
      { metric, statistic: "Average", label: "Average" },
      { metric, statistic: "Maximum", label: "The busiest" },
    ],
    thresholds: [
      ...(target === undefined ? [] : [{ value: target, label: "targetOngoingRequests" }]),
      { value: facts.maxOngoingRequests, label: "maxOngoingRequests" },
    ],
  };
}

export function replicas(facts: ServiceDashboardFacts): Graph {
  const of = { cluster: facts.clusterName, service: facts.serviceName };
  const groups = ofGroups(facts, "HealthyHostCount");
  const lines: readonly Line[] =
    facts.containerInsights === "disabled"
      ? [
          {
            expression: groups.map((_, index) => `FILL(h${index}, 0)`).join(" + "),
            label: "Healthy",
          },
          ...groups.map((metric, index) => ({ metric, statistic: "Minimum", id: `h${index}` })),
          ...(facts.metricServiceName === undefined
            ? []
            : runningReplicas(facts.metricServiceName)),
        ]
      : (["Desired", "Running", "Pending"] as const).map((state) => ({
          metric: containerInsightsMetric(`${state}TaskCount`, of),
          statistic: "Average",
          label: state,
        }));
  return {
    title: "Replicas",
    unit: "Replicas",
    lines,
    thresholds: [
      { value: facts.minReplicas, label: "minReplicas" },
      { value: facts.maxReplicas, label: "maxReplicas" },
    ],
  };
}

/** Every replica that runs writes its gauge once in a period, whatever its value: AWS itself counts them under Container Insights alone. */
function runningReplicas(service: string): readonly Line[] {
  return [
    { expression: `${ONGOING_REQUESTS.period} * FILL(g, 0) / PERIOD(g)`, label: "Running" },
    { metric: hostMetric("OngoingRequests", { service }), statistic: "SampleCount", id: "g" },
  ];
}

export function healthyTargets(facts: ServiceDashboardFacts): Graph {
  const { loadBalancerArnSuffix: loadBalancer, targetGroupArnSuffixes: groups } = facts;
  return {
    title: "Healthy replicas in each zone",
    unit: "Replicas",
    lines: groups.map((targetGroup, index) =>
      searchLine(
        targetGroupMetric("HealthyHostCount", { loadBalancer, targetGroup, zone: EVERY }),
        "Minimum",
        `\${PROP('Dim.AvailabilityZone')}${groups.length === 1 ? "" : `, target group ${index + 1}`}`,
      ),
    ),
  };
}

export function utilization(facts: ServiceDashboardFacts): Graph {
  const of = { cluster: facts.clusterName, service: facts.serviceName };
  return {
    title: "Processor and memory",
    unit: "Percent",
    lines: (["CPUUtilization", "MemoryUtilization"] as const).flatMap((metricName) =>
      (["Average", "Maximum"] as const).map((statistic) => ({
        metric: serviceMetric(metricName, of),
        statistic,
        label: `${metricName === "CPUUtilization" ? "Processor" : "Memory"}, ${statistic.toLowerCase()}`,
      })),
    ),
  };
}

/** What a loop of restarts, and a deployment that does not end, look like. */
export function deployments(facts: ServiceDashboardFacts): readonly Graph[] {
  const { clusterName: cluster, serviceName, metricServiceName: service } = facts;
  const counted: readonly Line[] =
    facts.containerInsights === "disabled"
      ? []
      : [
          {
            metric: containerInsightsMetric("DeploymentCount", { cluster, service: serviceName }),
            statistic: "Maximum",
            label: "Deployments: two while one replaces the other",
          },
        ];
  const starts: readonly Line[] =
    service === undefined
      ? []
      : [
          {
            metric: hostMetric("Starts", { service }),
            statistic: "Sum",
            label: "Replicas that start",
          },
        ];
  const lines = [...counted, ...starts];
  return lines.length === 0 ? [] : [{ title: "Deployments and starts", unit: "Count", lines }];
}
