import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { restarts } from "../../../local/ecs/restart-policy.ts";

const POLICY = { enabled: true, ignoredExitCodes: [0, 42], restartAttemptPeriod: 300 };

describe("GIVEN a restart policy with a period of 300 seconds that ignores the codes 0 and 42", () => {
  const cases = [
    ["ran 300 seconds and failed", 1, 300, true],
    ["ran a moment less", 1, 299.9, false],
    ["ended with an ignored code", 42, 4000, false],
    ["ended well, which is ignored, too", 0, 4000, false],
    ["was killed", 137, 300, true],
  ] as const;
  for (const [what, exitCode, ranSeconds, restarted] of cases) {
    test(`WHEN the container ${what} THEN it is ${restarted ? "" : "not "}started again`, () => {
      assert.equal(restarts(POLICY, { exitCode, ranSeconds }), restarted);
    });
  }

  test("WHEN it is not enabled, or there is none THEN nothing is started again", () => {
    const end = { exitCode: 1, ranSeconds: 300 };
    assert.equal(restarts({ ...POLICY, enabled: false }, end), false);
    assert.equal(restarts(undefined, end), false);
  });
});
