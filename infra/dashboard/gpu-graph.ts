import type { Graph, Text } from "./dashboard.ts";
import { InstanceManagement, type InstanceCapacityFacts } from "../capacity/instance-capacity.ts";
import { clusterMetric, containerInsightsMetric } from "../observability/metrics.ts";

/** What is asked for the GPUs of a service's replicas. */
export interface GpuFacts {
  readonly clusterName: string;
  readonly serviceName: string;
  /** The GPUs of each replica, if any. */
  readonly gpu: number | undefined;
  /** What the replicas run on; undefined on Fargate. */
  readonly capacity: InstanceCapacityFacts | undefined;
  readonly containerInsights: string;
}

/**
 * What AWS tells of a service's GPUs: how busy they are on ECS Managed Instances under enhanced Container Insights alone, else how many of the
 * cluster's are given out, which says nothing of use (CloudWatch guide, "Amazon ECS Container Insights with enhanced observability metrics").
 */
export function gpuWidgets(facts: GpuFacts): readonly (Graph | Text)[] {
  const { capacity, clusterName: cluster, serviceName: service } = facts;
  if (facts.gpu === undefined || capacity === undefined) return [];
  if (capacity.management === InstanceManagement.ManagedInstances) {
    if (facts.containerInsights !== "enhanced") {
      return [
        {
          markdown:
            "**GPUs**: ECS Managed Instances tell how busy they are where the platform has `containerInsights: enhanced`.",
        },
      ];
    }
    return [
      {
        title: "GPUs",
        unit: "Percent",
        lines: (["TaskGPUUtilization", "TaskGPUMemoryUtilization"] as const).flatMap((metricName) =>
          (["Average", "Maximum"] as const).map((statistic) => ({
            metric: containerInsightsMetric(metricName, { cluster, service }),
            statistic,
            label: `${metricName === "TaskGPUUtilization" ? "Utilisation" : "Memory"}, ${statistic.toLowerCase()}`,
          })),
        ),
      },
    ];
  }
  if (capacity.shareGpu) {
    return [
      {
        markdown:
          "**GPUs**: those that replicas share are outside what ECS counts. Let the server write how busy they are.",
      },
    ];
  }
  return [
    {
      title: "GPUs of the cluster that are given out (how busy they are, AWS does not tell here)",
      unit: "Percent",
      lines: [
        {
          metric: clusterMetric("GPUReservation", { cluster }),
          statistic: "Maximum",
          label: "Given out",
        },
      ],
    },
  ];
}
