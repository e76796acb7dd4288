import { z } from "zod";
import { LocalError, type Graph } from "./graph.ts";
import { inputsOf } from "./inputs.ts";

const subnetInputs = z.object({ availabilityZone: z.string() });
const vpcOutputs = z.object({
  availabilityZones: z.array(z.string()),
  publicSubnetIds: z.array(z.string()),
  privateSubnetIds: z.array(z.string()),
  isolatedSubnetIds: z.array(z.string()),
});

/** The ids that AWS gives; those of subnets that a program declares are other ones here. */
const AWS_SUBNET = /^subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})$/u;

/**
 * The zone of a subnet: its own input, or its place among the subnets of an awsx VPC. One that exists already is taken to lie in another zone than
 * the service's others, as those of a load balancer do.
 */
export function zoneOf(graph: Graph, subnet: string, index: number): string {
  for (const resource of graph.resources) {
    if (resource.type === "aws:ec2/subnet:Subnet" && resource.id === subnet) {
      return inputsOf(resource, subnetInputs).availabilityZone;
    }
    const vpc =
      resource.type === "awsx:ec2:Vpc" ? vpcOutputs.safeParse(resource.outputs).data : undefined;
    if (vpc === undefined) continue;
    for (const ids of [vpc.publicSubnetIds, vpc.privateSubnetIds, vpc.isolatedSubnetIds]) {
      const zone = vpc.availabilityZones[ids.indexOf(subnet)];
      if (zone !== undefined) return zone;
    }
  }
  if (AWS_SUBNET.test(subnet)) return `${graph.region}${"abcdef".charAt(index % 6)}`;
  throw new LocalError(
    `The zone of the subnet \`${subnet}\` is not in the graph. Declare the subnet in the program, or use the VPC of \`McpPlatform\`.`,
  );
}
