import { textAt } from "../../drawing/fields.ts";
import { byPrefix, type Answers } from "./names.ts";

/** Networks. */
export const NETWORK: Answers = {
  "awsx:ec2:Vpc": (names, { inputs }, { region }) => {
    const zones = zoneNames(region, inputs);
    const subnets = (kind: string): string[] =>
      zones.map((zone) => `subnet-${names.hash.slice(0, 8)}-${kind}-${zone}`);
    return {
      id: "",
      outputs: {
        vpcId: `vpc-${names.hash.slice(0, 17)}`,
        publicSubnetIds: subnets("public"),
        privateSubnetIds: subnets("private"),
        isolatedSubnetIds: subnets("isolated"),
        routeTableAssociations: [...subnets("public"), ...subnets("private")].map((subnetId) => ({
          subnetId,
          routeTableId: subnetId.replace(/^subnet/u, "rtb"),
        })),
        natGateways: natGateways(names.hash, inputs, zones.length),
        // Not an output of awsx: how this machine knows a subnet's zone.
        availabilityZones: zones,
      },
    };
  },
  "aws:ec2/natGateway:NatGateway": byPrefix("nat", "ec2", "natgateway"),
  "aws:ec2/vpcEndpoint:VpcEndpoint": byPrefix("vpce", "ec2", "vpc-endpoint"),
};

/** As awsx makes them: one in each zone, one in all, or none. */
function natGateways(
  hash: string,
  inputs: Readonly<Record<string, unknown>>,
  zones: number,
): { readonly id: string }[] {
  const strategy = textAt(inputs, "natGateways", "strategy") ?? "OnePerAz";
  const count = strategy === "None" ? 0 : strategy === "Single" ? 1 : zones;
  return Array.from({ length: count }, (_, index) => ({
    id: `nat-${hash.slice(0, 16)}${index + 1}`,
  }));
}

/** The zones that a VPC asks for, by name or by number. */
export function zoneNames(region: string, inputs: Readonly<Record<string, unknown>>): string[] {
  const { availabilityZoneNames, numberOfAvailabilityZones } = inputs;
  if (Array.isArray(availabilityZoneNames)) return availabilityZoneNames.map(String);
  const count = typeof numberOfAvailabilityZones === "number" ? numberOfAvailabilityZones : 3;
  return ["a", "b", "c", "d", "e", "f"].slice(0, count).map((letter) => `${region}${letter}`);
}
