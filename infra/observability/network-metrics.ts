import type * as pulumi from "@pulumi/pulumi";
import type { Metric } from "./metrics.ts";

type Text = pulumi.Input<string>;

/** The one region that has the metrics of CloudFront, and of what stands before it (CloudFront guide, "Types of metrics for CloudFront"). */
export const GLOBAL_REGION = "us-east-1";

/** Of what clients ask CloudFront; those of its origins cost extra. */
export type DistributionMetricName =
  "4xxErrorRate" | "5xxErrorRate" | "BytesDownloaded" | "BytesUploaded" | "Requests";

/** Of a NAT gateway. */
export type NatGatewayMetricName =
  | "ActiveConnectionCount"
  | "BytesInFromDestination"
  | "BytesOutToDestination"
  | "ErrorPortAllocation"
  | "PacketsDropCount";

/** In {@link GLOBAL_REGION}, wherever the stack is. */
export function distributionMetric<Value extends Text>(
  metricName: DistributionMetricName,
  of: { readonly distributionId: Value },
): Metric<Value | "Global"> {
  return {
    namespace: "AWS/CloudFront",
    metricName,
    dimensions: { DistributionId: of.distributionId, Region: "Global" },
  };
}

/**
 * A regional gateway has its metrics zone by zone, and none without a zone (VPC guide, "NAT gateway metrics and dimensions").
 *
 * @param of `zone`: the name of an availability zone, of a regional gateway alone.
 */
export function natGatewayMetric<Value extends Text>(
  metricName: NatGatewayMetricName,
  of: { readonly natGatewayId: Value; readonly zone?: Value },
): Metric<Value> {
  return {
    namespace: "AWS/NATGateway",
    metricName,
    dimensions: {
      ...(of.zone === undefined ? {} : { AvailabilityZone: of.zone }),
      NatGatewayId: of.natGatewayId,
    },
  };
}

/** What AWS WAF calls all rules of a web ACL together. */
export const ALL_RULES = "ALL";

/**
 * @param of `webAcl` and `rule`: the names of their metrics, which are not their own; `region`: of a regional web ACL alone: one before CloudFront
 * has no such dimension (WAF guide, "AWS WAF metrics and dimensions").
 */
export function webAclMetric(
  metricName: "AllowedRequests" | "BlockedRequests",
  of: { readonly webAcl: string; readonly rule: string; readonly region?: string },
): Metric<string> {
  return {
    namespace: "AWS/WAFV2",
    metricName,
    dimensions: {
      ...(of.region === undefined ? {} : { Region: of.region }),
      Rule: of.rule,
      WebACL: of.webAcl,
    },
  };
}
