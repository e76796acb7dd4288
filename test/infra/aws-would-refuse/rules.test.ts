import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BALANCER_MISTAKES } from "./balancer.ts";
import { CAPACITY_MISTAKES } from "./capacity.ts";
import { EDGE_MISTAKES } from "./edge.ts";
import { outcomeOf } from "./outcome.ts";
import { SIDECAR_MISTAKES } from "./sidecars.ts";
import { TASK_MISTAKES } from "./task.ts";

const MISTAKES = [
  ...TASK_MISTAKES,
  ...SIDECAR_MISTAKES,
  ...CAPACITY_MISTAKES,
  ...BALANCER_MISTAKES,
  ...EDGE_MISTAKES,
];

/** What no program can get wrong, and why; `invariants.ts` asserts it of every graph that the tests declare. */
const IMPOSSIBLE: Readonly<Record<number, string>> = {
  7: "the component sets interval, timeout and retries itself, and caps the start period",
  8: "the component sets the target group's check itself",
  9: "container, port and target type come from the same values",
  11: "the component gives a strategy alone",
  14: "the component turns on all three",
  15: "each capacity has a group of its own, without weights",
  16: "the component places on EC2 alone",
  20: "the component makes both groups, the rule and the role",
  22: "the component mounts what the agent writes to",
  24: "the component makes the steps from the target",
  25: "the component sets the periods",
  26: "the component writes the expressions",
  29: "the component leaves the addresses to IPv4",
  30: "the component takes round robin, without slow start",
  33: "there are no such actions",
  35: "the component sets redirect and answer",
  40: "the component takes the scope from the exposure",
  42: "no component makes a user pool",
  43: "no component makes a user pool's client",
  44: "no component makes a resource server",
  45: "the component sets the window, and Pulumi's suffix has seven characters",
  48: "the component makes the repository, after a checked name, with tags that move",
  49: "the component turns both on",
  50: "the component makes a regional gateway, awsx makes the others",
  55: "the image is built for the architecture that the task definition names; of a given image nothing is known",
};

for (const { rule, what, program, sentence, answers = {} } of MISTAKES) {
  test(`GIVEN ${what} (rule ${rule}) WHEN a program is previewed THEN it is refused in a sentence`, async () => {
    const { sentences } = await outcomeOf(program, { preview: true, answers });
    assert.deepEqual(sentences, [sentence]);
  });
}

describe("GIVEN the table WHEN its rules are counted THEN each is planted or impossible", () => {
  const planted = new Set(MISTAKES.map(({ rule }) => rule));
  for (let rule = 1; rule <= 56; rule += 1) {
    test(`rule ${rule}`, () => {
      assert.equal(planted.has(rule), IMPOSSIBLE[rule] === undefined);
    });
  }
});
