import assert from "node:assert/strict";
import { test } from "node:test";
import { createTaskSecurity } from "../../../infra/task/task-security.ts";
import { deploy, valueOf } from "../mocks.ts";

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
