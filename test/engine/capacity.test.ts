/** Instances on the real engine: their order on the way up and down, and what a change of them touches. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import {
  InstanceManagement,
  McpPlatform,
  NatGateways,
  type InstanceCapacity,
} from "../../infra/index.ts";
import { createStack } from "./harness.ts";

const ASSOCIATION = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders mcp";
const CLUSTER = "aws:ecs/cluster:Cluster mcp";
const GROUP = "aws:autoscaling/group:Group mcp-gpu";
const PROVIDER = "aws:ecs/capacityProvider:CapacityProvider mcp-gpu";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate mcp-gpu";
const TRUNKING = "aws:ecs/accountSettingDefault:AccountSettingDefault mcp-awsvpc-trunking";

/** Managed Instances, whose creation takes a minute: until AWS has them, and here no less. */
const MANAGED = {
  managed: { instanceTypes: ["m7i.large"], management: InstanceManagement.ManagedInstances },
};

/** Two groups, and others beside them; some options of the first group changed. */
const platform =
  (
    changes: Partial<InstanceCapacity> = {},
    natGateways?: NatGateways,
    others: Record<string, InstanceCapacity> = {},
  ): PulumiFn =>
  () => {
    const { loadBalancerDnsName } = new McpPlatform("mcp", {
      ...(natGateways === undefined ? {} : { natGateways }),
      instanceCapacity: {
        gpu: { instanceTypes: ["g6.xlarge"], enableSessionManager: true, ...changes },
        arm: { instanceTypes: ["m8g.large"], networkInterfaceTrunking: true },
        ...others,
      },
    });
    return Promise.resolve({ loadBalancerDnsName });
  };

/** Asserts that a log has these lines, each after the one before it. */
function assertOrder(log: readonly string[], lines: readonly string[]): void {
  const places = lines.map((line) => log.indexOf(line));
  assert.ok(!places.includes(-1), `Missing: ${lines[places.indexOf(-1)] ?? ""}`);
  assert.deepEqual(
    places,
    [...places].sort((left, right) => left - right),
    lines.map((line, index) => `${places[index] ?? ""} ${line}`).join("\n"),
  );
}

describe("GIVEN a platform with two groups of instances and Managed Instances", () => {
  test("WHEN it goes through up, refresh and destroy THEN it is quiet, goes in order, and leaves the account's setting alone", async (context) => {
    const engine = await createStack(context, platform({}, undefined, MANAGED));
    const promised = await engine.preview();
    assert.deepEqual(await engine.up(), promised);
    assert.deepEqual(await engine.preview(), []);
    assert.deepEqual(await engine.refresh(), []);
    assert.deepEqual(await engine.preview(), []);
    const existing = engine.cloud.existing();
    assert.doesNotMatch(JSON.stringify(existing), /undefined/u);
    const { log } = engine.cloud.read("aws");
    for (const first of [
      TRUNKING,
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment mcp-gpu-session-manager",
      "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule mcp-gpu-instances",
      "aws:ec2/route:Route mcp-private-1",
    ]) {
      assertOrder(log, [`create ${first}`, `create ${GROUP}`]);
    }
    assertOrder(log, [
      `create ${CLUSTER}`,
      `create ${TEMPLATE}`,
      `create ${GROUP}`,
      `create ${PROVIDER}`,
      `create ${ASSOCIATION}`,
    ]);

    await engine.destroy();
    assert.deepEqual(
      engine.cloud.existing().map(({ type, urn }) => `${type} ${urn.split("::").at(-1) ?? ""}`),
      [TRUNKING],
    );
    const down = engine.cloud.read("aws").log.slice(log.length);
    assertOrder(down, [
      `delete ${ASSOCIATION}`,
      `delete ${PROVIDER}`,
      `delete ${GROUP}`,
      `delete ${TEMPLATE}`,
      `delete ${CLUSTER}`,
    ]);
    for (const last of [
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment mcp-gpu-ecs",
      "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule mcp-gpu-instances",
      "aws:ec2/route:Route mcp-private-1",
      "aws:ec2/natGateway:NatGateway mcp-1",
    ]) {
      assertOrder(down, [`delete ${GROUP}`, `delete ${last}`]);
    }
    assertOrder(down, [
      "delete aws:ecs/capacityProvider:CapacityProvider mcp-managed",
      `delete ${CLUSTER}`,
    ]);
  });

  test("WHEN its instances change THEN neither group nor provider is replaced, and nothing else is touched", async (context) => {
    const engine = await createStack(context, platform());
    await engine.up();
    const changes: [Partial<InstanceCapacity>, string[]][] = [
      [{ instanceTypes: ["g6.2xlarge"] }, [`update ${GROUP}`]],
      [{ minInstances: 1, maxInstances: 4 }, [`update ${GROUP}`]],
      [{ spot: true }, [`update ${GROUP}`, `update ${TEMPLATE}`]],
      [{ volumeSizeGib: 200 }, [`update ${GROUP}`, `update ${TEMPLATE}`]],
      [{ targetCapacityPercent: 80 }, [`update ${PROVIDER}`]],
      [
        { enableSessionManager: false },
        ["delete aws:iam/rolePolicyAttachment:RolePolicyAttachment mcp-gpu-session-manager"],
      ],
    ];
    let changed: Partial<InstanceCapacity> = {};
    for (const [change, steps] of changes) {
      changed = { ...changed, ...change };
      engine.setProgram(platform(changed));
      assert.deepEqual(await engine.up(), steps, JSON.stringify(change));
    }
    assert.deepEqual(await engine.preview(), []);
    const { log } = engine.cloud.read("aws");
    assert.ok(!log.some((line) => /^delete .*(?:autoscaling|capacityProvider)/u.test(line)));
  });

  test("WHEN a group fails to start at first THEN the next deployment converges, and nothing is made twice", async (context) => {
    const engine = await createStack(context, platform());
    engine.cloud.change("aws", (state) => state.failures.push(GROUP));
    await assert.rejects(engine.up(), /Group mcp-gpu: the stand-in was told to fail/u);
    await engine.up();
    assert.deepEqual(await engine.preview(), []);
    const made = engine.cloud.read("aws").log;
    assert.deepEqual(made, [...new Set(made)]);
  });

  test("WHEN there is no NAT gateway, or a regional one, THEN instances come after their way out, and go before it", async (context) => {
    for (const [natGateways, wayOut] of [
      [NatGateways.None, "aws:ec2/vpcEndpoint:VpcEndpoint mcp-ecs-agent"],
      [NatGateways.Regional, "aws:ec2/route:Route mcp-1"],
    ] as const) {
      const engine = await createStack(context, platform({}, natGateways));
      await engine.up();
      assert.deepEqual(await engine.preview(), []);
      assertOrder(engine.cloud.read("aws").log, [`create ${wayOut}`, `create ${GROUP}`]);
      await engine.destroy();
      assertOrder(engine.cloud.read("aws").log, [`delete ${GROUP}`, `delete ${wayOut}`]);
    }
  });
});

describe("GIVEN the program with every argument about instances", () => {
  test("WHEN it goes through up and destroy THEN it is quiet, and nothing is undefined", async (context) => {
    const engine = await createStack(context, async () => ({
      ...((await import(`./programs/capacity.ts?run=${randomUUID()}`)) as Record<string, unknown>),
    }));
    await engine.up();
    assert.deepEqual(await engine.preview(), []);
    assert.doesNotMatch(JSON.stringify(engine.cloud.existing()), /undefined/u);
    await engine.destroy();
  });
});
