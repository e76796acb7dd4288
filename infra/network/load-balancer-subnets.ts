import { ArgumentError } from "../validation.ts";

/** What AWS says of a subnet. */
export interface SubnetFacts {
  readonly id: string;
  readonly availabilityZoneId: string;
  readonly cidrBlock: string;
}

/** The smallest block that a load balancer stands in, by its prefix: it wants eight free addresses to grow (ELB guide, "Application Load Balancers"). */
const LONGEST_PREFIX = 27;

/** Refuses subnets that a load balancer could not stand in. */
export function checkLoadBalancerSubnets(
  component: string,
  argument: string,
  subnets: readonly SubnetFacts[],
): void {
  const zones = new Map<string, string>();
  for (const { id, availabilityZoneId: zone, cidrBlock } of subnets) {
    const other = zones.get(zone);
    if (other !== undefined) {
      throw new ArgumentError(
        component,
        `\`${argument}\` has \`${other}\` and \`${id}\`, both in the zone ${zone}; a load balancer takes one subnet of a zone, and two zones or more.` +
          " Leave one of them out, or give one in another zone.",
      );
    }
    zones.set(zone, id);
    if (Number(cidrBlock.split("/")[1]) <= LONGEST_PREFIX) continue;
    throw new ArgumentError(
      component,
      `\`${argument}\` has \`${id}\`, whose addresses are \`${cidrBlock}\`: a load balancer needs a /${LONGEST_PREFIX} or a larger block, so that it can` +
        " grow. Give a larger subnet.",
    );
  }
}
