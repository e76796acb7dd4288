import { quantile, spread } from "../statistics.ts";
import type { Check } from "./bench.ts";
import type { ServerReport } from "./generator.ts";

/** Reports of many measurements, by what was measured, in the order of the rounds. */
export class Figures {
  readonly #reports = new Map<string, ServerReport[]>();

  add(key: string, report: ServerReport): void {
    const known = this.#reports.get(key);
    if (known === undefined) this.#reports.set(key, [report]);
    else known.push(report);
  }

  of(key: string): readonly ServerReport[] {
    return this.#reports.get(key) ?? [];
  }

  /** CPU time per call in microseconds, round by round. */
  cpu(key: string): readonly number[] {
    return this.of(key).map(({ cpuMicroseconds, calls }) => cpuMicroseconds / calls);
  }

  /** Calls a second. */
  rate(key: string): readonly number[] {
    return this.of(key).map(({ calls, seconds }) => calls / seconds);
  }

  /** How many times the throughput per core of another one, in each round that both were in. */
  share(key: string, base: string): readonly number[] {
    const others = this.cpu(base);
    return this.cpu(key).flatMap((each, round) => {
      const other = others[round];
      return other === undefined ? [] : other / each;
    });
  }

  /** All calls that failed, and what the first of them got. */
  failures(): { readonly failed: number; readonly failure: string | undefined } {
    const all = [...this.#reports.values()].flat();
    return {
      failed: all.reduce((sum, { failed }) => sum + failed, 0),
      failure: all.find(({ failure }) => failure !== undefined)?.failure,
    };
  }
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The verdict that no call failed; what the first failure was stands in it. */
export function noFailures(part: string, figures: Figures): Check {
  const { failed, failure } = figures.failures();
  return {
    what: `calls failed in ${part}${failure === undefined ? "" : `: ${failure}`}`,
    figure: failed,
    most: 0,
  };
}

/** Prints a line of a table: the first column is wide enough for a name. */
export function printColumns(first: string, texts: readonly string[]): void {
  console.log(first.padEnd(24) + texts.map((text) => text.padStart(30)).join(""));
}

/** A figure with how it compares, such as `19 µs × 0.84 (0.80–0.88)`. */
export function withShare(cpu: readonly number[], share: readonly number[] | undefined): string {
  return `${median(cpu).toFixed(1)} µs${share === undefined ? "" : `  ${spread(share)}`}`;
}
