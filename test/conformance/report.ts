import type { Verdict } from "./verdict.ts";

/** One run of the suite: where, at which revision, and what came of it. */
export interface Row {
  readonly arrangement: string;
  readonly revision: string;
  readonly verdict: Verdict;
  readonly seconds: number;
}

const HEADINGS = ["arrangement", "revision", "scenarios", "checks", "unscored checks", "seconds"];

/** A line for each run, in columns. */
export function table(rows: readonly Row[]): string {
  const lines = [HEADINGS, ...rows.map(cells)];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => `  ${line.trimEnd()}`)
    .join("\n");
}

function cells({ arrangement, revision, verdict, seconds }: Row): string[] {
  const { passed, scored, checks, unscored } = verdict;
  return [
    arrangement,
    revision,
    `${passed} of ${scored}`,
    `${checks.passed} passed, ${checks.failed} failed, ${checks.warnings} warnings`,
    Object.entries(unscored)
      .map(([scenario, count]) => `${scenario} ${count}`)
      .join(", "),
    seconds.toFixed(1),
  ];
}

/** What is wrong, run by run; empty where nothing is. */
export function problems(rows: readonly Row[]): string {
  return rows
    .filter(({ verdict }) => verdict.problems.length > 0)
    .map(
      ({ arrangement, revision, verdict }) =>
        `${arrangement}, ${revision}:\n${verdict.problems.map((problem) => `  ${problem}`).join("\n")}`,
    )
    .join("\n\n");
}
