import type * as pulumi from "@pulumi/pulumi";
import { ONGOING_REQUESTS } from "../scaling/scaling-metric.ts";

type Text = pulumi.Input<string>;

/**
 * A metric of CloudWatch, as `MetricAlarm`, its `metricQueries` and scaling policies take it. CloudWatch knows a metric by exactly these
 * dimensions: with one too many or too few it shows nothing, and says nothing.
 */
export interface Metric<Value extends Text = Text> {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, Value>>;
}

/** Of all that a load balancer does. What it answers itself belongs to no target group, and so to no service. */
export type LoadBalancerMetricName =
  | TargetMetricName
  | "ActiveConnectionCount"
  | "ClientTLSNegotiationErrorCount"
  | "ConsumedLCUs"
  | "HTTPCode_ELB_4XX_Count"
  | "HTTPCode_ELB_5XX_Count"
  | "HTTPCode_ELB_502_Count"
  | "HTTPCode_ELB_503_Count"
  | "HTTPCode_ELB_504_Count"
  | "NewConnectionCount"
  | "ProcessedBytes"
  | "RejectedConnectionCount"
  | "TargetControlRequestRejectCount";

/** Of what replicas answer. */
export type TargetMetricName =
  | "HTTPCode_Target_2XX_Count"
  | "HTTPCode_Target_3XX_Count"
  | "HTTPCode_Target_4XX_Count"
  | "HTTPCode_Target_5XX_Count"
  | "RequestCount"
  | "TargetConnectionErrorCount"
  | "TargetResponseTime";

/** Of one target group, and so of one service. */
export type TargetGroupMetricName =
  TargetMetricName | "HealthyHostCount" | "RequestCountPerTarget" | "UnHealthyHostCount";

/** Of ECS, without Container Insights. */
export type EcsServiceMetricName = "CPUUtilization" | "MemoryUtilization";

/** Of a cluster's instances. */
export type ClusterMetricName =
  EcsServiceMetricName | "CPUReservation" | "GPUReservation" | "MemoryReservation";

/** Of Container Insights, `enabled` or `enhanced`. */
export type ContainerInsightsMetricName =
  | "CpuReserved"
  | "CpuUtilized"
  | "DeploymentCount"
  | "DesiredTaskCount"
  | "MemoryReserved"
  | "MemoryUtilized"
  | "PendingTaskCount"
  | "RestartCount"
  | "RunningTaskCount";

/** Of Container Insights, `enhanced`, on ECS Managed Instances with NVIDIA GPUs alone. */
export type GpuMetricName = "TaskGPUUtilization" | "TaskGPUMemoryUtilization";

/** Of Container Insights, of everything that a cluster runs, on Fargate too. */
export type ClusterInsightsMetricName =
  "CpuReserved" | "CpuUtilized" | "MemoryReserved" | "MemoryUtilized" | "TaskCount";

/** What the host writes (docs/container.md, "Metrics in CloudWatch"). */
export type HostMetricName = CallMetricName | "OngoingRequests" | "Refusals" | "Starts";

/** What each replica of a gateway writes of each upstream, every minute: of the first two 1 is yes. */
export type UpstreamMetricName =
  "UpstreamBreakerOpen" | "UpstreamListed" | "UpstreamHealthyAddresses";

/** What the host writes of each tool, too. */
export type CallMetricName = "CallDuration" | "Calls" | "Errors" | "Faults";

/** @param of `loadBalancer`: `arnSuffix` of the load balancer; `zone`: the name of an availability zone. */
export function loadBalancerMetric<Value extends Text>(
  metricName: LoadBalancerMetricName,
  of: { readonly loadBalancer: Value; readonly zone?: Value },
): Metric<Value> {
  return {
    namespace: "AWS/ApplicationELB",
    metricName,
    dimensions: {
      ...(of.zone === undefined ? {} : { AvailabilityZone: of.zone }),
      LoadBalancer: of.loadBalancer,
    },
  };
}

/** @param of `loadBalancer` and `targetGroup`: their `arnSuffix`; `zone`: the name of an availability zone. */
export function targetGroupMetric<Value extends Text>(
  metricName: TargetGroupMetricName,
  of: { readonly loadBalancer: Value; readonly targetGroup: Value; readonly zone?: Value },
): Metric<Value> {
  return {
    namespace: "AWS/ApplicationELB",
    metricName,
    dimensions: {
      ...(of.zone === undefined ? {} : { AvailabilityZone: of.zone }),
      LoadBalancer: of.loadBalancer,
      TargetGroup: of.targetGroup,
    },
  };
}

/** Of the replicas of an ECS service. */
export function serviceMetric<Value extends Text>(
  metricName: EcsServiceMetricName,
  of: { readonly cluster: Value; readonly service: Value },
): Metric<Value> {
  return { namespace: "AWS/ECS", metricName, dimensions: clusterAndService(of) };
}

/** Of what a cluster runs on instances: without any there is none, not even of the processor (ECS guide, "Amazon ECS CloudWatch metrics"). */
export function clusterMetric<Value extends Text>(
  metricName: ClusterMetricName,
  of: { readonly cluster: Value },
): Metric<Value> {
  return { namespace: "AWS/ECS", metricName, dimensions: { ClusterName: of.cluster } };
}

/** How full the instances of a capacity provider are; over 100 there are too few. */
export function capacityProviderMetric<Value extends Text>(
  metricName: "CapacityProviderReservation",
  of: { readonly cluster: Value; readonly capacityProvider: Value },
): Metric<Value> {
  return {
    namespace: "AWS/ECS/ManagedScaling",
    metricName,
    dimensions: { CapacityProviderName: of.capacityProvider, ClusterName: of.cluster },
  };
}

/** Of the replicas of an ECS service, where the cluster has Container Insights. */
export function containerInsightsMetric<Value extends Text>(
  metricName: ContainerInsightsMetricName | GpuMetricName,
  of: { readonly cluster: Value; readonly service: Value },
): Metric<Value> {
  return { namespace: "ECS/ContainerInsights", metricName, dimensions: clusterAndService(of) };
}

/** Of everything that a cluster runs, where it has Container Insights. */
export function clusterInsightsMetric<Value extends Text>(
  metricName: ClusterInsightsMetricName,
  of: { readonly cluster: Value },
): Metric<Value> {
  return {
    namespace: "ECS/ContainerInsights",
    metricName,
    dimensions: { ClusterName: of.cluster },
  };
}

/** @param of `service`: the value of `OTEL_SERVICE_NAME`. */
export function hostMetric<Value extends Text>(
  metricName: HostMetricName,
  of: { readonly service: Value },
): Metric<Value> {
  return {
    namespace: ONGOING_REQUESTS.namespace,
    metricName,
    dimensions: { [ONGOING_REQUESTS.dimension]: of.service },
  };
}

/** Of the calls of one tool. */
export function toolMetric<Value extends Text>(
  metricName: CallMetricName,
  of: { readonly service: Value; readonly tool: Value },
): Metric<Value> {
  const { namespace, dimensions } = hostMetric(metricName, of);
  return { namespace, metricName, dimensions: { ...dimensions, Tool: of.tool } };
}

/** Of the requests that were answered without a call, for one reason, such as `invalid_token`. */
export function refusalMetric<Value extends Text>(of: {
  readonly service: Value;
  readonly reason: Value;
}): Metric<Value> {
  const { namespace, metricName, dimensions } = hostMetric("Refusals", of);
  return { namespace, metricName, dimensions: { ...dimensions, Reason: of.reason } };
}

/** Of one upstream of a gateway. */
export function upstreamMetric<Value extends Text>(
  metricName: UpstreamMetricName,
  of: { readonly service: Value; readonly upstream: Value },
): Metric<Value> {
  return {
    namespace: ONGOING_REQUESTS.namespace,
    metricName,
    dimensions: { [ONGOING_REQUESTS.dimension]: of.service, Upstream: of.upstream },
  };
}

function clusterAndService<Value extends Text>(of: {
  readonly cluster: Value;
  readonly service: Value;
}): Readonly<Record<string, Value>> {
  return { ClusterName: of.cluster, ServiceName: of.service };
}
