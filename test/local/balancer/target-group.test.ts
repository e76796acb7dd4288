import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settled } from "../virtual-clock.ts";
import { declaredTargetGroup } from "./declared-target-group.ts";
import { nextIds, stand } from "./running-target-group.ts";

describe("GIVEN a target group with checks every 5 s, and one node", () => {
  test("WHEN a target is registered THEN it is checked at once and then at the fixed interval", async () => {
    const { clock, group, well, checks, changes } = stand();
    well.add("one");
    group.register("one", "127.0.0.1", 8080, "a");
    await settled();
    await clock.advance(10_000);
    assert.deepEqual(checks, ["0 one", "5000 one", "10000 one"]);
    assert.deepEqual(changes, ["0 one healthy"]);
    group.close();
  });

  test("WHEN a target refuses connections THEN it has traffic until the second failed check, 5 to 10 s later", async () => {
    const { clock, group, well, changes } = stand();
    well.add("one").add("two");
    group.register("one", "127.0.0.1", 8080, "a");
    group.register("two", "127.0.0.2", 8080, "a");
    await settled();
    well.delete("one");
    await clock.advance(9999);
    assert.deepEqual(nextIds(group, 2), ["one", "two"]);
    await clock.advance(1);
    assert.deepEqual(nextIds(group, 2), ["two", "two"]);
    assert.equal(changes.at(-1), "10000 one unhealthy");
    group.close();
  });

  test("WHEN a target does not answer THEN the timeout of 2 s comes on top, and shifts no check", async () => {
    const { clock, group, well, silent, checks, changes } = stand();
    well.add("one");
    group.register("one", "127.0.0.1", 8080, "a");
    await settled();
    silent.add("one");
    await clock.advance(12_000);
    assert.deepEqual(checks, ["0 one", "5000 one", "10000 one"]);
    assert.deepEqual(changes, ["0 one healthy", "12000 one unhealthy"]);
    group.close();
  });

  test("WHEN the clock is 20 times faster than the machine THEN a live target has a second of the machine for its answer, and the interval stays", async () => {
    const { clock, group, well, silent, checks, changes } = stand({ speed: 20 });
    well.add("one");
    group.register("one", "127.0.0.1", 8080, "a");
    await settled();
    silent.add("one");
    await clock.advance(30_000);
    assert.deepEqual(checks.slice(0, 4), ["0 one", "5000 one", "10000 one", "15000 one"]);
    // Checks of 5 and 10 s fail 20 s later.
    assert.deepEqual(changes, ["0 one healthy", "30000 one unhealthy"]);
    group.close();
  });

  test("WHEN the clock is that fast and the target's zone loses power THEN the declared timeout holds", async () => {
    const { clock, lostZones, group, well, changes } = stand({
      speed: 20,
      nodeZones: ["a", "b"],
    });
    well.add("one");
    group.register("one", "127.0.0.1", 8080, "b");
    await settled();
    lostZones.lose("b");
    await clock.advance(12_000);
    assert.deepEqual(changes, ["0 one healthy", "12000 one unhealthy"]);
    group.close();
  });

  test("WHEN settings change THEN the next check has them", async () => {
    const { clock, group, well, checks } = stand();
    well.add("one");
    group.register("one", "127.0.0.1", 8080, "a");
    const declared = declaredTargetGroup();
    group.update({ ...declared, healthCheck: { ...declared.healthCheck, intervalSeconds: 10 } });
    await clock.advance(20_000);
    assert.deepEqual(checks, ["0 one", "5000 one", "15000 one"]);
    group.close();
  });

  test("WHEN a check answers after its target has gone THEN nothing happens", async () => {
    const { group, well, changes } = stand();
    well.add("one");
    group.register("one", "127.0.0.1", 8080, "a");
    group.close();
    await settled();
    assert.deepEqual(changes, []);
  });

  test("WHEN a target is in a zone that the load balancer does not have THEN it is unused: no checks, no traffic", async () => {
    const { clock, group, well, checks } = stand();
    well.add("one");
    group.register("one", "127.0.0.1", 8080, "z");
    await clock.advance(10_000);
    assert.deepEqual(checks, []);
    assert.equal(group.state("one"), "unused");
    assert.equal(group.next(), undefined);
    group.close();
  });
});

describe("GIVEN a target that is deregistered, with a delay of 60 s", () => {
  test("WHEN nothing is in flight THEN it has nothing new, and is let go when the whole delay is over", async () => {
    const { clock, group, well, checks, changes } = stand();
    well.add("one").add("two");
    group.register("one", "127.0.0.1", 8080, "a");
    group.register("two", "127.0.0.2", 8080, "a");
    await settled();
    let drainedAt = -1;
    group.deregister("one", () => (drainedAt = clock.now()));
    assert.deepEqual(nextIds(group, 2), ["two", "two"]);
    assert.equal(changes.at(-1), "0 one draining");
    await clock.advance(59_999);
    assert.deepEqual(
      group.targets.map(({ id, state }) => `${id} ${state}`),
      ["one draining", "two healthy"],
    );
    assert.equal(drainedAt, -1);
    await clock.advance(1);
    assert.deepEqual([group.state("one"), group.state("two")], ["unused", "healthy"]);
    assert.equal(drainedAt, 60_000);
    assert.equal(checks.filter((check) => check.endsWith("one")).length, 1);
    group.close();
  });

  test("WHEN it is the last one THEN requests get a 503 and not a draining target", async () => {
    const { group, well } = stand();
    well.add("one");
    group.register("one", "127.0.0.1", 8080, "a");
    await settled();
    group.deregister("one", () => undefined);
    assert.equal(group.next(), undefined);
    group.close();
  });

  test("WHEN the delay is 0 THEN it is let go at once", async () => {
    const { clock, group } = stand({ declared: { deregistrationDelaySeconds: 0 } });
    group.register("one", "127.0.0.1", 8080, "a");
    let drainedAt = -1;
    group.deregister("one", () => (drainedAt = clock.now()));
    await clock.advance(0);
    assert.equal(drainedAt, 0);
    assert.deepEqual(group.targets, []);
    group.close();
  });

  test("WHEN it is registered again meanwhile THEN the end of the old delay does not end the new registration", async () => {
    const { clock, group, well } = stand();
    well.add("one");
    group.register("one", "127.0.0.1", 8080, "a");
    group.deregister("one", () => undefined);
    await clock.advance(10_000);
    group.register("one", "127.0.0.1", 8080, "a");
    await clock.advance(50_000);
    assert.equal(group.state("one"), "healthy");
    group.close();
  });
});

describe("GIVEN slow start of 60 s", () => {
  const declared = { slowStartSeconds: 60 };
  const shareOf = (id: string, ids: readonly string[]): number =>
    ids.filter((other) => other === id).length;

  test("WHEN a fourth target joins three old ones THEN a quarter of the time later it has 0.25 of 3.25", async () => {
    const { clock, group, well } = stand({ declared });
    for (const id of ["one", "two", "three", "four"]) {
      well.add(id);
      if (id === "four") await clock.advance(100_000);
      group.register(id, "127.0.0.1", 8080, "a");
      await settled();
    }
    assert.equal(shareOf("four", nextIds(group, 12)), 0);
    await clock.advance(15_000);
    assert.equal(shareOf("four", nextIds(group, 13)), 1);
    await clock.advance(45_000);
    assert.equal(shareOf("four", nextIds(group, 12)), 3);
    group.close();
  });

  test("WHEN a target falls ill and recovers THEN it enters again", async () => {
    const { clock, group, well } = stand({ declared });
    for (const id of ["one", "two"]) {
      well.add(id);
      group.register(id, "127.0.0.1", 8080, "a");
      await settled();
    }
    await clock.advance(100_000);
    well.delete("two");
    await clock.advance(10_000);
    assert.equal(group.state("two"), "unhealthy");
    well.add("two");
    await clock.advance(10_000);
    assert.equal(group.state("two"), "healthy");
    assert.equal(shareOf("two", nextIds(group, 10)), 0);
    await clock.advance(30_000);
    assert.equal(shareOf("two", nextIds(group, 9)), 3);
    group.close();
  });

  test("WHEN the group was empty THEN the first target has a full share at once", async () => {
    const { group, well } = stand({ declared });
    well.add("one");
    group.register("one", "127.0.0.1", 8080, "a");
    await settled();
    well.add("two");
    group.register("two", "127.0.0.1", 8080, "a");
    await settled();
    assert.deepEqual(nextIds(group, 3), ["one", "one", "one"]);
    group.close();
  });
});

describe("GIVEN weighted random with anomaly mitigation, and three targets of which one fails", () => {
  const fail = (ids: readonly string[], group: ReturnType<typeof stand>["group"]): void => {
    for (let count = 0; count < 30; count++) {
      const destination = group.next();
      destination?.ended(ids.includes(destination.target.id));
    }
  };
  const turning = (): (() => number) => {
    let turn = 0;
    return () => (turn++ % 30) / 30;
  };

  for (const [anomalyMitigation, counts] of [
    [true, [6, 12, 12]],
    [false, [10, 10, 10]],
  ] as const) {
    test(`WHEN 5 s have passed THEN it is anomalous, and its share ${anomalyMitigation ? "is lowered" : "stays, with mitigation off"}`, async () => {
      const { clock, group, well } = stand({
        declared: { algorithm: "weighted_random", anomalyMitigation },
        random: turning(),
      });
      for (const id of ["one", "two", "three"]) {
        well.add(id);
        group.register(id, "127.0.0.1", 8080, "a");
      }
      await settled();
      fail(["one"], group);
      await clock.advance(5000);
      assert.deepEqual(
        group.targets.map(({ nodes }) => nodes.map(({ anomalous }) => anomalous)),
        [[true], [false], [false]],
      );
      const ids = nextIds(group, 30);
      assert.deepEqual(
        ["one", "two", "three"].map((id) => ids.filter((other) => other === id).length),
        counts,
      );
      group.close();
    });
  }
});

describe("GIVEN the target optimizer with two requests a target", () => {
  test("WHEN both nodes together have sent as many THEN neither sends more, and the next request gets a 503", async () => {
    const { group, clock, well } = stand({
      nodeZones: ["a", "b"],
      declared: { maxConcurrency: 2 },
    });
    well.add("one");
    group.register("one", "127.0.0.1", 8080, "a");
    await clock.advance(5000);
    for (const zone of ["a", "b"]) {
      const destination = group.next(zone);
      assert.ok(destination !== undefined);
      destination.target.outstanding++;
    }
    assert.deepEqual([group.next("a"), group.next("b")], [undefined, undefined]);
    assert.equal(group.targets[0]?.outstanding, 2);
    group.close();
  });
});
