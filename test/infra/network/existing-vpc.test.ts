import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  checkExistingVpc,
  useExistingVpc,
  type ExistingVpc,
} from "../../../infra/network/existing-vpc.ts";
import { Exposure } from "../../../infra/ingress/exposure.ts";
import { answering, assertRefused, deploy, rejectionsOf, valueOf } from "../mocks.ts";

const VPC: ExistingVpc = {
  vpcId: "vpc-0123456789abcdef0",
  privateSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
};
const PUBLIC = ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"];

const network = (vpc: ExistingVpc, exposure: Exposure) =>
  deploy(() => useExistingVpc("McpPlatform", vpc, exposure, {}));

const refused = (
  vpc: Partial<ExistingVpc>,
  sentence: string,
  exposure: Exposure = Exposure.Internal,
): void => {
  assertRefused(() => {
    checkExistingVpc("McpPlatform", { ...VPC, ...vpc }, exposure);
  }, `McpPlatform: ${sentence}`);
};

test("GIVEN an existing VPC WHEN it is used THEN nothing is made, and its primary block calls", async () => {
  const declaration = await network(VPC, Exposure.Internal);
  const { vpcId, privateSubnetIds, publicSubnetIds, cidrBlocks } = declaration.result;

  assert.deepEqual(declaration.inventory(), []);
  assert.equal(await valueOf(vpcId), VPC.vpcId);
  assert.deepEqual(await valueOf(privateSubnetIds), VPC.privateSubnetIds);
  assert.deepEqual(await valueOf(publicSubnetIds), []);
  assert.deepEqual(await valueOf(pulumi.all([...cidrBlocks])), ["10.20.0.0/16"]);
  assert.deepEqual(declaration.result.taskSecurityGroupIds, []);
  assert.equal(declaration.result.hasInternetAccess, true);
});

test("GIVEN callers of their own WHEN an existing VPC is used THEN they call", async () => {
  const { result, calls } = await network(
    { ...VPC, publicSubnetIds: PUBLIC, cidrBlocks: ["10.0.0.0/8"] },
    Exposure.Internal,
  );

  assert.deepEqual(result.cidrBlocks, ["10.0.0.0/8"]);
  assert.deepEqual(await valueOf(result.publicSubnetIds), PUBLIC);
  assert.ok(!calls.some(({ token }) => token === "aws:ec2/getVpc:getVpc"));
});

test("GIVEN existing VPCs that fit WHEN they are checked THEN they pass", () => {
  const check = (vpc: Partial<ExistingVpc>, exposure: Exposure): void => {
    checkExistingVpc("McpPlatform", { ...VPC, ...vpc }, exposure);
  };
  check({}, Exposure.Assigned);
  check({ vpcId: "vpc-01234567" }, Exposure.Internal);
  check({ cidrBlocks: ["10.0.0.0/8", "203.0.113.9/32"] }, Exposure.Internal);
  check({ publicSubnetIds: PUBLIC }, Exposure.Domain);
  check({ privateSubnetIds: pulumi.output(PUBLIC) }, Exposure.Assigned);
});

test("GIVEN ids that are none WHEN they are checked THEN they are refused", () => {
  for (const vpcId of ["main", "subnet-0123456789abcdef0", "vpc-0123", ""]) {
    refused(
      { vpcId },
      `\`vpc.vpcId\` is \`${vpcId}\`; give the id of a VPC, such as \`vpc-0123456789abcdef0\`.`,
    );
  }
  for (const argument of ["privateSubnetIds", "publicSubnetIds"] as const) {
    refused(
      { [argument]: ["subnet-0123456789abcdef0", "private-b"] },
      `\`vpc.${argument}\` has \`private-b\`; give ids of subnets, such as \`subnet-0123456789abcdef0\`.`,
    );
  }
});

test("GIVEN too few subnets, or one twice WHEN they are checked THEN they are refused: a load balancer stands in two zones", () => {
  refused(
    { privateSubnetIds: [] },
    "`vpc.privateSubnetIds` has no subnets; a load balancer needs two or more, each in another zone.",
  );
  refused(
    { publicSubnetIds: ["subnet-0123456789abcdef2"] },
    "`vpc.publicSubnetIds` has one subnet; a load balancer needs two or more, each in another zone.",
  );
  refused(
    { privateSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef0"] },
    "`vpc.privateSubnetIds` has `subnet-0123456789abcdef0` twice; give each once.",
  );
});

test("GIVEN a public load balancer and no public subnets WHEN they are checked THEN they are refused", () => {
  refused(
    {},
    "`exposure` is `domain`, but `vpc.publicSubnetIds` is missing: a load balancer that everybody reaches stands in public subnets. Give two or more," +
      " each in another zone, or set `exposure` to `assigned`, which needs none.",
    Exposure.Domain,
  );
});

test("GIVEN callers that are none, or that nobody asks for WHEN they are checked THEN they are refused", () => {
  refused(
    { cidrBlocks: ["10.0.0.0/8"] },
    "`vpc.cidrBlocks` says who may call where `exposure` is `internal`, but it is `assigned`. Leave it out.",
    Exposure.Assigned,
  );
  refused(
    { cidrBlocks: [] },
    "`vpc.cidrBlocks` has 0 networks; give 1 to 60, as many as a security group has rules, or leave it out to let the VPC call.",
  );
  refused(
    { cidrBlocks: ["10.0.0.1/8"] },
    "`vpc.cidrBlocks` has `10.0.0.1/8`; give IPv4 networks such as `10.0.0.0/16`, each once.",
  );
  refused(
    { cidrBlocks: ["10.0.0.0/8", "10.0.0.0/8"] },
    "`vpc.cidrBlocks` has `10.0.0.0/8` twice; give IPv4 networks such as `10.0.0.0/16`, each once.",
  );
});

test("GIVEN a VPC without internet gateway WHEN CloudFront is to reach it THEN it is refused with the way out", async () => {
  const answers = answering("aws:ec2/getInternetGateway:getInternetGateway", () => {
    // The engine's words are in `details`.
    throw Object.assign(new Error("invoke"), {
      details:
        "invocation of aws:ec2/getInternetGateway returned an error: no matching EC2 Internet Gateway found",
    });
  });
  assert.deepEqual(
    await rejectionsOf(() => useExistingVpc("McpPlatform", VPC, Exposure.Assigned, {}), answers),
    [
      "McpPlatform: `vpc.vpcId` is `vpc-0123456789abcdef0`, which has no internet gateway: CloudFront does not reach a VPC without one. Attach one, to" +
        " which no route has to lead, or set `exposure` to `internal`.",
    ],
  );
});

test("GIVEN a subnet in a zone that CloudFront does not reach WHEN it is to reach it THEN it is refused; callers inside reach it", async () => {
  const answers = answering("aws:ec2/getSubnet:getSubnet", ({ id }) => ({
    id,
    availabilityZoneId: id === "subnet-0123456789abcdef1" ? "use1-az3" : "use1-az1",
    cidrBlock: "10.0.0.0/24",
  }));
  assert.deepEqual(
    await rejectionsOf(() => useExistingVpc("McpPlatform", VPC, Exposure.Assigned, {}), answers),
    [
      "McpPlatform: `vpc.privateSubnetIds` has `subnet-0123456789abcdef1` in the zone use1-az3, where CloudFront cannot reach a load balancer. Leave it" +
        " out, or set `exposure` to `domain` or `internal`.",
    ],
  );
  assert.deepEqual(
    await rejectionsOf(() => useExistingVpc("McpPlatform", VPC, Exposure.Internal, {}), answers),
    [],
  );
});

test("GIVEN subnets that a load balancer cannot stand in WHEN it is to THEN they are refused, those of its own exposure alone", async () => {
  const vpc = { ...VPC, publicSubnetIds: PUBLIC };
  const answers = answering("aws:ec2/getSubnet:getSubnet", ({ id }) => ({
    id,
    availabilityZoneId: PUBLIC.includes(String(id)) ? "use1-az1" : `of ${String(id)}`,
    cidrBlock: "10.0.0.0/24",
  }));
  assert.deepEqual(
    await rejectionsOf(() => useExistingVpc("McpPlatform", vpc, Exposure.Domain, {}), answers),
    [
      "McpPlatform: `vpc.publicSubnetIds` has `subnet-0123456789abcdef2` and `subnet-0123456789abcdef3`, both in the zone use1-az1; a load balancer takes" +
        " one subnet of a zone, and two zones or more. Leave one of them out, or give one in another zone.",
    ],
  );
  assert.deepEqual(
    await rejectionsOf(() => useExistingVpc("McpPlatform", vpc, Exposure.Internal, {}), answers),
    [],
  );
});
