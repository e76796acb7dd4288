import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { zoneToFill } from "../../../local/ecs/rebalancing.ts";

const fill = (zones: string, occupied: string, maximumPercent = 200): string | undefined =>
  zoneToFill({ zones: Array.from(zones), occupied: Array.from(occupied), maximumPercent });

describe("GIVEN AWS's examples of an even spread", () => {
  for (const [zones, occupied, zone] of [
    ["ab", "ab", undefined],
    ["ab", "aa", "b"],
    ["ab", "abb", undefined],
    ["ab", "aaa", "b"],
    ["abc", "abbcc", undefined],
    ["abc", "aabbb", "c"],
    ["abc", "aaabc", "b"],
    ["a", "aaa", undefined],
    ["", "", undefined],
  ] as const) {
    test(`WHEN \`${occupied}\` run over \`${zones}\` THEN ${zone === undefined ? "nothing moves" : `one starts in ${zone}`}`, () => {
      assert.equal(fill(zones, occupied), zone);
    });
  }
  test("WHEN the maximum is 100 % THEN nothing moves, as there is no room", () => {
    assert.equal(fill("ab", "aa", 100), undefined);
    assert.equal(fill("ab", "aa", 101), "b");
  });
});
