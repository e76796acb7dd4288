import assert from "node:assert/strict";
import { test } from "node:test";
import { createInstanceSecurity } from "../../../infra/capacity/instance-security.ts";
import { deploy } from "../mocks.ts";

test("GIVEN instances WHEN their security group is declared THEN nobody is let in, and HTTPS alone is let out", async () => {
  const tags = { team: "blue" };
  const declaration = await deploy(() => {
    createInstanceSecurity("mcp-gpu", { vpcId: "vpc-1", tags }, {});
  });

  assert.equal(declaration.resources.length, 2);
  assert.deepEqual(
    declaration.only("aws:ec2/securityGroup:SecurityGroup", "mcp-gpu-instances").inputs,
    { vpcId: "vpc-1", description: "ECS instances of mcp-gpu", tags },
  );
  assert.deepEqual(
    declaration.only("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "mcp-gpu-instances")
      .inputs,
    {
      securityGroupId: "mcp-gpu-instances-id",
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      cidrIpv4: "0.0.0.0/0",
      description: "HTTPS",
      tags,
    },
  );
});
