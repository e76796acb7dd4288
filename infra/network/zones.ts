import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { ArgumentError } from "../validation.ts";

/**
 * Zones in which CloudFront cannot reach a load balancer (CloudFront guide, "Restrict access with VPC origins"). By id: names stand for
 * other zones in every account.
 */
export const ZONES_WITHOUT_VPC_ORIGINS = ["use1-az3", "usw1-az2", "apne1-az3", "cac1-az3"];

/** Refuses more zones than there are. */
export function checkZoneCount(names: readonly string[], count: number): void {
  if (names.length >= count) return;
  throw new ArgumentError(
    "McpPlatform",
    `\`zones\` is ${count}, but only ${names.length} zones of the region can be used: ${names.map((name) => `\`${name}\``).join(", ")}.` +
      ` Give ${names.length}, or choose another region.`,
  );
}

/**
 * The zones of the network. Those without VPC origins are left out under every exposure, so that a change of exposure moves no subnet; those
 * that are impaired are not, so that no subnet moves for that either.
 */
export async function zoneNames(
  count: number,
  opts: pulumi.CustomResourceOptions,
): Promise<string[]> {
  const { names } = await aws.getAvailabilityZones(
    {
      // No local zones: they have no Fargate.
      filters: [{ name: "zone-type", values: ["availability-zone"] }],
      excludeZoneIds: ZONES_WITHOUT_VPC_ORIGINS,
    },
    opts,
  );
  return names.slice(0, count);
}
