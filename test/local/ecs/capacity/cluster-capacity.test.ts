import assert from "node:assert/strict";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { ClusterCapacity } from "../../../../local/ecs/capacity/cluster-capacity.ts";
import { AWS_TIMES } from "../../../../local/ecs/task-times.ts";
import { readInstanceCapacity } from "../../../../local/graph/capacity-providers.ts";
import type { Graph } from "../../../../local/graph/graph.ts";
import { readServiceCapacities } from "../../../../local/graph/service-capacity.ts";
import { readStack, type Stack } from "../../../../local/graph/stack.ts";
import { evaluatedFile } from "../../evaluated.ts";
import { VirtualClock } from "../../virtual-clock.ts";

const PROGRAM = join(import.meta.dirname, "../../programs/capacities.ts");

describe("GIVEN a program with services on every kind of capacity", () => {
  let graph: Graph;
  let stack: Stack;
  before(async () => {
    graph = await evaluatedFile(PROGRAM);
    stack = readStack(graph, PROGRAM);
  });

  interface Observed {
    readonly clock: VirtualClock;
    readonly capacity: ClusterCapacity;
    /** Asks for one more task of a service; says what it runs on, and notes where and when it is placed. */
    readonly launch: (service: string) => string;
    readonly placed: string[];
  }

  function observed(): Observed {
    const clock = new VirtualClock();
    const capacity = new ClusterCapacity(graph, {
      clock,
      times: AWS_TIMES,
      isLost: () => false,
      happened: () => undefined,
    });
    const running: string[] = [];
    const placed: string[] = [];
    let count = 0;
    return {
      clock,
      capacity,
      placed,
      launch: (name) => {
        const service = stack.services.find((candidate) => candidate.name === name);
        assert.ok(service !== undefined);
        const provider = capacity.providerOfNext(service.arn, running) ?? "none";
        running.push(provider);
        const request = {
          id: `${name} ${++count}`,
          service: service.arn,
          resources: service.task.resources,
          zones: service.zones,
        };
        const cancel = capacity.request(provider, request, (zone) => {
          placed.push(`${request.id} in ${zone} at ${clock.now() / 1000}`);
        });
        return cancel === undefined ? provider : provider.replace(/-[0-9a-f]{7}$/u, "");
      },
    };
  }

  test("WHEN a service is on Fargate and Spot THEN tasks are split by base and weight, and there is room", () => {
    const { launch, placed } = observed();
    const providers = Array.from({ length: 6 }, () => launch("weather"));
    assert.equal(providers.filter((provider) => provider === "FARGATE").length, 2);
    assert.equal(providers.filter((provider) => provider === "FARGATE_SPOT").length, 4);
    assert.deepEqual(placed, []);
  });

  test("WHEN each replica needs a GPU THEN the second waits for a second instance", async () => {
    const { clock, launch, placed } = observed();
    assert.equal(launch("translate"), "mcp-gpu");
    launch("translate");
    await clock.advance(600_000);
    assert.deepEqual(placed, [
      "translate 1 in us-east-1a at 0",
      "translate 2 in us-east-1b at 180",
    ]);
  });

  test("WHEN four share a GPU THEN four have room on one instance, and a fifth needs another", async () => {
    const { clock, capacity, launch } = observed();
    for (let replica = 0; replica < 5; replica++) launch("classify");
    await clock.advance(600_000);
    const instances = [...capacity.instances].find(([name]) => name.startsWith("mcp-shared"))?.[1];
    // The first of two that start takes all that it has room for.
    assert.deepEqual(
      instances?.map(({ tasks }) => tasks.length),
      [4, 1],
    );
  });

  test("WHEN a service is on Managed Instances THEN an instance comes without a group", async () => {
    const { clock, launch, placed } = observed();
    assert.equal(launch("search"), "mcp-managed");
    await clock.advance(120_000);
    assert.deepEqual(placed, ["search 1 in us-east-1a at 120"]);
  });

  test("WHEN a change of one wired property is read THEN it shows", () => {
    const change = (type: string, inputs: Record<string, unknown>): Graph => ({
      ...graph,
      resources: graph.resources.map((resource) =>
        resource.type === type
          ? { ...resource, inputs: { ...resource.inputs, ...inputs } }
          : resource,
      ),
    });
    const group = "aws:autoscaling/group:Group";
    assert.equal(readInstanceCapacity(change(group, { maxSize: 7 }))[0]?.maxSize, 7);
    const trunking = "aws:ecs/accountSettingDefault:AccountSettingDefault";
    assert.equal(
      readInstanceCapacity(change(trunking, { value: "disabled" }))[0]?.types[0]?.size?.tasks,
      3,
    );
    const unweighted = [{ capacityProvider: "FARGATE" }, { capacityProvider: "FARGATE_SPOT" }];
    const service = "aws:ecs/service:Service";
    assert.throws(
      () => readServiceCapacities(change(service, { capacityProviderStrategies: unweighted })),
      {
        message:
          "The service `weather` gives every capacity provider the weight 0, with which ECS starts no task. Give one of them a `weight`.",
      },
    );
  });
});
