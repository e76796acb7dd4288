import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { chooseTargetGroup } from "../../../local/balancer/weights.ts";
import { LoadBalancers } from "../../../local/balancer/load-balancers.ts";
import { LocalError } from "../../../local/graph/graph.ts";
import type { Rule } from "../../../local/graph/listeners.ts";
import { LostZones } from "../../../local/lost-zones.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { declaredLoadBalancer, get, GROUP, stand, target } from "./stand.ts";

/** How many of so many requests, spread evenly over what is random, go to each group. */
function sharesOf(weights: readonly number[], requests: number): number[] {
  const groups = weights.map((weight, index) => ({ targetGroupArn: String(index), weight }));
  const shares = weights.map(() => 0);
  for (let index = 0; index < requests; index++) {
    const chosen = chooseTargetGroup(groups, (index + 0.5) / requests);
    shares[Number(chosen)] = (shares[Number(chosen)] ?? 0) + 1;
  }
  return shares;
}

describe("GIVEN weighted target groups", () => {
  test("WHEN they weigh 10 and 10 THEN each gets half", () => {
    assert.deepEqual(sharesOf([10, 10], 300), [150, 150]);
  });
  test("WHEN they weigh 10 and 20 THEN they get a third and two thirds", () => {
    assert.deepEqual(sharesOf([10, 20], 300), [100, 200]);
  });
  test("WHEN one weighs 0 THEN it gets nothing, whatever is random", () => {
    assert.deepEqual(sharesOf([0, 5, 0], 300), [0, 300, 0]);
    assert.equal(chooseTargetGroup([{ targetGroupArn: "none", weight: 0 }], 0), undefined);
  });
});

const RULE: Rule = {
  arn: "arn:rule",
  name: "weather",
  priority: 1,
  conditions: [{ field: "path", values: ["/mcp"] }],
  action: {
    type: "forward",
    targets: [
      { targetGroupArn: GROUP, weight: 1 },
      { targetGroupArn: "arn:empty", weight: 0 },
    ],
  },
  validatesTokens: false,
};

describe("GIVEN a rule that a deployment shifts", () => {
  test("WHEN its weights change THEN requests follow, and a group without targets answers 503 for its share", async (context) => {
    const balancer = await stand(context, { rules: [RULE], random: () => 0.5 });
    await target(context, balancer, (_incoming, outgoing) => outgoing.end("fine"));
    assert.equal((await get(balancer.port, "/mcp")).status, 200);
    balancer.loadBalancer.setWeights("arn:rule", [
      { targetGroupArn: GROUP, weight: 0 },
      { targetGroupArn: "arn:empty", weight: 100 },
    ]);
    assert.equal((await get(balancer.port, "/mcp")).status, 503);
    assert.deepEqual(
      balancer.records.map(({ rule, targetGroup, status }) => [rule, targetGroup, status]),
      [
        ["weather", GROUP, 200],
        ["weather", "arn:empty", 503],
      ],
    );
    // What the program declares again does not move traffic back.
    balancer.loadBalancer.update(balancer.loadBalancer.declared);
    assert.equal((await get(balancer.port, "/mcp")).status, 503);
  });

  test("WHEN there is no such rule THEN a sentence says so", () => {
    const balancers = new LoadBalancers([declaredLoadBalancer()], {
      clock: new VirtualClock(),
      lostZones: new LostZones(),
      targetGroup: () => undefined,
    });
    assert.throws(() => {
      balancers.setWeights("arn:other", []);
    }, new LocalError("There is no listener rule `arn:other` to shift traffic with. Declare it in the program."));
  });
});
