import { perMinute, searchLine, type Graph } from "./dashboard.ts";
import { EVERY } from "./metric-search.ts";
import { loadBalancerMetric, targetGroupMetric } from "../observability/metrics.ts";
import {
  ALL_RULES,
  distributionMetric,
  GLOBAL_REGION,
  natGatewayMetric,
  webAclMetric,
  type NatGatewayMetricName,
} from "../observability/network-metrics.ts";
import type { PlatformDashboardFacts } from "./platform-dashboard-facts.ts";

/** The name of the zone of each line of a search. */
const ZONE = "${PROP('Dim.AvailabilityZone')}";

export function loadBalancerRequests({
  loadBalancerArnSuffix: loadBalancer,
}: PlatformDashboardFacts): Graph {
  return {
    title: "Requests that replicas got",
    unit: "Per minute",
    lines: perMinute("r", "Requests", [loadBalancerMetric("RequestCount", { loadBalancer })]),
  };
}

export function loadBalancerErrors({
  loadBalancerArnSuffix: loadBalancer,
}: PlatformDashboardFacts): Graph {
  const line = (id: string, label: string, name: Parameters<typeof loadBalancerMetric>[0]) =>
    perMinute(id, label, [loadBalancerMetric(name, { loadBalancer })]);
  return {
    title: "Failed requests",
    unit: "Per minute",
    lines: [
      ...line("s", "5xx of replicas", "HTTPCode_Target_5XX_Count"),
      ...line("a", "502: a replica broke off", "HTTPCode_ELB_502_Count"),
      ...line("b", "503: no replica", "HTTPCode_ELB_503_Count"),
      ...line("c", "504: a replica did not answer", "HTTPCode_ELB_504_Count"),
      ...line("d", "4xx of the load balancer", "HTTPCode_ELB_4XX_Count"),
    ],
  };
}

export function loadBalancerResponseTime({
  loadBalancerArnSuffix: loadBalancer,
}: PlatformDashboardFacts): Graph {
  const metric = loadBalancerMetric("TargetResponseTime", { loadBalancer });
  return {
    title: "Time to the first byte of an answer",
    unit: "Seconds",
    lines: ["p50", "p90", "p99"].map((statistic) => ({ metric, statistic, label: statistic })),
  };
}

/** What each zone does: one that is in trouble differs from the others. */
export function zones({ loadBalancerArnSuffix: loadBalancer }: PlatformDashboardFacts): Graph[] {
  const health = (metricName: "HealthyHostCount" | "UnHealthyHostCount") =>
    searchLine(
      targetGroupMetric(metricName, { loadBalancer, targetGroup: EVERY, zone: EVERY }),
      "Minimum",
      `${ZONE}, \${PROP('Dim.TargetGroup')}`,
    );
  const ofZones = (
    title: string,
    unit: string,
    metricName: Parameters<typeof loadBalancerMetric>[0],
    statistic: string,
  ): Graph => ({
    title,
    unit,
    lines: [
      searchLine(loadBalancerMetric(metricName, { loadBalancer, zone: EVERY }), statistic, ZONE),
    ],
  });
  return [
    {
      title: "Healthy replicas by zone and target group",
      unit: "Replicas",
      lines: [health("HealthyHostCount")],
    },
    {
      title: "Unhealthy replicas by zone and target group",
      unit: "Replicas",
      lines: [health("UnHealthyHostCount")],
    },
    ofZones("Requests by zone", "Per period", "RequestCount", "Sum"),
    ofZones("5xx of replicas by zone", "Per period", "HTTPCode_Target_5XX_Count", "Sum"),
  ];
}

export function distribution({ distributionId }: PlatformDashboardFacts): Graph[] {
  if (distributionId === undefined) return [];
  const of = { distributionId };
  return [
    {
      title: "CloudFront: requests",
      unit: "Per minute",
      region: GLOBAL_REGION,
      lines: perMinute("r", "Requests", [distributionMetric("Requests", of)]),
    },
    {
      title: "CloudFront: failed requests",
      unit: "Percent",
      region: GLOBAL_REGION,
      lines: (["4xxErrorRate", "5xxErrorRate"] as const).map((metricName) => ({
        metric: distributionMetric(metricName, of),
        statistic: "Average",
        label: metricName.slice(0, 3),
      })),
    },
  ];
}

export function webAcl({ webAcl: facts, region }: PlatformDashboardFacts): Graph[] {
  if (facts === undefined) return [];
  const of = { webAcl: facts.webAcl, ...(facts.isGlobal ? {} : { region }) };
  const blocked = (rule: string) => [webAclMetric("BlockedRequests", { ...of, rule })];
  return [
    {
      title: "Web ACL",
      unit: "Per minute",
      ...(facts.isGlobal ? { region: GLOBAL_REGION } : {}),
      lines: [
        ...perMinute("a", "Allowed", [webAclMetric("AllowedRequests", { ...of, rule: ALL_RULES })]),
        ...perMinute("b", "Blocked", blocked(ALL_RULES)),
        ...perMinute("l", "Blocked by the rate limit", blocked(facts.rateLimit)),
      ],
    },
  ];
}

export function connections({
  loadBalancerArnSuffix: loadBalancer,
}: PlatformDashboardFacts): Graph {
  return {
    title: "Connections of the load balancer",
    unit: "Per minute",
    lines: [
      ...perMinute("n", "New", [loadBalancerMetric("NewConnectionCount", { loadBalancer })]),
      ...perMinute("r", "Rejected: too many", [
        loadBalancerMetric("RejectedConnectionCount", { loadBalancer }),
      ]),
      ...perMinute("t", "TLS not agreed on", [
        loadBalancerMetric("ClientTLSNegotiationErrorCount", { loadBalancer }),
      ]),
      ...perMinute("e", "To replicas, failed", [
        loadBalancerMetric("TargetConnectionErrorCount", { loadBalancer }),
      ]),
    ],
  };
}

/** A gateway that loses packets or runs out of ports looks like a slow upstream from the inside. */
export function natGateways(facts: PlatformDashboardFacts): Graph[] {
  const { natGatewayIds: ids, regionalNatGateway } = facts;
  if (ids.length === 0) return [];
  const graph = (title: string, unit: string, metricName: NatGatewayMetricName): Graph => ({
    title,
    unit,
    lines: ids.map((natGatewayId) =>
      regionalNatGateway
        ? searchLine(natGatewayMetric(metricName, { natGatewayId, zone: EVERY }), "Sum", ZONE)
        : {
            metric: natGatewayMetric(metricName, { natGatewayId }),
            statistic: "Sum",
            label: natGatewayId,
          },
    ),
  });
  return [
    graph("NAT gateways: to the internet", "Bytes per period", "BytesOutToDestination"),
    graph("NAT gateways: packets lost", "Per period", "PacketsDropCount"),
    graph("NAT gateways: no port free", "Per period", "ErrorPortAllocation"),
  ];
}
