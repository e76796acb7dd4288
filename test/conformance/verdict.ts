import type { Requirements } from "./requirements.ts";
import type { Check, SuiteResult } from "./suite.ts";

/** Whether a run of the suite is what it has to be. */
export interface Verdict {
  /** How many of the scored scenarios passed. */
  readonly passed: number;
  readonly scored: number;
  /** Over the scored scenarios. */
  readonly checks: { readonly passed: number; readonly failed: number; readonly warnings: number };
  /** For each unscored scenario that has to pass: how many of its checks did. */
  readonly unscored: Readonly<Record<string, number>>;
  /** What is not as it has to be; empty where all is. */
  readonly problems: readonly string[];
}

/**
 * Judges a run of the suite. It counts for itself, so that a scenario which is no longer run, or has lost its checks, is no pass.
 *
 * @param scored the scenarios of the suite's frozen list.
 * @param possibleWarnings the checks that may end with a warning beside those that must.
 */
export function judge(
  requirements: Requirements,
  scored: readonly string[],
  possibleWarnings: readonly string[],
  result: SuiteResult,
): Verdict {
  const { expectedFailures, expectedWarnings, revision } = requirements;
  const checksOf = (scenario: string): readonly Check[] => result.scenarios.get(scenario) ?? [];
  // As the suite has it: a scenario passes if none of its checks fails.
  const passed = scored.filter((scenario) => {
    const checks = checksOf(scenario);
    return checks.length > 0 && withStatus(checks, "FAILURE").length === 0;
  });
  const problems: string[] = [];

  if (scored.length !== requirements.scored) {
    problems.push(
      `The suite's list for ${revision} scores ${scored.length} scenarios, not ${requirements.scored}.`,
    );
  }
  for (const scenario of scored) {
    const hasPassed = passed.includes(scenario);
    if (expectedFailures.includes(scenario)) {
      if (hasPassed) problems.push(`\`${scenario}\` passes, and is expected to fail.`);
    } else if (!hasPassed) {
      problems.push(failure(scenario, checksOf(scenario)));
    }
  }
  const warnings = scored
    .filter((scenario) => !expectedFailures.includes(scenario))
    .flatMap((scenario) =>
      withStatus(checksOf(scenario), "WARNING").map((check) => ({ scenario, check })),
    );
  for (const { scenario, check } of warnings) {
    if ([...expectedWarnings, ...possibleWarnings].includes(`${scenario}:${check.id}`)) continue;
    problems.push(`\`${scenario}\` warns.${detail(check)}`);
  }
  for (const expected of expectedWarnings) {
    if (warnings.some(({ scenario, check }) => `${scenario}:${check.id}` === expected)) continue;
    problems.push(`\`${expected}\` is expected to warn, and does not.`);
  }
  const unscored: Record<string, number> = {};
  for (const [scenario, count] of Object.entries(requirements.unscored)) {
    const checks = checksOf(scenario);
    const succeeded = withStatus(checks, "SUCCESS").length;
    unscored[scenario] = succeeded;
    if (succeeded === count && checks.length === count) continue;
    problems.push(
      `${failure(scenario, checks)}\n    ${succeeded} of ${checks.length} checks passed; there have to be ${count}, and all have to pass.`,
    );
  }
  if (result.exitCode !== 0 && problems.length === 0) {
    problems.push(`The suite ended with exit code ${result.exitCode}:\n${result.lastLines}`);
  }

  const all = scored.flatMap(checksOf);
  return {
    passed: passed.length,
    scored: scored.length,
    checks: {
      passed: withStatus(all, "SUCCESS").length,
      failed: withStatus(all, "FAILURE").length,
      warnings: withStatus(all, "WARNING").length,
    },
    unscored,
    problems,
  };
}

function withStatus(checks: readonly Check[], status: Check["status"]): readonly Check[] {
  return checks.filter((each) => each.status === status);
}

function failure(scenario: string, checks: readonly Check[]): string {
  if (checks.length === 0) return `\`${scenario}\` was not run.`;
  const details = checks.filter(({ status }) => status === "FAILURE" || status === "WARNING");
  return `\`${scenario}\` does not pass.${details.map(detail).join("")}`;
}

function detail({ id, status, description, errorMessage }: Check): string {
  return `\n    ${status} ${id}: ${description}${errorMessage === undefined ? "" : `\n      ${errorMessage}`}`;
}
