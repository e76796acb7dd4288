import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  CpuArchitecture,
  McpServer,
  McpService,
  type McpPlatformHandle,
  type McpServiceArgs,
} from "../../../infra/index.ts";
import {
  InstanceManagement,
  type InstanceCapacityFacts,
} from "../../../infra/capacity/instance-capacity.ts";
import { instanceFacts } from "../instance-facts.ts";
import { deploy, type Declaration } from "../mocks.ts";
import { HANDLE } from "../platform-handle.ts";

const ECS = "aws:ecs/service:Service";
const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const IMAGE = "ghcr.io/acme/tools@sha256:ab";

/** A service on the one capacity of a shared platform. */
function deployOn(
  facts: InstanceCapacityFacts,
  args: McpServiceArgs = {},
): Promise<Declaration<McpService>> {
  const platform: McpPlatformHandle = {
    ...HANDLE,
    instanceCapacity: { own: facts },
    capacityProviders: { own: "shared-own-1a2b" },
  };
  return deploy(
    () => new McpService("weather", { platform, image: IMAGE, capacity: "own", ...args }),
  );
}

/** What differs from capacity to capacity. */
function placed({ inputs: service }: ReturnType<Declaration<unknown>["only"]>): unknown {
  const { capacityProviderStrategies, orderedPlacementStrategies } = service;
  return { capacityProviderStrategies, orderedPlacementStrategies };
}

function sized({ inputs: task }: ReturnType<Declaration<unknown>["only"]>): unknown {
  const { requiresCompatibilities, networkMode, cpu, memory, containerDefinitions } = task;
  const [container] = JSON.parse(String(containerDefinitions)) as [Record<string, unknown>];
  const variables = container["environment"] as { name: string; value: string }[];
  return {
    requiresCompatibilities,
    networkMode,
    cpu,
    memory,
    resourceRequirements: container["resourceRequirements"],
    stopTimeout: container["stopTimeout"],
    nvidia: variables.filter(({ name }) => name.startsWith("NVIDIA_")),
  };
}

const SPREAD_THEN_PACKED = [
  { type: "spread", field: "attribute:ecs.availability-zone" },
  { type: "binpack", field: "memory" },
];
const ON_OWN = [{ capacityProvider: "shared-own-1a2b", weight: 1 }];
const EC2 = { requiresCompatibilities: ["EC2"], networkMode: "awsvpc" };

test("GIVEN instances without GPUs WHEN a service runs on them THEN ECS spreads it over the zones, and packs it there", async () => {
  const declaration = await deployOn(instanceFacts("c7i.large"), { longestCallSeconds: 300 });

  assert.deepEqual(placed(declaration.only(ECS)), {
    capacityProviderStrategies: ON_OWN,
    orderedPlacementStrategies: SPREAD_THEN_PACKED,
  });
  assert.deepEqual(sized(declaration.only(TASK)), {
    ...EC2,
    cpu: "256",
    memory: "512",
    resourceRequirements: undefined,
    // On Fargate it would be cut to 120.
    stopTimeout: 315,
    nvidia: [],
  });
  assert.equal(declaration.only(ECS).inputs["availabilityZoneRebalancing"], "ENABLED");
  assert.deepEqual(declaration.only(ECS).customTimeouts, {
    create: "31m",
    update: "31m",
    delete: "90m",
  });
  declaration.assertNothingUndefined();
});

test("GIVEN whole GPUs WHEN a service runs on them THEN ECS reserves its GPUs, and a replica is as large as its share", async () => {
  const declaration = await deployOn(instanceFacts("g6.12xlarge"), { gpu: 2 });

  assert.deepEqual(placed(declaration.only(ECS)), {
    capacityProviderStrategies: ON_OWN,
    orderedPlacementStrategies: SPREAD_THEN_PACKED,
  });
  assert.deepEqual(sized(declaration.only(TASK)), {
    ...EC2,
    cpu: "24576",
    memory: "88473",
    resourceRequirements: [{ type: "GPU", value: "2" }],
    stopTimeout: 75,
    nvidia: [],
  });
});

test("GIVEN instances with a part of a GPU WHEN a service runs on them THEN ECS reserves that part", async () => {
  const declaration = await deployOn(instanceFacts("g6f.large"), { gpu: 0.125 });

  assert.deepEqual(sized(declaration.only(TASK)), {
    ...EC2,
    cpu: "2048",
    memory: "7372",
    resourceRequirements: [{ type: "GPU", value: "0.125" }],
    stopTimeout: 75,
    nvidia: [],
  });
});

test("GIVEN a shared GPU WHEN four replicas share it THEN none asks ECS for it, all see it, and their CPU units fill an instance", async () => {
  const facts = { ...instanceFacts("g6.xlarge"), shareGpu: true, networkInterfaceTrunking: true };
  const declaration = await deployOn(facts, { gpu: 0.25 });

  assert.deepEqual(sized(declaration.only(TASK)), {
    ...EC2,
    cpu: "1024",
    memory: "3686",
    resourceRequirements: undefined,
    stopTimeout: 75,
    nvidia: [
      { name: "NVIDIA_DRIVER_CAPABILITIES", value: "compute,utility" },
      { name: "NVIDIA_VISIBLE_DEVICES", value: "all" },
    ],
  });
});

test("GIVEN a shared GPU WHEN a server needs more of the driver THEN its own list stands", async () => {
  const facts = { ...instanceFacts("g6.xlarge"), shareGpu: true };
  const declaration = await deployOn(facts, {
    gpu: 0.5,
    environment: { NVIDIA_DRIVER_CAPABILITIES: "all" },
  });

  assert.match(
    String(declaration.only(TASK).inputs["containerDefinitions"]),
    /"name":"NVIDIA_DRIVER_CAPABILITIES","value":"all"/u,
  );
});

test("GIVEN ECS Managed Instances WHEN a service runs on them THEN its tasks are fit for them, and placing is ECS's", async () => {
  const facts = {
    ...instanceFacts("g6.xlarge"),
    management: InstanceManagement.ManagedInstances,
    networkInterfaceTrunking: true,
  };
  const declaration = await deployOn(facts, { gpu: 1 });

  assert.deepEqual(placed(declaration.only(ECS)), {
    capacityProviderStrategies: ON_OWN,
    orderedPlacementStrategies: [],
  });
  assert.deepEqual(sized(declaration.only(TASK)), {
    requiresCompatibilities: ["MANAGED_INSTANCES"],
    networkMode: "awsvpc",
    cpu: "4096",
    memory: "14745",
    resourceRequirements: [{ type: "GPU", value: "1" }],
    stopTimeout: 75,
    nvidia: [],
  });
  declaration.assertNothingUndefined();
});

test("GIVEN Spot instances WHEN a service runs on them THEN its containers end before the machine does", async () => {
  const facts = { ...instanceFacts("c7i.large"), spot: true };
  const declaration = await deployOn(facts, { longestCallSeconds: 95 });

  assert.match(
    String(declaration.only(TASK).inputs["containerDefinitions"]),
    /"stopTimeout":110\b/u,
  );
});

test("GIVEN Arm instances and a size of the user's WHEN a service runs on them THEN both are declared", async () => {
  const declaration = await deployOn(instanceFacts("c8g.large"), {
    architecture: CpuArchitecture.Arm64,
    cpu: pulumi.output(0.3),
    memory: pulumi.output(1000),
  });
  const { cpu, memory, runtimePlatform } = declaration.only(TASK).inputs;

  assert.deepEqual(
    { cpu, memory, runtimePlatform },
    {
      cpu: "307",
      memory: "1000",
      runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
    },
  );
});

test("GIVEN a bundled server on instances WHEN its memory follows from them THEN so does its heap", async () => {
  const declaration = await deploy(
    () =>
      new McpService("weather", {
        platform: {
          ...HANDLE,
          instanceCapacity: { own: instanceFacts("g6.xlarge") },
          capacityProviders: { own: "shared-own-1a2b" },
        },
        server: McpServer.Weather,
        capacity: "own",
        gpu: 1,
      }),
  );

  assert.match(
    String(declaration.only(TASK).inputs["containerDefinitions"]),
    /"--max-old-space-size=8770"/u,
  );
});

test("GIVEN Fargate WHEN a service runs on it THEN nothing of instances is declared", async () => {
  const declaration = await deploy(
    () => new McpService("weather", { platform: { ...HANDLE }, image: IMAGE }),
  );

  assert.deepEqual(placed(declaration.only(ECS)), {
    capacityProviderStrategies: [{ capacityProvider: "FARGATE", weight: 1 }],
    orderedPlacementStrategies: undefined,
  });
  assert.deepEqual(sized(declaration.only(TASK)), {
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: "256",
    memory: "512",
    resourceRequirements: undefined,
    stopTimeout: 75,
    nvidia: [],
  });
});
