import { percentOf, searchLine, type Graph } from "./dashboard.ts";
import { EVERY } from "./metric-search.ts";
import {
  capacityProviderMetric,
  clusterInsightsMetric,
  clusterMetric,
  containerInsightsMetric,
  hostMetric,
  serviceMetric,
  type HostMetricName,
} from "../observability/metrics.ts";
import type { PlatformDashboardFacts } from "./platform-dashboard-facts.ts";

/** What the services that publish metrics do: those of all platforms of the account and region, since nothing in a metric names its platform. */
export function ofServices({ clusterName: cluster }: PlatformDashboardFacts): Graph[] {
  const service = "${PROP('Dim.Service')}";
  const graph = (
    title: string,
    unit: string,
    metricName: HostMetricName,
    statistic: string,
  ): Graph => ({
    title,
    unit,
    lines: [searchLine(hostMetric(metricName, { service: EVERY }), statistic, service)],
  });
  return [
    graph("Calls by service", "Per period", "Calls", "Sum"),
    graph("Faults by service", "Per period", "Faults", "Sum"),
    graph("Duration of calls by service, p99", "Milliseconds", "CallDuration", "p99"),
    {
      title: "Processor by service",
      unit: "Percent",
      lines: [
        searchLine(
          serviceMetric("CPUUtilization", { cluster, service: EVERY }),
          "Average",
          "${PROP('Dim.ServiceName')}",
        ),
      ],
    },
  ];
}

/** ECS itself tells of a cluster only what runs on instances; Container Insights tell of Fargate too. */
export function clusterTasks(facts: PlatformDashboardFacts): Graph[] {
  if (facts.containerInsights === "disabled") return [];
  const of = { cluster: facts.clusterName };
  const share = (
    id: string,
    label: string,
    part: "CpuUtilized" | "MemoryUtilized",
    whole: "CpuReserved" | "MemoryReserved",
  ) => percentOf(id, label, [clusterInsightsMetric(part, of)], [clusterInsightsMetric(whole, of)]);
  return [
    {
      title: "Replicas running, by service",
      unit: "Replicas",
      lines: [
        searchLine(
          containerInsightsMetric("RunningTaskCount", { ...of, service: EVERY }),
          "Average",
          "${PROP('Dim.ServiceName')}",
        ),
      ],
    },
    {
      title: "Used, of what tasks have",
      unit: "Percent",
      lines: [
        ...share("p", "Processor", "CpuUtilized", "CpuReserved"),
        ...share("m", "Memory", "MemoryUtilized", "MemoryReserved"),
      ],
    },
  ];
}

/** How full the instances are; over 100 % of a capacity, replicas wait for an instance. */
export function capacity(facts: PlatformDashboardFacts): Graph[] {
  if (!facts.hasInstances) return [];
  const cluster = facts.clusterName;
  const reservations = [
    ["CPUReservation", "Processor"],
    ["MemoryReservation", "Memory"],
    ...(facts.hasGpus ? [["GPUReservation", "GPUs"] as const] : []),
  ] as const;
  const providers = Object.entries(facts.autoScalingProviders);
  return [
    {
      title: "Instances: given out to replicas",
      unit: "Percent",
      lines: reservations.map(([metricName, label]) => ({
        metric: clusterMetric(metricName, { cluster }),
        statistic: "Average",
        label,
      })),
    },
    ...(providers.length === 0
      ? []
      : [
          {
            title: "Instances: needed, of those that run",
            unit: "Percent",
            lines: providers.map(([label, capacityProvider]) => ({
              metric: capacityProviderMetric("CapacityProviderReservation", {
                cluster,
                capacityProvider,
              }),
              statistic: "Average",
              label,
            })),
            thresholds: [{ value: 100, label: "All in use" }],
          },
        ]),
  ];
}
