import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { candidatesOf, isBreached, zonesOutOfDns } from "../../../local/balancer/candidates.ts";
import type { TargetState } from "../../../local/balancer/health.ts";
import type { TargetGroup } from "../../../local/graph/target-groups.ts";
import { declaredTargetGroup } from "./declared-target-group.ts";

interface Placed {
  readonly id: string;
  readonly zone: string;
  readonly state: TargetState;
}

function placed(id: string, zone: string, state: TargetState = "healthy"): Placed {
  return { id, zone, state };
}

/** Ten targets of a zone, of which so many are unhealthy. */
function ten(zone: string, unhealthy: number): Placed[] {
  return Array.from({ length: 10 }, (_, index) =>
    placed(`${zone}${index}`, zone, index < unhealthy ? "unhealthy" : "healthy"),
  );
}

function ids(
  targets: readonly Placed[],
  nodeZone: string,
  group: TargetGroup,
  shifted: readonly string[] = [],
): string[] {
  return candidatesOf(targets, nodeZone, group, new Set(shifted)).map(({ id }) => id);
}

/** The zones out of DNS where all nodes see the same. */
function outOfDns(
  zones: readonly string[],
  targets: readonly Placed[] | undefined,
  group: TargetGroup,
): string[] {
  return [...zonesOutOfDns(new Map(zones.map((zone) => [zone, targets])), group)];
}

describe("GIVEN targets in several states", () => {
  const group = declaredTargetGroup();

  test("WHEN some are healthy THEN only these are candidates, of all zones", () => {
    const targets = [
      placed("a", "a"),
      placed("b", "b", "unhealthy"),
      placed("c", "c"),
      placed("d", "a", "initial"),
      placed("e", "a", "draining"),
      placed("f", "z", "unused"),
    ];
    assert.deepEqual(ids(targets, "b", group), ["a", "c"]);
  });

  test("WHEN none is healthy THEN the group fails open to every registered one, but never to a draining or unused one", () => {
    const targets = [
      placed("a", "a", "unhealthy"),
      placed("b", "a", "draining"),
      placed("c", "b", "initial"),
      placed("d", "z", "unused"),
    ];
    assert.deepEqual(ids(targets, "a", group), ["a", "c"]);
  });

  test("WHEN only draining ones are left THEN there is none", () => {
    assert.deepEqual(ids([placed("a", "a", "draining")], "a", group), []);
  });

  test("WHEN cross-zone load balancing is off THEN a node has the targets of its own zone, and where there are none nothing", () => {
    const off = declaredTargetGroup({ crossZone: false });
    const targets = [placed("a", "a", "unhealthy"), placed("b", "b")];
    assert.deepEqual(
      ["a", "b", "c"].map((zone) => ids(targets, zone, off)),
      [["a"], ["b"], []],
    );
  });
});

// ELB guide, "Target group health": the worked example of two zones of ten targets, both thresholds at 50 %, of which six fail in b.
describe("GIVEN 10 targets in each of two zones, both thresholds at 50 %, and 6 unhealthy ones in b", () => {
  const half = { count: undefined, percentage: 50 };
  const health = { dnsFailover: half, unhealthyStateRouting: half };
  const targets = [...ten("a", 0), ...ten("b", 6)];

  test("WHEN cross-zone load balancing is off THEN a's node has its 10, b's is out of DNS and sends what still comes to all its 10", () => {
    const group = declaredTargetGroup({ crossZone: false, health });
    assert.equal(ids(targets, "a", group).length, 10);
    assert.deepEqual(
      ids(targets, "b", group),
      ten("b", 6).map(({ id }) => id),
    );
    assert.deepEqual(outOfDns(["a", "b"], targets, group), ["b"]);
  });

  test("WHEN it is on THEN 70 % are healthy: both nodes stay in DNS and send to the 14", () => {
    const group = declaredTargetGroup({ crossZone: true, health });
    for (const zone of ["a", "b"]) {
      const candidates = candidatesOf(targets, zone, group, new Set());
      assert.equal(candidates.length, 14);
      assert.ok(candidates.every(({ state }) => state === "healthy"));
    }
    assert.deepEqual(outOfDns(["a", "b"], targets, group), []);
  });
});

describe("GIVEN thresholds", () => {
  for (const [count, percentage, healthy, registered, breached] of [
    [1, undefined, 0, 5, true],
    [1, undefined, 1, 5, false],
    [3, undefined, 2, 5, true],
    [undefined, 50, 4, 10, true],
    [undefined, 50, 5, 10, false],
    [1, 50, 4, 10, true],
    [5, 10, 4, 10, true],
    [undefined, undefined, 0, 10, false],
  ] as const) {
    test(`WHEN the count is ${count ?? "off"} and the percentage ${percentage ?? "off"} THEN ${healthy} of ${registered} ${breached ? "breach" : "do not breach"} them`, () => {
      assert.equal(isBreached({ count, percentage }, healthy, registered), breached);
    });
  }
});

describe("GIVEN nodes in three zones without cross-zone load balancing", () => {
  const group = declaredTargetGroup({ crossZone: false });

  test("WHEN one zone has no healthy target THEN its node leaves DNS", () => {
    const targets = [placed("a", "a"), placed("b", "b", "unhealthy"), placed("c", "c")];
    assert.deepEqual(outOfDns(["a", "b", "c"], targets, group), ["b"]);
  });

  test("WHEN no zone has a healthy target THEN all nodes stay in DNS", () => {
    assert.deepEqual(outOfDns(["a", "b"], [placed("a", "a", "unhealthy")], group), []);
  });

  test("WHEN DNS failover is off THEN all nodes stay in DNS", () => {
    const off = { count: undefined, percentage: undefined };
    const health = { ...group.health, dnsFailover: off };
    assert.deepEqual(outOfDns(["a", "b"], [placed("a", "a")], { ...group, health }), []);
  });

  test("WHEN a node has no power THEN it is out of DNS", () => {
    const seen = [placed("a", "a"), placed("b", "b")];
    assert.deepEqual(
      [...zonesOutOfDns(new Map([["a", undefined], ["b", seen]]), group)], // prettier-ignore
      ["a"],
    );
  });
});

describe("GIVEN a zonal shift away from a", () => {
  const targets = [placed("a", "a"), placed("b", "b", "unhealthy"), placed("c", "c")];

  test("WHEN cross-zone load balancing is on THEN no node sends to the targets of a", () => {
    const group = declaredTargetGroup();
    assert.deepEqual([ids(targets, "a", group, ["a"]), ids(targets, "b", group, ["a"])], [["c"], ["c"]]); // prettier-ignore
  });

  test("WHEN it is off THEN the node of a keeps its targets for what still comes to it", () => {
    assert.deepEqual(ids(targets, "a", declaredTargetGroup({ crossZone: false }), ["a"]), ["a"]);
  });

  test("WHEN the group has targets in a alone THEN they keep their traffic", () => {
    assert.deepEqual(ids([placed("a", "a")], "b", declaredTargetGroup(), ["a"]), ["a"]);
  });
});
