import assert from "node:assert/strict";
import { test } from "node:test";
import type { Graph, GraphResource } from "../../local/graph/graph.ts";
import { change, hurry, observe } from "./in-process.ts";
import { startLoad } from "./load.ts";

const SERVICE = "aws:ecs/service:Service";
const TARGET_GROUP = "aws:lb/targetGroup:TargetGroup";
const RULE = "aws:lb/listenerRule:ListenerRule";

/** The first resource of a type. */
function first(graph: Graph, type: string): GraphResource {
  const resource = graph.resources.find((each) => each.type === type);
  if (resource === undefined) throw new Error(`The graph has no ${type}.`);
  return resource;
}

/** The program as with another `deploymentStrategy`: a second target group, and one rule with both. */
function shifting(graph: Graph, deploymentConfiguration: Record<string, unknown>): Graph {
  const quick = hurry(graph);
  const group = first(quick, TARGET_GROUP);
  const rule = first(quick, RULE);
  const alternate: GraphResource = {
    ...group,
    urn: `${group.urn}-alternate`,
    name: `${group.name}-alternate`,
    id: `${group.id}-alternate`,
    outputs: { ...group.outputs, arn: `${group.id}-alternate` },
  };
  const targetGroups = [
    { arn: group.id, weight: 1 },
    { arn: alternate.id, weight: 0 },
  ];
  const declared = change(
    change(quick, RULE, () => ({ actions: [{ type: "forward", forward: { targetGroups } }] })),
    SERVICE,
    ({ loadBalancers }) => ({
      alarms: undefined,
      deploymentCircuitBreaker: { enable: false, rollback: false },
      capacityProviderStrategies: [{ capacityProvider: "FARGATE_SPOT", weight: 1 }],
      deploymentConfiguration,
      loadBalancers: (loadBalancers as object[]).map((attachment) => ({
        ...attachment,
        advancedConfiguration: {
          alternateTargetGroupArn: alternate.id,
          productionListenerRule: rule.id,
          roleArn: "role",
        },
      })),
    }),
  );
  return { ...declared, resources: [...declared.resources, alternate] };
}

for (const [configuration, shares] of [
  [{ strategy: "BLUE_GREEN", bakeTimeInMinutes: "0.05" }, ["100"]],
  [
    {
      strategy: "CANARY",
      bakeTimeInMinutes: "0",
      canaryConfiguration: { canaryPercent: 20, canaryBakeTimeInMinutes: "0.05" },
    },
    ["20", "100"],
  ],
] as const) {
  test(`GIVEN a ${configuration.strategy} service on Spot under load WHEN it is deployed THEN its traffic moves in steps, and no call fails`, async (context) => {
    const observed = await observe(context, (graph) => shifting(graph, configuration));
    await observed.run.ready;
    const [endpoint] = observed.run.endpoints;
    const [service] = observed.run.services;
    assert.ok(endpoint !== undefined && service !== undefined);
    const load = startLoad(endpoint, 4, { repeat: false });
    await observed.run.deploy();
    await load.end();

    assert.deepEqual([...new Set(load.statuses)], [200]);
    assert.deepEqual(
      observed.happenings.flatMap(
        (text) => /^(\d+) % of the production traffic to revision 2$/u.exec(text)?.[1] ?? [],
      ),
      shares,
    );
    assert.deepEqual(
      service.tasks.map(({ revision, state }) => `${revision} ${state}`),
      ["2 healthy", "2 healthy"],
    );
    assert.deepEqual(
      service.deployments.map(({ revision, rolloutState, traffic }) => [
        revision,
        rolloutState,
        traffic,
      ]),
      [
        [2, "COMPLETED", 100],
        [1, "COMPLETED", 0],
      ],
    );
  });
}
