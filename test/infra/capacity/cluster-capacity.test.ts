import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  associateCapacity,
  checkProviderNames,
  createClusterCapacity,
  factsOf,
  type ClusterCapacity,
  type InstanceCapacities,
} from "../../../infra/capacity/cluster-capacity.ts";
import { InstanceManagement } from "../../../infra/capacity/instance-capacity.ts";
import { assertRefused, deploy, valueOf } from "../mocks.ts";

const ASSOCIATION = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders";
const GROUP = "aws:autoscaling/group:Group";
const PROVIDER = "aws:ecs/capacityProvider:CapacityProvider";
const TRUNKING = "aws:ecs/accountSettingDefault:AccountSettingDefault";

const create = (capacities: InstanceCapacities): ClusterCapacity =>
  createClusterCapacity(
    "mcp",
    {
      cluster: new aws.ecs.Cluster("mcp"),
      capacities,
      network: {
        vpcId: pulumi.output("vpc-1"),
        publicSubnetIds: pulumi.output([]),
        privateSubnetIds: pulumi.output(["subnet-a", "subnet-b"]),
        cidrBlocks: [],
        taskSecurityGroupIds: [],
        hasInternetAccess: true,
        routes: [],
        zoneNames: pulumi.output([]),
        natGatewayIds: undefined,
      },
      tags: undefined,
    },
    {},
  );

const declared = (capacities: InstanceCapacities, preview = false) =>
  deploy(() => create(capacities), { preview });

test("GIVEN a cluster WHEN its capacity is associated THEN both kinds of Fargate are open to services, and by hand Fargate is", async () => {
  const declaration = await deploy(() => {
    associateCapacity("mcp", new aws.ecs.Cluster("mcp"), {});
  });

  assert.deepEqual(declaration.only(ASSOCIATION).inputs, {
    clusterName: "mcp",
    capacityProviders: ["FARGATE", "FARGATE_SPOT"],
    defaultCapacityProviderStrategies: [{ capacityProvider: "FARGATE", weight: 1 }],
  });
});

test("GIVEN no instances WHEN a cluster's capacity is declared THEN there is Fargate, and nothing else", async () => {
  const declaration = await declared({});

  assert.deepEqual(declaration.inventory(), ["aws:ecs/cluster:Cluster mcp", `${ASSOCIATION} mcp`]);
  assert.deepEqual(declaration.result.capacityProviders, {});
  assert.equal(await valueOf(declaration.result.clusterName), "mcp");
});

test("GIVEN two groups and Managed Instances WHEN the capacity is declared THEN one association names the groups' providers alone", async () => {
  const declaration = await declared({
    gpu: { instanceTypes: ["g6.xlarge"] },
    arm: { instanceTypes: ["m8g.large"] },
    managed: {
      instanceTypes: ["m7i.large"],
      management: InstanceManagement.ManagedInstances,
    },
  });
  const association = declaration.only(ASSOCIATION);

  assert.deepEqual(association.inputs["capacityProviders"], [
    "FARGATE",
    "FARGATE_SPOT",
    "mcp-gpu",
    "mcp-arm",
  ]);
  assert.deepEqual(association.dependencies.filter((each) => each.startsWith(PROVIDER)).sort(), [
    `${PROVIDER} mcp-arm`,
    `${PROVIDER} mcp-gpu`,
  ]);
  assert.deepEqual(
    declaration.inventory().filter((each) => each.startsWith(GROUP)),
    [`${GROUP} mcp-arm`, `${GROUP} mcp-gpu`],
  );
  assert.equal(declaration.only(PROVIDER, "mcp-managed").inputs["cluster"], "mcp");
  assert.deepEqual(await valueOf(pulumi.output(declaration.result.capacityProviders)), {
    gpu: "mcp-gpu",
    arm: "mcp-arm",
    managed: "mcp-managed",
  });
  declaration.assertUrnsUnique();
  declaration.assertNothingUndefined();
});

test("GIVEN a group WHEN a service reads its provider's name THEN it comes after the association, and with Managed Instances after the provider", async () => {
  const declaration = await deploy(() => {
    const { capacityProviders } = create({
      gpu: { instanceTypes: ["g6.xlarge"] },
      managed: {
        instanceTypes: ["m7i.large"],
        management: InstanceManagement.ManagedInstances,
      },
    });
    for (const [key, capacityProvider] of Object.entries(capacityProviders)) {
      new aws.ecs.Service(key, { capacityProviderStrategies: [{ capacityProvider, weight: 1 }] });
    }
  });
  const SERVICE = "aws:ecs/service:Service";

  assert.ok(declaration.only(SERVICE, "gpu").dependencies.includes(`${ASSOCIATION} mcp`));
  assert.ok(declaration.only(SERVICE, "gpu").dependencies.includes(`${PROVIDER} mcp-gpu`));
  assert.ok(!declaration.only(SERVICE, "managed").dependencies.includes(`${ASSOCIATION} mcp`));
  assert.ok(declaration.only(SERVICE, "managed").dependencies.includes(`${PROVIDER} mcp-managed`));
});

test("GIVEN trunking for some instances WHEN the capacity is declared THEN the account's setting is turned on once, before any group", async () => {
  const declaration = await declared({
    gpu: { instanceTypes: ["g6.xlarge"], networkInterfaceTrunking: true },
    arm: { instanceTypes: ["m8g.large"], networkInterfaceTrunking: true },
    plain: { instanceTypes: ["m7i.large"] },
  });

  assert.deepEqual(declaration.only(TRUNKING, "mcp-awsvpc-trunking").inputs, {
    name: "awsvpcTrunking",
    value: "enabled",
  });
  for (const key of ["gpu", "arm", "plain"])
    assert.ok(
      declaration.only(GROUP, `mcp-${key}`).dependsOn.includes(`${TRUNKING} mcp-awsvpc-trunking`),
    );
});

test("GIVEN instances whose provider is still unknown WHEN the capacity is previewed THEN the cluster is told from it, too", async () => {
  const declaration = await declared({ gpu: { instanceTypes: ["g6.xlarge"] } }, true);

  assert.ok(declaration.only(ASSOCIATION).dependencies.includes(`${PROVIDER} mcp-gpu`));
});

test("GIVEN a capacity WHEN its facts are told THEN defaults are filled in, and Managed Instances have trunks", () => {
  assert.deepEqual(factsOf({ instanceTypes: ["g6.xlarge"] }), {
    management: InstanceManagement.AutoScalingGroup,
    instanceTypes: ["g6.xlarge"],
    spot: false,
    shareGpu: false,
    networkInterfaceTrunking: false,
  });
  assert.deepEqual(
    factsOf({
      instanceTypes: ["g6.xlarge"],
      spot: true,
      shareGpu: true,
      networkInterfaceTrunking: true,
    }),
    {
      management: InstanceManagement.AutoScalingGroup,
      instanceTypes: ["g6.xlarge"],
      spot: true,
      shareGpu: true,
      networkInterfaceTrunking: true,
    },
  );
  assert.equal(
    factsOf({ instanceTypes: ["m7i.large"], management: InstanceManagement.ManagedInstances })
      .networkInterfaceTrunking,
    true,
  );
});

test("GIVEN a platform's name that ECS keeps to itself WHEN it has instances THEN it is refused", () => {
  const gpu = { instanceTypes: ["g6.xlarge"] };
  for (const name of ["aws-tools", "ecs", "fargate2"]) {
    assertRefused(
      () => {
        checkProviderNames("McpPlatform", name, { gpu });
      },
      `McpPlatform: the name \`${name}\` does not fit beside \`instanceCapacity\`, whose capacity providers are named after it: ECS keeps names that` +
        " begin with `aws`, `ecs` or `fargate` to itself. Choose another beginning.",
    );
    checkProviderNames("McpPlatform", name, undefined);
    checkProviderNames("McpPlatform", name, {});
  }
  checkProviderNames("McpPlatform", "mcp-aws", { gpu });
});
