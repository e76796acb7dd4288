import assert from "node:assert/strict";
import { test } from "node:test";
import { createNetwork, createTaskSecurity, NatGateways } from "../../infra/network.ts";
import { deploy, valueOf } from "./mocks.ts";

test("GIVEN a network's arguments WHEN it is declared THEN it has a public and a private subnet in each zone", async () => {
  const declaration = await deploy(() =>
    createNetwork(
      "net",
      { cidrBlock: "10.1.0.0/16", zones: 3, natGateways: NatGateways.OnePerZone, tags: undefined },
      {},
    ),
  );

  assert.deepEqual(declaration.inventory(), ["awsx:ec2:Vpc net"]);
  assert.deepEqual(declaration.only("awsx:ec2:Vpc").inputs, {
    cidrBlock: "10.1.0.0/16",
    numberOfAvailabilityZones: 3,
    subnetStrategy: "Auto",
    subnetSpecs: [{ type: "Public" }, { type: "Private" }],
    natGateways: { strategy: "OnePerAz" },
    enableDnsHostnames: true,
    enableDnsSupport: true,
  });
  const { vpcId, publicSubnetIds, privateSubnetIds } = declaration.result;
  assert.equal(await valueOf(vpcId), "vpc-net");
  assert.deepEqual(await valueOf(publicSubnetIds), ["subnet-net-public-a", "subnet-net-public-b"]);
  assert.deepEqual(await valueOf(privateSubnetIds), [
    "subnet-net-private-a",
    "subnet-net-private-b",
  ]);
});

test("GIVEN one gateway for all zones, and tags WHEN the network is declared THEN it passes both on", async () => {
  const declaration = await deploy(() =>
    createNetwork(
      "net",
      {
        cidrBlock: "10.1.0.0/20",
        zones: 2,
        natGateways: NatGateways.Single,
        tags: { team: "blue" },
      },
      {},
    ),
  );

  assert.deepEqual(declaration.only("awsx:ec2:Vpc").inputs, {
    cidrBlock: "10.1.0.0/20",
    numberOfAvailabilityZones: 2,
    subnetStrategy: "Auto",
    subnetSpecs: [{ type: "Public" }, { type: "Private" }],
    natGateways: { strategy: "Single" },
    enableDnsHostnames: true,
    enableDnsSupport: true,
    tags: { team: "blue" },
  });
});

test("GIVEN a service's tasks WHEN their security group is declared THEN only the load balancer gets in, and only HTTPS out", async () => {
  const declaration = await deploy(() =>
    createTaskSecurity(
      "weather",
      { vpcId: "vpc-1", loadBalancerSecurityGroupId: "sg-lb", tags: { team: "blue" } },
      {},
    ),
  );
  const tags = { team: "blue" };
  const everyPort = { ipProtocol: "tcp", fromPort: 0, toPort: 65_535, tags };

  assert.deepEqual(declaration.inventory(), [
    "aws:ec2/securityGroup:SecurityGroup weather-tasks",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule weather-load-balancer",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule weather-tasks",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule weather-tasks",
  ]);
  assert.deepEqual(declaration.only("aws:ec2/securityGroup:SecurityGroup").inputs, {
    vpcId: "vpc-1",
    description: "Tasks of the MCP service weather",
    tags,
  });
  assert.deepEqual(
    declaration.only("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs,
    {
      ...everyPort,
      securityGroupId: "weather-tasks-id",
      referencedSecurityGroupId: "sg-lb",
      description: "From the load balancer",
    },
  );
  const egress = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";
  assert.deepEqual(declaration.only(egress, "weather-load-balancer").inputs, {
    ...everyPort,
    securityGroupId: "sg-lb",
    referencedSecurityGroupId: "weather-tasks-id",
    description: "To the tasks of weather",
  });
  assert.deepEqual(declaration.only(egress, "weather-tasks").inputs, {
    securityGroupId: "weather-tasks-id",
    ipProtocol: "tcp",
    fromPort: 443,
    toPort: 443,
    cidrIpv4: "0.0.0.0/0",
    description: "HTTPS",
    tags,
  });
  const { group, rules } = declaration.result;
  assert.equal(await valueOf(group.id), "weather-tasks-id");
  assert.deepEqual(
    (await Promise.all(rules.map(({ urn }) => valueOf(urn)))).sort(),
    declaration.resources
      .filter(({ type }) => type.startsWith("aws:vpc/"))
      .map(({ urn }) => urn)
      .sort(),
  );
});
