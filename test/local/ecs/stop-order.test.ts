import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inStopOrder } from "../../../local/ecs/stop-order.ts";

const order = (zones: string, random: () => number): string =>
  inStopOrder(
    Array.from(zones).map((zone, index) => ({ id: `${zone}${index}`, zone })),
    random,
  )
    .map(({ id }) => id)
    .join(" ");

describe("GIVEN tasks in three zones", () => {
  test("WHEN one zone has more than the others THEN its tasks go first, until the zones are even", () => {
    assert.equal(
      order("abbbc", () => 0),
      "b1 b2 a0 b3 c4",
    );
  });
  test("WHEN a zone has several THEN which of them goes is random", () => {
    assert.equal(
      order("abbb", () => 0.99),
      "b3 b2 a0 b1",
    );
  });
  test("WHEN there is none THEN nothing goes", () => {
    assert.equal(
      order("", () => 0),
      "",
    );
  });
});
