import assert from "node:assert/strict";
import { test } from "node:test";
import type { InstanceCapacity } from "../../../infra/capacity/instance-capacity.ts";
import { createLaunchTemplate, latestImage } from "../../../infra/capacity/launch-template.ts";
import type { Tags } from "../../../infra/tags.ts";
import { userData } from "../../../infra/capacity/user-data.ts";
import { deploy } from "../mocks.ts";

const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const PARAMETER = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023";

test("GIVEN instance types WHEN their AMI is looked for THEN it is the newest for their processor, or for their GPU", () => {
  assert.equal(latestImage(["m7i.large", "m7a.large"]), `${PARAMETER}/recommended/image_id`);
  assert.equal(latestImage(["m8g.large"]), `${PARAMETER}/arm64/recommended/image_id`);
  assert.equal(latestImage(["g6.xlarge"]), `${PARAMETER}/gpu/recommended/image_id`);
  assert.equal(latestImage(["g6f.large"]), `${PARAMETER}/gpu/recommended/image_id`);
});

const template = async (capacity: InstanceCapacity, tags?: Tags) =>
  (
    await deploy(() =>
      createLaunchTemplate(
        "mcp-gpu",
        {
          capacity,
          clusterName: "mcp",
          instanceProfileArn: "arn:profile",
          securityGroupIds: ["sg-instances", "sg-endpoint-clients"],
          tags,
        },
        {},
      ),
    )
  ).only(TEMPLATE).inputs;

const encoded = (spot: boolean, shareGpu: boolean, fractionalGpu = false): string =>
  Buffer.from(userData({ clusterName: "mcp", spot, shareGpu, fractionalGpu })).toString("base64");

const rootVolume = (volumeSize: number) => [
  {
    deviceName: "/dev/xvda",
    ebs: { volumeType: "gp3", volumeSize, encrypted: "true", deleteOnTermination: "true" },
  },
];

const specifications = (tags: Record<string, string>) =>
  ["instance", "volume", "network-interface"].map((resourceType) => ({ resourceType, tags }));

test("GIVEN instance types WHEN their launch template is declared THEN it is hardened, and has the documented defaults", async () => {
  assert.deepEqual(await template({ instanceTypes: ["g6.xlarge"] }), {
    description: "ECS instances of mcp-gpu",
    imageId: `${PARAMETER}/gpu/recommended/image_id`,
    iamInstanceProfile: { arn: "arn:profile" },
    vpcSecurityGroupIds: ["sg-instances", "sg-endpoint-clients"],
    metadataOptions: {
      httpEndpoint: "enabled",
      httpTokens: "required",
      httpPutResponseHopLimit: 1,
    },
    blockDeviceMappings: rootVolume(100),
    tagSpecifications: specifications({ Name: "mcp-gpu" }),
    updateDefaultVersion: true,
    userData: encoded(false, false),
  });
});

test("GIVEN instances without GPUs WHEN their launch template is declared THEN their volume is small", async () => {
  const { blockDeviceMappings } = await template({ instanceTypes: ["m7i.large"] });

  assert.deepEqual(blockDeviceMappings, rootVolume(30));
});

test("GIVEN every option WHEN the launch template is declared THEN each is in it", async () => {
  const inputs = await template(
    {
      instanceTypes: ["g6.xlarge"],
      imageId: "ami-0123456789abcdef0",
      volumeSizeGib: 200,
      spot: true,
      shareGpu: true,
    },
    { team: "blue", Name: "theirs" },
  );

  assert.equal(inputs["imageId"], "ami-0123456789abcdef0");
  assert.deepEqual(inputs["blockDeviceMappings"], rootVolume(200));
  assert.equal(inputs["userData"], encoded(true, true));
  assert.deepEqual(inputs["tagSpecifications"], specifications({ Name: "theirs", team: "blue" }));
  assert.deepEqual(inputs["tags"], { team: "blue", Name: "theirs" });
});

test("GIVEN instances with a part of a GPU WHEN their template is declared THEN they are told", async () => {
  const { userData: script } = await template({ instanceTypes: ["g6f.2xlarge"] });
  assert.equal(script, encoded(false, false, true));
});
