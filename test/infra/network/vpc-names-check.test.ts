import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { checkPrivateNames } from "../../../infra/network/vpc-names-check.ts";
import { McpPlatform } from "../../../infra/platform.ts";
import { answering, deploy, rejectionsOf, valueOf } from "../mocks.ts";

const VPC_ID = "vpc-0123456789abcdef0";
const GET_VPC = "aws:ec2/getVpc:getVpc";

const refusals = (enableDnsSupport: boolean, enableDnsHostnames: boolean): Promise<string[]> =>
  rejectionsOf(
    () => {
      checkPrivateNames("McpPlatform", pulumi.output(VPC_ID), {});
    },
    answering(GET_VPC, ({ id }) => ({ id, enableDnsSupport, enableDnsHostnames })),
  );

test("GIVEN a VPC that answers private names WHEN it is looked at THEN it passes", async () => {
  assert.deepEqual(await refusals(true, true), []);
});

test("GIVEN a VPC that answers no private names WHEN it is looked at THEN it is refused with what to turn on", async () => {
  assert.deepEqual(await refusals(true, false), [
    "McpPlatform: `serviceDiscovery` is true, but the VPC `vpc-0123456789abcdef0` has DNS host names turned off: nothing in it would find a replica by its private name." +
      " Turn that on (`enableDnsHostnames`), or leave `serviceDiscovery` out.",
  ]);
  assert.deepEqual(await refusals(false, false), [
    "McpPlatform: `serviceDiscovery` is true, but the VPC `vpc-0123456789abcdef0` has DNS resolution and DNS host names turned off: nothing in it would find a replica by its" +
      " private name. Turn both on (`enableDnsSupport`, `enableDnsHostnames`), or leave `serviceDiscovery` out.",
  ]);
});

test("GIVEN an existing VPC WHEN a platform stands in it THEN it is looked at where services are to have private names, and only there", async () => {
  const vpc = {
    vpcId: VPC_ID,
    privateSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
  };
  const lookedAt = async (serviceDiscovery: boolean): Promise<unknown[]> => {
    const { calls } = await deploy(() =>
      valueOf(new McpPlatform("mcp", { vpc, serviceDiscovery }).handle.clusterArn),
    );
    return calls.filter(({ token }) => token === GET_VPC).map(({ inputs }) => inputs["id"]);
  };

  // Where the load balancer is internal, the primary block of the VPC is looked up, too.
  assert.deepEqual(await lookedAt(true), [VPC_ID, VPC_ID]);
  assert.deepEqual(await lookedAt(false), [VPC_ID]);
});
