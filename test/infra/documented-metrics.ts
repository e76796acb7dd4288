/** The metrics that AWS documents, as far as this package reads them, with the page that says so. One that is not here is one that nobody has looked up. */

/** Metrics of one page that have the same sets of dimensions. */
export interface DocumentedMetrics {
  /** Below docs.aws.amazon.com. */
  readonly page: string;
  readonly namespace: string;
  readonly names: readonly string[];
  /** The names of dimensions, sorted, of each set under which the metrics are published. */
  readonly dimensions: readonly (readonly string[])[];
  readonly unit: "Bytes" | "Count" | "Milliseconds" | "None" | "Percent" | "Seconds";
  /** Those that the page calls useful or valid; `p` for percentiles. */
  readonly statistics: readonly ("Average" | "Maximum" | "Minimum" | "Sum" | "p")[];
}

const ELB = {
  page: "elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html",
  namespace: "AWS/ApplicationELB",
} as const;
const BALANCER = [["LoadBalancer"], ["AvailabilityZone", "LoadBalancer"]];
const GROUP = [
  ["LoadBalancer", "TargetGroup"],
  ["AvailabilityZone", "LoadBalancer", "TargetGroup"],
];
const ECS = {
  page: "AmazonECS/latest/developerguide/available-metrics.html",
  namespace: "AWS/ECS",
} as const;
const LEVELS = ["Average", "Maximum", "Minimum"] as const;
const INSIGHTS = {
  page: "AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html",
  namespace: "ECS/ContainerInsights",
  statistics: ["Average", "Maximum", "Minimum", "Sum"],
} as const;
const NAT = {
  page: "vpc/latest/userguide/metrics-dimensions-nat-gateway.html",
  namespace: "AWS/NATGateway",
  // "Zonal NAT gateways use only this dimension. Regional NAT gateways use this dimension together with AvailabilityZone."
  dimensions: [["NatGatewayId"], ["AvailabilityZone", "NatGatewayId"]],
} as const;

export const DOCUMENTED_METRICS: readonly DocumentedMetrics[] = [
  {
    ...ELB,
    names: [
      "ActiveConnectionCount",
      "ClientTLSNegotiationErrorCount",
      "HTTPCode_ELB_4XX_Count",
      "HTTPCode_ELB_5XX_Count",
      "HTTPCode_ELB_502_Count",
      "HTTPCode_ELB_503_Count",
      "HTTPCode_ELB_504_Count",
      "NewConnectionCount",
      "RejectedConnectionCount",
      "TargetControlRequestRejectCount",
    ],
    dimensions: BALANCER,
    unit: "Count",
    statistics: ["Sum"],
  },
  {
    ...ELB,
    names: [
      "HTTPCode_Target_2XX_Count",
      "HTTPCode_Target_3XX_Count",
      "HTTPCode_Target_4XX_Count",
      "HTTPCode_Target_5XX_Count",
      "RequestCount",
      "TargetConnectionErrorCount",
    ],
    dimensions: [...BALANCER, ...GROUP],
    unit: "Count",
    statistics: ["Sum"],
  },
  {
    ...ELB,
    names: ["TargetResponseTime"],
    dimensions: [...BALANCER, ...GROUP],
    unit: "Seconds",
    statistics: ["Average", "p"],
  },
  {
    ...ELB,
    names: ["HealthyHostCount", "UnHealthyHostCount"],
    dimensions: GROUP,
    unit: "Count",
    statistics: LEVELS,
  },
  {
    ...ELB,
    names: ["RequestCountPerTarget"],
    dimensions: [["TargetGroup"], ["AvailabilityZone", "TargetGroup"], ...GROUP],
    unit: "Count",
    // "The only valid statistic is Sum. This represents the average not the sum."
    statistics: ["Sum"],
  },
  {
    ...ECS,
    names: ["CPUUtilization", "MemoryUtilization"],
    dimensions: [["ClusterName"], ["ClusterName", "ServiceName"]],
    unit: "Percent",
    statistics: LEVELS,
  },
  {
    ...ECS,
    names: ["CPUReservation", "GPUReservation", "MemoryReservation"],
    dimensions: [["ClusterName"]],
    unit: "Percent",
    statistics: LEVELS,
  },
  {
    // The page names metric and namespace, but no dimension: these are those of the alarms that ECS itself makes for the metric.
    page: "AmazonECS/latest/developerguide/cluster-auto-scaling.html",
    namespace: "AWS/ECS/ManagedScaling",
    names: ["CapacityProviderReservation"],
    dimensions: [["CapacityProviderName", "ClusterName"]],
    unit: "Percent",
    statistics: LEVELS,
  },
  {
    ...INSIGHTS,
    names: ["DeploymentCount", "DesiredTaskCount", "PendingTaskCount", "RunningTaskCount"],
    dimensions: [["ClusterName", "ServiceName"]],
    unit: "Count",
  },
  {
    ...INSIGHTS,
    names: ["CpuReserved", "CpuUtilized", "MemoryReserved", "MemoryUtilized"],
    dimensions: [
      ["ClusterName"],
      ["ClusterName", "ServiceName"],
      ["ClusterName", "TaskDefinitionFamily"],
    ],
    unit: "None",
  },
  {
    ...INSIGHTS,
    // Only of containers with a restart policy.
    names: ["RestartCount"],
    dimensions: [
      ["ClusterName"],
      ["ClusterName", "ServiceName"],
      ["ClusterName", "TaskDefinitionFamily"],
    ],
    unit: "Count",
  },
  { ...INSIGHTS, names: ["TaskCount"], dimensions: [["ClusterName"]], unit: "Count" },
  {
    ...INSIGHTS,
    // "Available only for Amazon ECS Managed Instances running NVIDIA GPU-enabled Amazon EC2 instance types", and only when it is `enhanced`.
    page: "AmazonCloudWatch/latest/monitoring/Container-Insights-enhanced-observability-metrics-ECS.html",
    names: ["TaskGPUUtilization", "TaskGPUMemoryUtilization"],
    dimensions: [
      ["ClusterName"],
      ["ClusterName", "ServiceName"],
      ["ClusterName", "TaskDefinitionFamily"],
      ["ClusterName", "ServiceName", "TaskId"],
      ["ClusterName", "TaskDefinitionFamily", "TaskId"],
      ["AcceleratedDevice", "ClusterName", "ServiceName", "TaskId"],
    ],
    unit: "Percent",
  },
  {
    page: "AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html",
    namespace: "AWS/CloudFront",
    names: ["4xxErrorRate", "5xxErrorRate", "TotalErrorRate"],
    dimensions: [["DistributionId", "Region"]],
    unit: "Percent",
    statistics: ["Average"],
  },
  {
    page: "AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html",
    namespace: "AWS/CloudFront",
    names: ["BytesDownloaded", "BytesUploaded", "Requests"],
    dimensions: [["DistributionId", "Region"]],
    unit: "None",
    statistics: ["Sum"],
  },
  { ...NAT, names: ["ActiveConnectionCount"], unit: "Count", statistics: ["Maximum"] },
  {
    ...NAT,
    names: ["BytesInFromDestination", "BytesOutToDestination"],
    unit: "Bytes",
    statistics: ["Sum"],
  },
  {
    ...NAT,
    names: ["ErrorPortAllocation", "PacketsDropCount"],
    unit: "Count",
    statistics: ["Sum"],
  },
  {
    // "Region: required for all protected resource types except for Amazon CloudFront distributions."
    page: "waf/latest/developerguide/waf-metrics.html",
    namespace: "AWS/WAFV2",
    names: ["AllowedRequests", "BlockedRequests"],
    dimensions: [
      ["Region", "Rule", "WebACL"],
      ["Rule", "WebACL"],
    ],
    unit: "Count",
    statistics: ["Sum"],
  },
  {
    // "Metrics that specify only the RuleName dimension refer to the default event bus."
    page: "eventbridge/latest/userguide/eb-monitoring.html",
    namespace: "AWS/Events",
    names: ["TriggeredRules"],
    dimensions: [["RuleName"]],
    unit: "Count",
    statistics: ["Sum"],
  },
];

/** What the predefined metrics of Application Auto Scaling stand for (Application Auto Scaling guide, "Predefined metrics for target tracking scaling policies"). */
export const PREDEFINED_METRICS: Readonly<
  Record<
    string,
    {
      readonly namespace: string;
      readonly metricName: string;
      readonly dimensions: readonly string[];
      readonly statistic: string;
    }
  >
> = {
  ALBRequestCountPerTarget: {
    namespace: "AWS/ApplicationELB",
    metricName: "RequestCountPerTarget",
    dimensions: ["LoadBalancer", "TargetGroup"],
    statistic: "Sum",
  },
  ECSServiceAverageCPUUtilization: {
    namespace: "AWS/ECS",
    metricName: "CPUUtilization",
    dimensions: ["ClusterName", "ServiceName"],
    statistic: "Average",
  },
};
