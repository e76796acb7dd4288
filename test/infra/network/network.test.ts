import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { NatGateways } from "../../../infra/network/nat-gateway.ts";
import { createNetwork, type NetworkArgs } from "../../../infra/network/network.ts";
import { deploy, rejectionsOf, valueOf } from "../mocks.ts";

const network = (args: Partial<NetworkArgs> = {}) =>
  deploy(() =>
    createNetwork(
      "net",
      {
        cidrBlock: "10.1.0.0/16",
        zones: 3,
        natGateways: NatGateways.OnePerZone,
        interfaceEndpoints: [],
        tags: undefined,
        ...args,
      },
      {},
    ),
  );

const VPC = {
  cidrBlock: "10.1.0.0/16",
  availabilityZoneNames: ["us-east-1a", "us-east-1b", "us-east-1c"],
  subnetStrategy: "Auto",
  subnetSpecs: [{ type: "Public" }, { type: "Private" }],
  natGateways: { strategy: "OnePerAz" },
  enableDnsHostnames: true,
  enableDnsSupport: true,
};
const subnets = (kind: string, zones: number): string[] =>
  ["a", "b", "c"].slice(0, zones).map((zone) => `subnet-net-${kind}-${zone}`);

const S3 = {
  vpcId: "vpc-net",
  serviceName: "com.amazonaws.us-east-1.s3",
  vpcEndpointType: "Gateway",
  routeTableIds: subnets("private", 3).map((id) => id.replace("subnet", "rtb")),
};
const ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint";

test("GIVEN a network's arguments WHEN it is declared THEN it has a public and a private subnet in each zone, and S3 costs nothing", async () => {
  const declaration = await network();

  assert.deepEqual(declaration.inventory(), [`${ENDPOINT} net-s3`, "awsx:ec2:Vpc net"]);
  assert.deepEqual(declaration.only("awsx:ec2:Vpc").inputs, VPC);
  assert.deepEqual(declaration.only(ENDPOINT).inputs, S3);
  const { vpcId, publicSubnetIds, privateSubnetIds, zoneNames, natGatewayIds, ...rest } =
    declaration.result;
  const { routes } = rest;
  assert.deepEqual(await valueOf(zoneNames), ["us-east-1a", "us-east-1b", "us-east-1c"]);
  assert.deepEqual(await valueOf(natGatewayIds ?? pulumi.output([])), [
    "nat-net-a",
    "nat-net-b",
    "nat-net-c",
  ]);
  assert.equal(await valueOf(vpcId), "vpc-net");
  assert.deepEqual(await valueOf(publicSubnetIds), subnets("public", 3));
  assert.deepEqual(await valueOf(privateSubnetIds), subnets("private", 3));
  assert.deepEqual(rest, {
    cidrBlocks: ["10.1.0.0/16"],
    taskSecurityGroupIds: [],
    hasInternetAccess: true,
    routes,
  });
  assert.deepEqual(await Promise.all(routes.map(({ urn }) => valueOf(urn))), [
    declaration.only("awsx:ec2:Vpc").urn,
  ]);
});

test("GIVEN one gateway for all zones, and tags WHEN the network is declared THEN it passes both on", async () => {
  const tags = { team: "blue" };
  const declaration = await network({
    cidrBlock: "10.1.0.0/20",
    zones: 2,
    natGateways: NatGateways.Single,
    tags,
  });

  assert.deepEqual(declaration.only("awsx:ec2:Vpc").inputs, {
    ...VPC,
    cidrBlock: "10.1.0.0/20",
    availabilityZoneNames: ["us-east-1a", "us-east-1b"],
    natGateways: { strategy: "Single" },
    tags,
  });
  assert.deepEqual(declaration.only(ENDPOINT).inputs, {
    ...S3,
    routeTableIds: ["rtb-net-private-a", "rtb-net-private-b"],
    tags,
  });
});

test("GIVEN a regional gateway WHEN the network is declared THEN every private subnet has its way to it, after the internet gateway", async () => {
  const declaration = await network({ zones: 2, natGateways: NatGateways.Regional });

  assert.deepEqual(declaration.only("awsx:ec2:Vpc").inputs["natGateways"], { strategy: "None" });
  const gateway = declaration.only("aws:ec2/natGateway:NatGateway");
  assert.deepEqual(gateway.inputs, {
    availabilityMode: "regional",
    connectivityType: "public",
    vpcId: "vpc-net",
  });
  assert.ok(gateway.dependencies.includes("awsx:ec2:Vpc net"));
  for (const [number, place] of [
    [1, "a"],
    [2, "b"],
  ]) {
    assert.deepEqual(declaration.only("aws:ec2/route:Route", `net-${String(number)}`).inputs, {
      routeTableId: `rtb-net-private-${String(place)}`,
      destinationCidrBlock: "0.0.0.0/0",
      natGatewayId: "net-id",
    });
  }
  assert.equal(declaration.result.hasInternetAccess, true);
  assert.deepEqual(await Promise.all(declaration.result.routes.map(({ urn }) => valueOf(urn))), [
    declaration.only("awsx:ec2:Vpc").urn,
    declaration.only("aws:ec2/route:Route", "net-1").urn,
    declaration.only("aws:ec2/route:Route", "net-2").urn,
  ]);
});

test("GIVEN no gateway WHEN the network is declared THEN tasks reach AWS services by endpoints alone", async () => {
  const declaration = await network({
    natGateways: NatGateways.None,
    interfaceEndpoints: ["ecr.api", "ssm"],
  });

  assert.deepEqual(declaration.only("awsx:ec2:Vpc").inputs["natGateways"], { strategy: "None" });
  assert.deepEqual(
    declaration.inventory().filter((each) => each.startsWith(ENDPOINT)),
    ["ecr.api", "s3", "ssm"].map((service) => `${ENDPOINT} net-${service}`),
  );
  const { hasInternetAccess, taskSecurityGroupIds } = declaration.result;
  assert.equal(hasInternetAccess, false);
  assert.deepEqual(await valueOf(pulumi.all([...taskSecurityGroupIds])), [
    "net-endpoint-clients-id",
  ]);
});

test("GIVEN a gateway and endpoints WHEN the network is declared THEN there are those endpoints alone", async () => {
  const declaration = await network({ interfaceEndpoints: ["bedrock-runtime"] });

  assert.deepEqual(
    declaration.inventory().filter((each) => each.startsWith(ENDPOINT)),
    [`${ENDPOINT} net-bedrock-runtime`, `${ENDPOINT} net-s3`],
  );
  assert.equal(declaration.result.hasInternetAccess, true);
});

test("GIVEN more zones than the region has WHEN the network is declared THEN the program fails with the sentence", async () => {
  assert.deepEqual(
    await rejectionsOf(() =>
      createNetwork(
        "net",
        {
          cidrBlock: "10.1.0.0/16",
          zones: 5,
          natGateways: NatGateways.OnePerZone,
          interfaceEndpoints: [],
          tags: undefined,
        },
        {},
      ),
    ),
    [
      "McpPlatform: `zones` is 5, but only 4 zones of the region can be used: `us-east-1a`, `us-east-1b`, `us-east-1c`, `us-east-1d`. Give 4, or choose" +
        " another region.",
    ],
  );
});
