import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  McpPlatform,
  McpService,
  type McpPlatformHandle,
  type McpServiceArgs,
} from "../../../infra/index.ts";
import type { InstanceCapacityFacts } from "../../../infra/capacity/instance-capacity.ts";
import { instanceFacts } from "../instance-facts.ts";
import { assertRefused, deploy, rejectionsOf } from "../mocks.ts";
import { HANDLE } from "../platform-handle.ts";

const ECS = "aws:ecs/service:Service";
const IMAGE = "ghcr.io/acme/tools@sha256:ab";

function platformWith(instanceCapacity: Record<string, InstanceCapacityFacts>): McpPlatformHandle {
  const names = Object.keys(instanceCapacity);
  return {
    ...HANDLE,
    instanceCapacity,
    capacityProviders: Object.fromEntries(names.map((name) => [name, `shared-${name}`])),
  };
}

const GPU = platformWith({ gpu: instanceFacts("g6.xlarge") });

const refused = (args: McpServiceArgs, message: string): void => {
  assertRefused(
    () => new McpService("weather", { image: IMAGE, ...args }),
    `McpService: ${message}`,
  );
};

/** The same refusals where the platform's handle, and with it what its instances are, comes late. */
async function refusedLate(args: McpServiceArgs, message: string): Promise<void> {
  const rejections = await rejectionsOf(
    () =>
      new McpService("weather", {
        image: IMAGE,
        ...args,
        platform: pulumi.output(args.platform ?? GPU),
      }),
  );
  assert.deepEqual(rejections, [`McpService: ${message}`]);
}

test("GIVEN `gpu` without instances WHEN a service is constructed THEN it is refused with two programs that have them: Fargate has no GPUs", () => {
  for (const gpu of [1, 0.5, pulumi.output(1)]) {
    refused(
      { gpu },
      "`gpu` is given, but the replicas run on Fargate, which has no GPUs. Declare instances that have some:" +
        ' `instances: { instanceTypes: ["g6.xlarge"] }`; or, on a platform, `instanceCapacity: { gpu: { instanceTypes: ["g6.xlarge"] } }` there and' +
        ' `capacity: "gpu"` here.',
    );
  }
});

test("GIVEN instances in two places, or in none WHEN a service is constructed THEN it is refused", () => {
  const instances = { instanceTypes: ["c7i.large"] };
  refused(
    { platform: { ...HANDLE }, instances },
    "`instances` is given beside `platform`, to which instances belong. Declare them there, as `instanceCapacity`, and name them in `capacity`; or" +
      " leave `platform` out.",
  );
  refused(
    { capacity: "cpu", instances },
    "`capacity` is `cpu` beside `instances`, which the service runs on anyway. Leave `capacity` out.",
  );
  refused(
    { capacity: "cpu" },
    "`capacity` is `cpu`, but there is no `platform` that could have it. Give one, or declare the instances here:" +
      ' `instances: { instanceTypes: ["g6.xlarge"] }`.',
  );
});

test("GIVEN shares of Fargate on instances WHEN a service is constructed THEN they are refused: they would change nothing", () => {
  for (const argument of ["fargateBase", "fargateWeight", "fargateSpotWeight"] as const) {
    refused(
      { platform: GPU, capacity: "gpu", gpu: 1, [argument]: 1 },
      `\`${argument}\` is given beside \`capacity\`: the replicas run on instances, and none on Fargate. Leave one of them out; for Spot instances set` +
        " `spot` of the capacity.",
    );
    refused(
      { instances: { instanceTypes: ["c7i.large"] }, [argument]: 1 },
      `\`${argument}\` is given beside \`instances\`: the replicas run on instances, and none on Fargate. Leave one of them out; for Spot instances set` +
        " `spot` of the capacity.",
    );
  }
});

test("GIVEN a capacity that the platform does not have WHEN a service is constructed THEN it is refused with those that it has", async () => {
  const unknown =
    "`capacity` is `gpus`, which the platform's `instanceCapacity` does not have; it has `gpu`, `cpu`. Give one of them, or declare it there.";
  const platform = platformWith({
    gpu: instanceFacts("g6.xlarge"),
    cpu: instanceFacts("c7i.large"),
  });
  refused({ platform, capacity: "gpus" }, unknown);
  await refusedLate({ platform, capacity: "gpus" }, unknown);
  for (const capacity of ["gpu", "constructor"]) {
    refused(
      { platform: { ...HANDLE }, capacity },
      `\`capacity\` is \`${capacity}\`, which the platform's \`instanceCapacity\` does not have: there is none. Declare it there:` +
        ` \`instanceCapacity: { ${capacity}: { instanceTypes: ["g6.xlarge"] } }\`.`,
    );
  }
});

test("GIVEN what the instances cannot run WHEN a service is constructed THEN it is refused, also where the platform or the value comes late", async () => {
  const cases: readonly (readonly [McpServiceArgs, string])[] = [
    [
      {},
      "`gpu` is missing: the instances (`g6.xlarge`) have GPUs, and the service would pay for them without using them. Give what a replica needs, such as" +
        " `gpu: 1`, or run it on a capacity without GPUs.",
    ],
    [{ gpu: 2 }, "`gpu` is 2, but the instances (`g6.xlarge`) have 1 each. Give 1."],
    [
      { gpu: 1, cpu: 8 },
      "`cpu` is 8, but the instances (`g6.xlarge`) have 4 vCPU at most. Give no more than that, or take larger instances.",
    ],
    [
      { gpu: 1, memory: 32_768 },
      "`memory` is 32768 MiB, but the instances (`g6.xlarge`) have 16384 MiB at most, of which kernel and agent need some. Give about 14745, or take" +
        " larger instances.",
    ],
  ];
  for (const [args, message] of cases) {
    refused({ platform: { ...GPU }, capacity: "gpu", ...args }, message);
    await refusedLate({ platform: { ...GPU }, capacity: "gpu", ...args }, message);
  }
  const late = await rejectionsOf(
    () =>
      new McpService("weather", {
        platform: { ...GPU },
        image: IMAGE,
        capacity: "gpu",
        gpu: pulumi.output(2),
        cpu: 4,
      }),
  );
  assert.deepEqual(late, [`McpService: ${cases[1]?.[1] ?? ""}`]);
});

test("GIVEN another processor than the instances have WHEN a service is constructed THEN it is refused with theirs", async () => {
  const platform = platformWith({ arm: instanceFacts("c8g.large") });
  const message =
    "`architecture` is `X86_64`, but the instances (`c8g.large`) have processors of `ARM64`. Give that, with an image built for it, or take other" +
    " instances.";
  refused({ platform, capacity: "arm" }, message);
  await refusedLate({ platform, capacity: "arm" }, message);
});

test("GIVEN calls that Spot instances would cut WHEN a service is constructed THEN they are refused", () => {
  const platform = platformWith({ spot: { ...instanceFacts("c7i.large"), spot: true } });
  refused(
    { platform, capacity: "spot", longestCallSeconds: 300 },
    "`longestCallSeconds` is 300 and `drainSeconds` is 10: with 5 seconds to close, a replica needs 315 seconds to end, and Spot leaves it 110. Give the" +
      " two a sum of at most 105 seconds, or run on instances that are not Spot (`spot` of the capacity).",
  );
});

test("GIVEN a shared GPU WHEN its replicas do not fit THEN they are refused", () => {
  const platform = platformWith({ shared: { ...instanceFacts("g6.xlarge"), shareGpu: true } });
  refused(
    { platform, capacity: "shared", gpu: 0.25 },
    "`gpu` is 0.25, so that 4 replicas would run on a `g6.xlarge`; each takes a network interface, and it has 3 beside its own. Give 0.333 or more, or" +
      " set `networkInterfaceTrunking` of the capacity.",
  );
  refused(
    { platform, capacity: "shared", gpu: 0.5, cpu: 1 },
    "`cpu` is 1, but on a shared GPU it follows from `gpu`, so that exactly as many replicas fit an instance as share its GPU. Leave it out.",
  );
  refused(
    { platform, capacity: "shared", gpu: 0.5, memory: 8192 },
    "`memory` is 8192 MiB and `gpu` is 0.5: of 2 replicas that are to share a GPU, fewer would fit an instance. Give 7372 or less, a larger fraction, or" +
      " instances with more memory.",
  );
});

test("GIVEN instances that AWS would refuse WHEN a service of its own platform is constructed THEN they are refused under their own name", () => {
  refused(
    { instances: { instanceTypes: [] } },
    "`instances.instanceTypes` is empty; give a type, such as `m7g.large`, or `g6.xlarge` with a GPU.",
  );
});

test("GIVEN instances of its own WHEN a service is declared THEN its platform has them, and it runs on them", async () => {
  const declaration = await deploy(
    () =>
      new McpService("weather", {
        image: IMAGE,
        gpu: 1,
        instances: { instanceTypes: ["g6.xlarge"] },
      }),
  );
  const { inputs, dependencies } = declaration.only(ECS);

  assert.equal(
    declaration.only("aws:ecs/capacityProvider:CapacityProvider").name,
    "weather-instances",
  );
  assert.deepEqual(inputs["capacityProviderStrategies"], [
    { capacityProvider: "weather-instances", weight: 1 },
  ]);
  assert.ok(
    dependencies.includes("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders weather"),
  );
  declaration.assertNothingUndefined();
  declaration.assertUrnsUnique();
});

test("GIVEN a first preview WHEN the service's platform is unknown in part THEN what is known of its instances is still checked", async () => {
  const declared = await deploy(
    () => {
      const platform = new McpPlatform("mcp", {
        instanceCapacity: { gpu: { instanceTypes: ["g6.xlarge"] } },
      }).handle;
      return new McpService("weather", { platform, image: IMAGE, capacity: "gpu", gpu: 1 });
    },
    { preview: true },
  );
  const { inputs } = declared.only("aws:ecs/taskDefinition:TaskDefinition");

  // What follows from the instances alone stands in the preview.
  assert.deepEqual(
    [inputs["requiresCompatibilities"], inputs["cpu"], inputs["memory"]],
    [["EC2"], "4096", "14745"],
  );
  assert.deepEqual(declared.only(ECS).inputs["orderedPlacementStrategies"], [
    { type: "spread", field: "attribute:ecs.availability-zone" },
    { type: "binpack", field: "memory" },
  ]);
});

test("GIVEN a list of GPUs in the environment WHEN a service is constructed THEN it is refused: a replica would see those of others", () => {
  refused(
    { platform: GPU, capacity: "gpu", gpu: 1, environment: { NVIDIA_VISIBLE_DEVICES: "all" } },
    "`environment` sets `NVIDIA_VISIBLE_DEVICES`, which the component sets itself, from `gpu`. Leave it out of `environment`.",
  );
});
