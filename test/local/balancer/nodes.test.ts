import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settled } from "../virtual-clock.ts";
import { nextIds, stand, type Stand } from "./running-target-group.ts";

const NODES = ["a", "b", "c"];

/** Each of three nodes has its moment 2 s after the one before. */
const EVERY_SIX_SECONDS = {
  healthCheck: {
    path: "/readyz",
    port: "traffic-port",
    matcher: "200",
    intervalSeconds: 6,
    timeoutSeconds: 2,
    healthyThreshold: 2,
    unhealthyThreshold: 2,
  },
} as const;

/** Registers well targets in zones, and lets every node check them. */
async function registered(
  { clock, group, well }: Stand,
  targets: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [id, zone] of Object.entries(targets)) {
    well.add(id);
    group.register(id, "127.0.0.1", 8080, zone);
  }
  await settled();
  await clock.advance(5000);
}

function views({ group }: Stand, id: string): string[] {
  const target = group.targets.find((each) => each.id === id);
  return (target?.nodes ?? []).map(({ zone, state }) => `${zone} ${state}`);
}

describe("GIVEN nodes in three zones with checks every 6 s", () => {
  const declared = EVERY_SIX_SECONDS;

  test("WHEN a target is registered THEN each node checks it on its own, spread over the interval", async () => {
    const { clock, group, well, checks, changes } = stand({ nodeZones: NODES, declared });
    well.add("one");
    group.register("one", "127.0.0.1", 8080, "a");
    await settled();
    await clock.advance(9999);
    assert.deepEqual(checks, ["0 one", "2000 one", "4000 one", "6000 one", "8000 one"]);
    assert.deepEqual(changes, ["4000 one healthy"]);
    group.close();
  });

  test("WHEN it dies THEN the nodes disagree for a while, and it is told as unhealthy when all have seen it", async () => {
    const running = stand({ nodeZones: NODES, declared });
    const { clock, group, well, changes } = running;
    await registered(running, { one: "a", two: "b" });
    well.delete("one");
    await clock.advance(7000); // 12 s: a has failed twice.
    assert.deepEqual(views(running, "one"), ["a unhealthy", "b healthy", "c healthy"]);
    assert.equal(group.state("one"), "healthy");
    assert.deepEqual(nextIds(group, 2, "a"), ["two", "two"]);
    assert.deepEqual(nextIds(group, 2, "b"), ["one", "two"]);
    await clock.advance(4000);
    assert.equal(changes.at(-1), "16000 one unhealthy");
    group.close();
  });
});

describe("GIVEN state of the nodes' own", () => {
  test("WHEN requests come by several nodes THEN each takes its own turns", async () => {
    const running = stand({ nodeZones: NODES });
    const { group } = running;
    await registered(running, { one: "a", two: "b" });
    assert.deepEqual(nextIds(group, 1, "a"), ["one"]);
    assert.deepEqual(nextIds(group, 1, "b"), ["one"]);
    assert.deepEqual(nextIds(group, 1, "a"), ["two"]);
    group.close();
  });

  test("WHEN a node looks for the fewest outstanding requests THEN it knows only of its own", async () => {
    const running = stand({
      nodeZones: NODES,
      declared: { algorithm: "least_outstanding_requests" },
    });
    const { group } = running;
    await registered(running, { one: "a", two: "b" });
    const destination = group.next("a");
    assert.ok(destination !== undefined);
    assert.equal(destination.target.id, "one");
    destination.target.outstanding = 5;
    assert.deepEqual(nextIds(group, 2, "a"), ["two", "two"]);
    assert.deepEqual(nextIds(group, 2, "b"), ["one", "two"]);
    group.close();
  });

  test("WHEN two nodes send to one target THEN each has connections of its own", async () => {
    const running = stand({ nodeZones: NODES });
    const { group } = running;
    await registered(running, { one: "a" });
    assert.notEqual(group.next("a")?.agent, group.next("b")?.agent);
    assert.equal(group.next("a")?.agent, group.next("a")?.agent);
    group.close();
  });

  test("WHEN a request comes by a zone that the load balancer does not have THEN there is no target", async () => {
    const running = stand({ nodeZones: NODES });
    await registered(running, { one: "a" });
    assert.equal(running.group.next("z"), undefined);
    running.group.close();
  });
});

// ELB guide, "How Elastic Load Balancing works": 2 targets in zone a, 8 in zone b, half of the requests to each node.
describe("GIVEN 2 targets in one zone and 8 in the other", () => {
  const targets = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [`t${index}`, index < 2 ? "a" : "b"]),
  );
  for (const [crossZone, percent] of [
    [true, [10, 10]],
    [false, [25, 6.25]],
  ] as const) {
    test(`WHEN cross-zone load balancing is ${crossZone ? "on" : "off"} THEN those of a get ${percent[0]} % each, those of b ${percent[1]} %`, async () => {
      const running = stand({ nodeZones: ["a", "b"], declared: { crossZone } });
      await registered(running, targets);
      const ids = [...nextIds(running.group, 80, "a"), ...nextIds(running.group, 80, "b")];
      for (const [id, zone] of Object.entries(targets)) {
        const share = (100 * ids.filter((other) => other === id).length) / 160;
        assert.equal(share, zone === "a" ? percent[0] : percent[1], id);
      }
      running.group.close();
    });
  }
});

describe("GIVEN a zone that loses power", () => {
  test("WHEN a live node checks a target there THEN its checks time out, and it is unhealthy after two of them", async () => {
    const running = stand({ nodeZones: NODES, declared: EVERY_SIX_SECONDS });
    const { clock, group, lostZones, changes } = running;
    await registered(running, { one: "a", two: "b" });
    lostZones.lose("a");
    // b asks in vain at 8 and 14 s, c at 10 and 16 s, and each waits for 2 s.
    await clock.advance(12_999);
    assert.deepEqual(views(running, "one"), ["a healthy", "b unhealthy", "c healthy"]);
    assert.equal(group.state("one"), "healthy");
    await clock.advance(1);
    assert.equal(changes.at(-1), "18000 one unhealthy");
    assert.deepEqual(nextIds(group, 2, "b"), ["two", "two"]);
    group.close();
  });

  test("WHEN its node is asked THEN it checks nothing, and what it thinks does not count", async () => {
    const running = stand({ nodeZones: ["a", "b"] });
    const { clock, group, lostZones, well, checks } = running;
    await registered(running, { one: "b" });
    lostZones.lose("a");
    const before = checks.length;
    well.delete("one");
    await clock.advance(10_000);
    assert.equal(checks.length - before, 2);
    assert.deepEqual(views(running, "one"), ["a healthy", "b unhealthy"]);
    assert.equal(group.state("one"), "unhealthy");
    group.close();
  });

  test("WHEN an answer was under way THEN it is lost, and its check fails at the timeout", async () => {
    const { clock, group, lostZones, well, changes } = stand({ nodeZones: ["a", "b"] });
    well.add("one");
    group.register("one", "127.0.0.1", 8080, "b");
    lostZones.lose("b");
    await settled();
    await clock.advance(6999);
    assert.deepEqual(changes, []);
    await clock.advance(1);
    assert.deepEqual(changes, ["7000 one unhealthy"]);
    group.close();
  });

  test("WHEN a check would go there THEN nothing is sent", async () => {
    const { clock, group, lostZones, checks } = stand({ nodeZones: ["a", "b"] });
    lostZones.lose("b");
    group.register("one", "127.0.0.1", 8080, "b");
    await clock.advance(10_000);
    assert.deepEqual(checks, []);
    assert.equal(group.state("one"), "unhealthy");
    group.close();
  });

  test("WHEN the power is back THEN its node knows nothing yet and begins with its next checks", async () => {
    const running = stand({ nodeZones: ["a", "b"] });
    const { clock, group, lostZones } = running;
    await registered(running, { one: "b", two: "b" });
    lostZones.lose("a");
    await clock.advance(10_000);
    lostZones.restore("a");
    assert.deepEqual(views(running, "one"), ["a initial", "b healthy"]);
    assert.equal(group.state("one"), "healthy");
    await clock.advance(5000);
    assert.deepEqual(views(running, "one"), ["a healthy", "b healthy"]);
    group.close();
  });

  test("WHEN it is lost THEN its node is out of DNS, unless all are", async () => {
    const running = stand({ nodeZones: ["a", "b"] });
    const { group, lostZones } = running;
    await registered(running, { one: "b" });
    lostZones.lose("a");
    assert.deepEqual([group.isInDns("a"), group.isInDns("b")], [false, true]);
    lostZones.lose("b");
    assert.deepEqual([group.isInDns("a"), group.isInDns("b")], [true, true]);
    group.close();
  });
});

describe("GIVEN a zonal shift", () => {
  test("WHEN it is on THEN no node sends there, and WHEN it ends THEN they do again", async () => {
    const running = stand({ nodeZones: NODES });
    const { group } = running;
    await registered(running, { one: "a", two: "b" });
    group.shift("a");
    assert.deepEqual([...nextIds(group, 2, "b"), ...nextIds(group, 1, "a")], ["two", "two", "two"]);
    group.unshift("a");
    assert.deepEqual(nextIds(group, 2, "c"), ["one", "two"]);
    group.close();
  });
});

describe("GIVEN counts of hosts, once a minute", () => {
  test("WHEN one of two targets fails THEN every live node reports it, for all zones and for each", async () => {
    const running = stand({ nodeZones: ["a", "b"] });
    const { clock, group, well, samples } = running;
    await registered(running, { one: "a", two: "b" });
    well.delete("two");
    await clock.advance(55_000);
    const ofNode = [
      "60000 all HealthyHostCount 1",
      "60000 all UnHealthyHostCount 1",
      "60000 a HealthyHostCount 1",
      "60000 a UnHealthyHostCount 0",
      "60000 b HealthyHostCount 0",
      "60000 b UnHealthyHostCount 1",
    ];
    assert.deepEqual(samples, [...ofNode, ...ofNode]);
    group.close();
  });

  test("WHEN a target drains THEN it counts as neither, and a group without others reports nothing", async () => {
    const running = stand({ nodeZones: ["a"] });
    const { clock, group, samples } = running;
    await registered(running, { one: "a", two: "a" });
    group.deregister("one", () => undefined);
    await clock.advance(55_000);
    group.deregister("two", () => undefined);
    await clock.advance(60_000);
    assert.deepEqual(
      samples.filter((sample) => sample.includes(" all ")),
      ["60000 all HealthyHostCount 1", "60000 all UnHealthyHostCount 0"],
    );
    group.close();
  });

  test("WHEN a zone has no power THEN its node reports nothing", async () => {
    const running = stand({ nodeZones: ["a", "b"] });
    const { clock, group, lostZones, samples } = running;
    await registered(running, { one: "b" });
    lostZones.lose("a");
    await clock.advance(55_000);
    assert.equal(samples.filter((sample) => sample.includes(" all Healthy")).length, 1);
    group.close();
  });
});
