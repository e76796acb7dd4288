import assert from "node:assert/strict";
import { test } from "node:test";
import { createInstanceRole } from "../../../infra/capacity/instance-role.ts";
import { answering, deploy, valueOf, type Answers } from "../mocks.ts";

const ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
const tags = { team: "blue" };

const role = (enableSessionManager: boolean, answers: Answers = {}) =>
  deploy(() => createInstanceRole("mcp-gpu", { enableSessionManager, tags }, {}), { answers });

test("GIVEN instances WHEN their role is declared THEN EC2 gives it to them, and it may do what the ECS agent does", async () => {
  const declaration = await role(false);

  assert.deepEqual(declaration.inventory(), [
    "aws:iam/instanceProfile:InstanceProfile mcp-gpu",
    "aws:iam/role:Role mcp-gpu",
    `${ATTACHMENT} mcp-gpu-ecs`,
  ]);
  const { assumeRolePolicy, ...rest } = declaration.only("aws:iam/role:Role").inputs;
  assert.deepEqual(JSON.parse(String(assumeRolePolicy)), {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "ec2.amazonaws.com" },
        Action: "sts:AssumeRole",
      },
    ],
  });
  assert.deepEqual(rest, { tags });
  assert.deepEqual(declaration.only(ATTACHMENT).inputs, {
    role: "mcp-gpu",
    policyArn: "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",
  });
  assert.deepEqual(declaration.only("aws:iam/instanceProfile:InstanceProfile").inputs, {
    role: "mcp-gpu",
    tags,
  });
  assert.equal(
    await valueOf(declaration.result.profileArn),
    "arn:aws:iam::123456789012:instance-profile/mcp-gpu",
  );
});

test("GIVEN Session Manager WHEN the role is declared THEN it lets its agent in, too, and both policies are told", async () => {
  const declaration = await role(true);

  assert.deepEqual(declaration.only(ATTACHMENT, "mcp-gpu-session-manager").inputs, {
    role: "mcp-gpu",
    policyArn: "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
  });
  assert.deepEqual(
    await Promise.all(declaration.result.policies.map(({ urn }) => valueOf(urn))),
    ["mcp-gpu-ecs", "mcp-gpu-session-manager"].map(
      (name) => declaration.only(ATTACHMENT, name).urn,
    ),
  );
});

test("GIVEN a region in China WHEN the role is declared THEN EC2 and the policies have their names there", async () => {
  const declaration = await role(
    false,
    answering("aws:index/getPartition:getPartition", () => ({
      partition: "aws-cn",
      dnsSuffix: "amazonaws.com.cn",
    })),
  );

  assert.match(
    String(declaration.only("aws:iam/role:Role").inputs["assumeRolePolicy"]),
    /"ec2\.amazonaws\.com\.cn"/u,
  );
  assert.equal(
    declaration.only(ATTACHMENT).inputs["policyArn"],
    "arn:aws-cn:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",
  );
});
