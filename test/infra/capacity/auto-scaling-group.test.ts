import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createAutoScalingGroup } from "../../../infra/capacity/auto-scaling-group.ts";
import type { InstanceCapacity } from "../../../infra/capacity/instance-capacity.ts";
import type { Tags } from "../../../infra/tags.ts";
import { arn, deploy } from "../mocks.ts";

const GROUP = "aws:autoscaling/group:Group";
const PROVIDER = "aws:ecs/capacityProvider:CapacityProvider";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";

const declared = (capacity: Partial<InstanceCapacity> = {}, tags?: Tags) =>
  deploy(() =>
    createAutoScalingGroup(
      "mcp-gpu",
      {
        capacity: { instanceTypes: ["g6.xlarge"], ...capacity },
        clusterName: "mcp",
        network: {
          vpcId: pulumi.output("vpc-1"),
          publicSubnetIds: pulumi.output([]),
          privateSubnetIds: pulumi.output(["subnet-a", "subnet-b", "subnet-c"]),
          cidrBlocks: [],
          taskSecurityGroupIds: ["sg-endpoint-clients"],
          hasInternetAccess: true,
          routes: [new aws.ec2.Route("way-out", { routeTableId: "rtb-1" })],
          zoneNames: pulumi.output([]),
          natGatewayIds: undefined,
        },
        prerequisites: [new aws.ecs.AccountSettingDefault("trunking", { name: "a", value: "b" })],
        tags,
      },
      {},
    ),
  );

/** The part of the policy that says which instances are started. */
const policy = (overrides: object[], instancesDistribution: object) => ({
  launchTemplate: {
    launchTemplateSpecification: { launchTemplateId: "mcp-gpu-id", version: "1" },
    overrides,
  },
  instancesDistribution,
});

const MANAGED = { key: "AmazonECSManaged", value: "true", propagateAtLaunch: true };

test("GIVEN instance types WHEN their group is declared THEN ECS alone scales it, from zero, over all zones", async () => {
  const declaration = await declared();
  const group = declaration.only(GROUP);

  assert.deepEqual(group.inputs, {
    minSize: 0,
    maxSize: 10,
    vpcZoneIdentifiers: ["subnet-a", "subnet-b", "subnet-c"],
    mixedInstancesPolicy: policy([{ instanceType: "g6.xlarge" }], {
      onDemandBaseCapacity: 0,
      onDemandPercentageAboveBaseCapacity: 100,
      onDemandAllocationStrategy: "prioritized",
    }),
    protectFromScaleIn: true,
    forceDelete: true,
    waitForCapacityTimeout: "0",
    tags: [MANAGED],
  });
  assert.deepEqual(group.customTimeouts, { create: "", update: "", delete: "30m" });
  assert.deepEqual(declaration.only(PROVIDER).inputs, {
    autoScalingGroupProvider: {
      autoScalingGroupArn: arn("autoscaling", "autoScalingGroup:1:autoScalingGroupName/mcp-gpu"),
      managedScaling: { status: "ENABLED", targetCapacity: 100 },
      managedDraining: "ENABLED",
      managedTerminationProtection: "ENABLED",
    },
  });
  assert.deepEqual(declaration.only(TEMPLATE).inputs["vpcSecurityGroupIds"], [
    "mcp-gpu-instances-id",
    "sg-endpoint-clients",
  ]);
  assert.deepEqual(declaration.only(TEMPLATE).inputs["iamInstanceProfile"], {
    arn: "arn:aws:iam::123456789012:instance-profile/mcp-gpu",
  });
  declaration.assertNothingUndefined();
  declaration.assertUrnsUnique();
});

test("GIVEN a group WHEN it is declared THEN what its instances need is there first, and goes last", async () => {
  const declaration = await declared({ enableSessionManager: true });

  assert.deepEqual([...declaration.only(GROUP).dependsOn].sort(), [
    "aws:ec2/route:Route way-out",
    "aws:ecs/accountSettingDefault:AccountSettingDefault trunking",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment mcp-gpu-ecs",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment mcp-gpu-session-manager",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule mcp-gpu-instances",
  ]);
  assert.ok(declaration.only(GROUP).dependencies.includes(`${TEMPLATE} mcp-gpu`));
  assert.ok(declaration.only(PROVIDER).dependencies.includes(`${GROUP} mcp-gpu`));
  assert.deepEqual(declaration.only(TEMPLATE).dependsOn, []);
});

test("GIVEN every option WHEN the group is declared THEN each is in it, and every resource that takes tags has them", async () => {
  const declaration = await declared(
    {
      instanceTypes: ["m7i.large", "m7a.large"],
      minInstances: pulumi.output(1),
      maxInstances: 4,
      targetCapacityPercent: 80,
      spot: true,
    },
    { team: "blue", cost: pulumi.output("mcp") },
  );
  const { inputs } = declaration.only(GROUP);

  assert.deepEqual([inputs["minSize"], inputs["maxSize"]], [1, 4]);
  assert.deepEqual(
    inputs["mixedInstancesPolicy"],
    policy([{ instanceType: "m7i.large" }, { instanceType: "m7a.large" }], {
      onDemandBaseCapacity: 0,
      onDemandPercentageAboveBaseCapacity: 0,
      spotAllocationStrategy: "price-capacity-optimized",
    }),
  );
  assert.deepEqual(inputs["tags"], [
    { key: "cost", value: "mcp", propagateAtLaunch: true },
    { key: "team", value: "blue", propagateAtLaunch: true },
    MANAGED,
  ]);
  const { autoScalingGroupProvider } = declaration.only(PROVIDER).inputs;
  assert.deepEqual((autoScalingGroupProvider as { managedScaling: unknown }).managedScaling, {
    status: "ENABLED",
    targetCapacity: 80,
  });
  for (const type of [
    PROVIDER,
    TEMPLATE,
    "aws:iam/role:Role",
    "aws:iam/instanceProfile:InstanceProfile",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  ])
    assert.deepEqual(declaration.only(type).inputs["tags"], { team: "blue", cost: "mcp" }, type);
});

test("GIVEN a tag of ECS's own name WHEN the group is declared THEN there is one of it", async () => {
  const { inputs } = (await declared({}, { AmazonECSManaged: "theirs" })).only(GROUP);

  assert.deepEqual(inputs["tags"], [MANAGED]);
});
