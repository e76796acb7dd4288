import { test } from "node:test";
import {
  checkLoadBalancerSubnets,
  type SubnetFacts,
} from "../../../infra/network/load-balancer-subnets.ts";
import { assertRefused } from "../mocks.ts";

const subnet = (id: string, availabilityZoneId: string, cidrBlock: string): SubnetFacts => ({
  id,
  availabilityZoneId,
  cidrBlock,
});
const checked = (...subnets: SubnetFacts[]): void => {
  checkLoadBalancerSubnets("McpPlatform", "vpc.privateSubnetIds", subnets);
};

test("GIVEN a subnet in each zone WHEN they are checked THEN they pass, down to a /27", () => {
  checked(
    subnet("subnet-a", "use1-az1", "10.0.0.0/27"),
    subnet("subnet-b", "use1-az2", "10.0.1.0/16"),
  );
});

test("GIVEN two subnets of one zone WHEN they are checked THEN they are refused: a load balancer takes one of each", () => {
  assertRefused(() => {
    checked(
      subnet("subnet-a", "use1-az1", "10.0.0.0/24"),
      subnet("subnet-b", "use1-az2", "10.0.1.0/24"),
      subnet("subnet-c", "use1-az1", "10.0.2.0/24"),
    );
  }, "McpPlatform: `vpc.privateSubnetIds` has `subnet-a` and `subnet-c`, both in the zone use1-az1; a load balancer takes one subnet of a zone, and two" + " zones or more. Leave one of them out, or give one in another zone.");
});

test("GIVEN a subnet of few addresses WHEN it is checked THEN it is refused: a load balancer must grow", () => {
  assertRefused(() => {
    checked(subnet("subnet-a", "use1-az1", "10.0.0.0/28"));
  }, "McpPlatform: `vpc.privateSubnetIds` has `subnet-a`, whose addresses are `10.0.0.0/28`: a load balancer needs a /27 or a larger block, so that it can" + " grow. Give a larger subnet.");
});
