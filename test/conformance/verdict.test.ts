import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Requirements } from "./requirements.ts";
import type { Check, SuiteResult } from "./suite.ts";
import { judge } from "./verdict.ts";

const requirements: Requirements = {
  revision: "2026-07-28",
  scored: 3,
  expectedFailures: ["sampling"],
  expectedWarnings: ["streams:session"],
  unscored: { headers: 2 },
};
const scored = ["ping", "sampling", "streams"];

const check = (id: string, status: Check["status"], errorMessage?: string): Check => ({
  id,
  name: id,
  description: `What ${id} is about`,
  status,
  ...(errorMessage === undefined ? {} : { errorMessage }),
});

const content: Readonly<Record<string, readonly Check[]>> = {
  ping: [check("answers", "SUCCESS"), check("wire", "SUCCESS")],
  sampling: [check("asks", "FAILURE", "It did not ask.")],
  streams: [check("session", "WARNING")],
  headers: [check("method", "SUCCESS"), check("name", "SUCCESS")],
};

const judged = (
  changes: Readonly<Record<string, readonly Check[]>> = {},
  rest: Partial<SuiteResult> = {},
) =>
  judge(requirements, scored, ["ping:slow"], {
    exitCode: 0,
    lastLines: "",
    seconds: 1,
    scenarios: new Map(Object.entries({ ...content, ...changes })),
    ...rest,
  });

describe("GIVEN a run of the suite", () => {
  test("WHEN all is as it has to be THEN the counts are told and nothing is wrong", () => {
    assert.deepEqual(judged(), {
      passed: 2,
      scored: 3,
      checks: { passed: 2, failed: 1, warnings: 1 },
      unscored: { headers: 2 },
      problems: [],
    });
  });

  const mistakes: [what: string, run: () => ReturnType<typeof judge>, problems: string[]][] = [
    [
      "a scenario fails",
      () => judged({ ping: [check("answers", "FAILURE", "No answer.")] }),
      ["`ping` does not pass.\n    FAILURE answers: What answers is about\n      No answer."],
    ],
    ["a scenario has no checks", () => judged({ ping: [] }), ["`ping` was not run."]],
    [
      "an expected failure passes",
      () => judged({ sampling: [check("asks", "SUCCESS")] }),
      ["`sampling` passes, and is expected to fail."],
    ],
    [
      "a scenario warns",
      () => judged({ ping: [check("answers", "SUCCESS"), check("order", "WARNING")] }),
      ["`ping` warns.\n    WARNING order: What order is about"],
    ],
    [
      "an expected warning has gone",
      () => judged({ streams: [check("session", "SUCCESS")] }),
      ["`streams:session` is expected to warn, and does not."],
    ],
    [
      "an unscored scenario has lost a check",
      () => judged({ headers: [check("method", "SUCCESS")] }),
      [
        "`headers` does not pass.\n    1 of 1 checks passed; there have to be 2, and all have to pass.",
      ],
    ],
    [
      "an unscored scenario was not run",
      () => judged({ headers: [] }),
      [
        "`headers` was not run.\n    0 of 0 checks passed; there have to be 2, and all have to pass.",
      ],
    ],
    [
      "the suite ends badly for a reason that no check tells",
      () => judged({}, { exitCode: 1, lastLines: "Out of memory" }),
      ["The suite ended with exit code 1:\nOut of memory"],
    ],
  ];
  for (const [what, run, problems] of mistakes) {
    test(`WHEN ${what} THEN that is the problem`, () => {
      assert.deepEqual(run().problems, problems);
    });
  }

  test("WHEN a check warns that may THEN nothing is wrong", () => {
    const verdict = judged({ ping: [check("answers", "SUCCESS"), check("slow", "WARNING")] });
    assert.deepEqual(verdict.problems, []);
  });

  test("WHEN the suite's list has lost a scenario THEN that is the problem", () => {
    const { problems } = judge(requirements, ["ping", "streams"], [], {
      exitCode: 0,
      lastLines: "",
      seconds: 1,
      scenarios: new Map(Object.entries(content)),
    });
    assert.deepEqual(problems, ["The suite's list for 2026-07-28 scores 2 scenarios, not 3."]);
  });
});
