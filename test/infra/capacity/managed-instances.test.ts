import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  InstanceManagement,
  type InstanceCapacity,
} from "../../../infra/capacity/instance-capacity.ts";
import {
  createManagedInstances,
  instanceRequirements,
} from "../../../infra/capacity/managed-instances.ts";
import type { Network } from "../../../infra/network/network.ts";
import { deploy, type Declaration } from "../mocks.ts";

const PROVIDER = "aws:ecs/capacityProvider:CapacityProvider";
const ROLE = "aws:iam/role:Role";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
const RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";

/** Stands for the routes of a network. */
class Route extends pulumi.CustomResource {
  constructor() {
    super("test:index:Route", "route");
  }
}

const declared = (
  capacity: Omit<InstanceCapacity, "management">,
  taskSecurityGroupIds: Network["taskSecurityGroupIds"] = [],
): Promise<Declaration<unknown>> =>
  deploy(() => {
    const network: Network = {
      vpcId: pulumi.output("vpc-1"),
      publicSubnetIds: pulumi.output<string[]>([]),
      privateSubnetIds: pulumi.output(["subnet-a", "subnet-b"]),
      cidrBlocks: [],
      taskSecurityGroupIds,
      hasInternetAccess: true,
      routes: [new Route()],
      zoneNames: pulumi.output([]),
      natGatewayIds: undefined,
    };
    createManagedInstances(
      "mcp-gpu",
      {
        capacity: { ...capacity, management: InstanceManagement.ManagedInstances },
        clusterName: "mcp",
        network,
        tags: { team: "blue" },
      },
      {},
    );
  });

test("GIVEN Managed Instances WHEN they are declared THEN the provider is the cluster's, and starts these types in the private subnets", async () => {
  const declaration = await declared({ instanceTypes: ["g6.xlarge"] });
  const { inputs } = declaration.only(PROVIDER);

  assert.deepEqual(inputs, {
    cluster: "mcp",
    managedInstancesProvider: {
      infrastructureRoleArn: "arn:aws:iam::123456789012:role/mcp-gpu-infrastructure",
      propagateTags: "CAPACITY_PROVIDER",
      autoRepairConfiguration: { actionsStatus: "ENABLED" },
      instanceLaunchTemplate: {
        ec2InstanceProfileArn: "arn:aws:iam::123456789012:instance-profile/mcp-gpu",
        capacityOptionType: "ON_DEMAND",
        monitoring: "BASIC",
        networkConfiguration: {
          subnets: ["subnet-a", "subnet-b"],
          securityGroups: ["mcp-gpu-instances-id"],
        },
        storageConfiguration: { storageSizeGib: 100 },
        instanceRequirements: {
          allowedInstanceTypes: ["g6.xlarge"],
          vcpuCount: { min: 1 },
          memoryMib: { min: 1 },
        },
      },
    },
    tags: { team: "blue" },
  });
  declaration.assertUrnsUnique();
  declaration.assertNothingUndefined();
});

test("GIVEN Spot, a volume and endpoints WHEN Managed Instances are declared THEN they have them", async () => {
  const declaration = await declared(
    { instanceTypes: ["m7g.large"], spot: true, volumeSizeGib: 60 },
    ["sg-endpoints"],
  );
  const { managedInstancesProvider } = declaration.only(PROVIDER).inputs as {
    managedInstancesProvider: {
      instanceLaunchTemplate: Record<string, unknown>;
    };
  };
  const { capacityOptionType, storageConfiguration, networkConfiguration } =
    managedInstancesProvider.instanceLaunchTemplate;

  assert.equal(capacityOptionType, "SPOT");
  assert.deepEqual(storageConfiguration, { storageSizeGib: 60 });
  assert.deepEqual(networkConfiguration, {
    subnets: ["subnet-a", "subnet-b"],
    securityGroups: ["mcp-gpu-instances-id", "sg-endpoints"],
  });
});

test("GIVEN types without GPUs WHEN Managed Instances are declared THEN their volume is small", async () => {
  const { inputs } = (await declared({ instanceTypes: ["m7g.large"] })).only(PROVIDER);
  assert.match(JSON.stringify(inputs), /"storageConfiguration":\{"storageSizeGib":30\}/u);
});

test("GIVEN types WHEN the requirements are made THEN nothing keeps ECS from choosing each of them", () => {
  const least = { vcpuCount: { min: 1 }, memoryMib: { min: 1 } };
  assert.deepEqual(instanceRequirements(["t4g.small"], false), {
    allowedInstanceTypes: ["t4g.small"],
    ...least,
    burstablePerformance: "included",
  });
  assert.deepEqual(instanceRequirements(["m7i.metal-24xl"], true), {
    allowedInstanceTypes: ["m7i.metal-24xl"],
    ...least,
    bareMetal: "included",
  });
  assert.deepEqual(instanceRequirements(["c7g.large", "c7g.4xlarge"], false), {
    allowedInstanceTypes: ["c7g.large", "c7g.4xlarge"],
    ...least,
    onDemandMaxPricePercentageOverLowestPrice: 999_999,
  });
  assert.deepEqual(instanceRequirements(["c7g.large", "c7g.4xlarge"], true), {
    allowedInstanceTypes: ["c7g.large", "c7g.4xlarge"],
    ...least,
    spotMaxPricePercentageOverLowestPrice: 999_999,
  });
});

const trusting = (service: string): unknown => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
});

test("GIVEN Managed Instances WHEN they are declared THEN ECS may pass on the instances' role and no other", async () => {
  const declaration = await declared({ instanceTypes: ["m7g.large"] });
  const trustOf = (name: string): unknown =>
    JSON.parse(String(declaration.only(ROLE, name).inputs["assumeRolePolicy"]));

  assert.deepEqual(trustOf("mcp-gpu-infrastructure"), trusting("ecs.amazonaws.com"));
  assert.deepEqual(trustOf("mcp-gpu-instance"), trusting("ec2.amazonaws.com"));
  assert.deepEqual(declaration.only(ATTACHMENT, "mcp-gpu-infrastructure").inputs, {
    role: "mcp-gpu-infrastructure",
    policyArn: "arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForManagedInstances",
  });
  assert.deepEqual(declaration.only(ATTACHMENT, "mcp-gpu-instance").inputs, {
    role: "mcp-gpu-instance",
    policyArn: "arn:aws:iam::aws:policy/AmazonECSInstanceRolePolicyForManagedInstances",
  });
  assert.deepEqual(
    JSON.parse(String(declaration.only(ROLE_POLICY, "mcp-gpu-infrastructure").inputs["policy"])),
    {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "iam:PassRole",
          Resource: "arn:aws:iam::123456789012:role/mcp-gpu-instance",
          Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
        },
      ],
    },
  );
  assert.deepEqual(declaration.only("aws:iam/instanceProfile:InstanceProfile").inputs, {
    role: "mcp-gpu-instance",
    tags: { team: "blue" },
  });
});

test("GIVEN Managed Instances WHEN they are declared THEN the provider comes after what its first instance needs, and goes before it", async () => {
  const declaration = await declared({ instanceTypes: ["m7g.large"] });

  assert.deepEqual([...declaration.only(PROVIDER).dependsOn].sort(), [
    `${ROLE_POLICY} mcp-gpu-infrastructure`,
    `${ATTACHMENT} mcp-gpu-infrastructure`,
    `${ATTACHMENT} mcp-gpu-instance`,
    `${RULE} mcp-gpu-instances`,
    "test:index:Route route",
  ]);
});
