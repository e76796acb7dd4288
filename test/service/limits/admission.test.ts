import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createAdmission } from "../../../service/runtime/limits/admission.ts";

describe("GIVEN room for three", () => {
  test("WHEN it is taken THEN the next is refused until some is given back", () => {
    const admission = createAdmission(3);
    const releases = [admission.admit(), admission.admit(), admission.admit()];
    assert.equal(admission.ongoing, 3);
    assert.equal(admission.admit(), undefined);
    releases[1]?.();
    assert.equal(admission.ongoing, 2);
    assert.notEqual(admission.admit(), undefined);
    assert.equal(admission.admit(), undefined);
  });

  test("WHEN room is given back twice THEN it counts once", () => {
    const admission = createAdmission(3);
    const first = admission.admit(2);
    admission.admit();
    first?.();
    first?.();
    assert.equal(admission.ongoing, 1);
  });

  test("WHEN something heavy comes THEN it gets in only if all of it fits, and a refusal takes nothing", () => {
    const admission = createAdmission(3);
    const light = admission.admit();
    assert.equal(admission.admit(3), undefined);
    assert.equal(admission.ongoing, 1);
    light?.();
    const heavy = admission.admit(3);
    assert.equal(admission.ongoing, 3);
    heavy?.();
    assert.equal(admission.ongoing, 0);
    assert.equal(admission.admit(4), undefined);
  });
});

for (const value of [0, -1, 1.5, Number.NaN, Infinity]) {
  test(`GIVEN ${value} WHEN it is meant to be a count THEN it is refused by name`, () => {
    assert.throws(() => createAdmission(value), {
      name: "RangeError",
      message: `\`most\` is \`${value}\`, but must be a whole number of at least 1: it counts what is worked on at once.`,
    });
    assert.throws(() => createAdmission(1).admit(value), {
      message: /^`weight` is `.*`, but must be/u,
    });
  });
}
