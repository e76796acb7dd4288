import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { PROGRAMS } from "../../engine/programs.ts";
import { deploy } from "../mocks.ts";
import { assertInvariants, violations } from "./invariants.ts";
import { outcomeOf } from "./outcome.ts";
import { randomProgram } from "./random-programs.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "engine", "programs");

describe("GIVEN a program of the repository WHEN it is deployed THEN it breaks no rule of the table", () => {
  for (const { name, run, config } of PROGRAMS) {
    test(name, async () => {
      const prefixed = Object.entries(config).map(([key, value]) => [
        key.includes(":") ? key : `tools:${key}`,
        value,
      ]);
      assertInvariants(
        await deploy(run, { config: Object.fromEntries(prefixed) as Record<string, string> }),
      );
    });
  }
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".ts"))) {
    test(file, async () => {
      const { resources } = await deploy(() => import(join(FOLDER, file)));
      assert.deepEqual(violations(resources), []);
    });
  }
});

const PROGRAMS_MADE = 100;

test("GIVEN arguments put together at random WHEN they are deployed THEN they are refused in a sentence, or break no rule of the table", async () => {
  let refused = 0;
  for (let seed = 1; seed <= PROGRAMS_MADE; seed += 1) {
    const { run, text } = randomProgram(seed);
    const { declaration, sentences } = await outcomeOf(run);
    if (sentences.length > 0) {
      refused += 1;
      continue;
    }
    assert.ok(declaration !== undefined, text);
    assert.deepEqual(violations(declaration.resources), [], text);
    declaration.assertNothingUndefined();
    declaration.assertUrnsUnique();
  }
  // Neither all nor none: both ways are walked often enough.
  assert.ok(refused > PROGRAMS_MADE / 10 && refused < (PROGRAMS_MADE * 9) / 10, String(refused));
});
