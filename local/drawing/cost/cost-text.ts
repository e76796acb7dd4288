import { inOrder } from "../json.ts";
import { wrapped } from "../wrapped.ts";
import type { Estimate } from "./estimate.ts";
import type { CostItem, Range } from "./item.ts";

const WIDTH = 80;
const COLUMN = 10;

/** The estimate for the terminal. */
export function costText(estimate: Estimate): string {
  const { items, unpriced, fixed, usage, total, assumptions } = estimate;
  const dates = items.map(({ price }) => price.date).sort();
  const unverified = items.some(({ price }) => price.source.includes("unverified"));
  return [
    row("US dollars a month", "fewest", "most"),
    row("", "replicas", "replicas"),
    "Declared",
    ...rows(items.filter(({ kind }) => kind === "fixed")),
    row("  together", money(fixed.least), money(fixed.most)),
    "",
    "By use",
    ...rows(items.filter(({ kind }) => kind === "usage")),
    row("  together", money(usage.least), money(usage.most)),
    "",
    row("All of it", money(total.least), money(total.most)),
    "",
    ...(unpriced.length === 0
      ? []
      : [
          "Costs, too, and has no price here",
          ...unpriced.flatMap(({ what, of, why }) =>
            wrapped(`${what} (${named(of)}): ${why}`, "  ", WIDTH),
          ),
          "",
        ]),
    "Taken for granted",
    ...assumptions.flatMap((assumption) => wrapped(`- ${assumption}`, "  ", WIDTH)),
    ...(dates.length === 0
      ? []
      : wrapped(
          `- public prices of ${dates[0] ?? ""} to ${dates.at(-1) ?? ""}, as third parties quote AWS's${unverified ? "; those marked ? are not verified" : ""}`,
          "  ",
          WIDTH,
        )),
  ].join("\n");
}

/** The estimate for programs. */
export function costJson(estimate: Estimate): string {
  return JSON.stringify(inOrder(estimate), withoutNoise, 2);
}

/** Sums of decimal fractions end in digits that mean nothing. */
export function withoutNoise(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toFixed(6)) : value;
}

/** The estimate as a table for a pull request. */
export function costMarkdown({ items, unpriced, total, assumptions }: Estimate): string {
  return [
    "| US dollars a month | fewest replicas | most replicas |",
    "| --- | ---: | ---: |",
    ...items.map(
      (item) =>
        `| ${item.what}${item.of.length === 1 ? ` (${named(item.of)})` : ""}${item.kind === "usage" ? ", by use" : ""} | ${money(item.monthly.least)} | ${money(item.monthly.most)} |`,
    ),
    `| **All of it** | **${money(total.least)}** | **${money(total.most)}** |`,
    "",
    ...(unpriced.length === 0
      ? []
      : [`Without a price here: ${unpriced.map(({ what }) => what).join(", ")}.`, ""]),
    `Taken for granted: ${assumptions.join("; ")}.`,
  ].join("\n");
}

/** What a change adds to the price: "+3.65 US dollars a month (+36.50 at the most replicas)". */
export function costChange(before: Range, after: Range): string {
  const [least, most] = [after.least - before.least, after.most - before.most];
  if (Math.abs(least) < 0.005 && Math.abs(most) < 0.005) return "the same price";
  const first = `${signed(least)} US dollars a month`;
  return money(least) === money(most) ? first : `${first} (${signed(most)} at the most replicas)`;
}

function rows(items: readonly CostItem[]): string[] {
  return items.flatMap(({ what, of, monthly, price }) => {
    const mark = price.source.includes("unverified") ? " ?" : "";
    const lines = wrapped(
      `${what}${mark}${of.length === 1 ? ` (${named(of)})` : ""}`,
      "  ",
      WIDTH - 2 * COLUMN - 1,
    );
    return lines.map((line, index) =>
      index === lines.length - 1 ? row(line, money(monthly.least), money(monthly.most)) : line,
    );
  });
}

/** One by its name, many by their first. */
function named(of: readonly string[]): string {
  const [first = "", ...others] = of.map((text) => text.split(" ").slice(1).join(" "));
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function row(text: string, least: string, most: string): string {
  return text.padEnd(WIDTH - 2 * COLUMN) + least.padStart(COLUMN) + most.padStart(COLUMN);
}

export function money(amount: number): string {
  return amount.toFixed(2);
}

function signed(amount: number): string {
  return `${amount < 0 ? "−" : "+"}${money(Math.abs(amount))}`;
}
