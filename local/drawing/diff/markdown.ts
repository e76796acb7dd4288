import { counted, typeName } from "../labels.ts";
import {
  byComponent,
  CAVEAT,
  changeLines,
  componentName,
  counts,
  propertyLines,
  typeCounts,
  type ChangeLine,
} from "./change-text.ts";
import type { Comparison } from "./compare.ts";
import type { Action, Step } from "./step.ts";

/** GitHub refuses a comment with more characters. */
const LONGEST = 65_536;
/** Kept free for the sentence that says what was left out, and the end. */
const RESERVE = 600;
/** From how many on the new or gone resources of a component are counted, and not listed. */
const MANY = 12;

const TITLES: Readonly<Record<Action, string>> = {
  replace: "Replaced",
  delete: "Deleted",
  create: "Created",
  update: "Updated",
  move: "Renamed",
};

/**
 * A change as a comment for a pull request: what it comes to first, replaced resources before all others, details behind a click.
 *
 * @param cost the prices of both sides in Markdown: the difference for the first line, and the table.
 */
export function diffMarkdown(
  comparison: Comparison,
  cost?: { readonly summary: string; readonly details: string },
  longest = LONGEST,
): string {
  const { plan, reference, commit, program, stack } = comparison;
  const head = [
    `**${counts(plan)}**, ${plan.unchanged} unchanged${cost === undefined ? "" : ` · ${cost.summary}`}`,
    "",
    `${code(program)}, stack ${code(stack)}, from ${code(reference)} (${commit.slice(0, 9)}). ${CAVEAT}`,
  ].join("\n");
  const sections = (["replace", "delete", "create", "update", "move"] as const).flatMap((action) =>
    section(
      action,
      plan.steps.filter((step) => step.action === action),
    ),
  );
  if (plan.outputs.length > 0)
    sections.push(collapsed("Outputs of the program", plan.outputs.flatMap(propertyLines)));
  if (cost !== undefined) sections.push(details("Monthly price", cost.details));
  return fitted(head, sections, longest);
}

/** As many parts as there is room for, in their order, and a sentence about the others. */
function fitted(head: string, sections: readonly string[], longest: number): string {
  let text = head;
  let left = 0;
  for (const part of sections) {
    if (left === 0 && text.length + part.length + 2 <= longest - RESERVE) text += `\n\n${part}`;
    else left += 1;
  }
  if (left > 0)
    text += `\n\n_${counted(left, "more part")} left out: a comment holds ${longest.toLocaleString("en-GB")} characters. \`mcp-local graph --diff\` prints all of it._`;
  return `${text}\n`;
}

function section(action: Action, steps: readonly Step[]): string[] {
  if (steps.length === 0) return [];
  const title = `### ${TITLES[action]}`;
  if (action === "create" || action === "delete") {
    const items = byComponent(steps).flatMap(({ component, steps: members }) =>
      members.length < MANY
        ? members.map(item)
        : [
            `- ${code(componentName(component))}: ${counted(members.length, "resource")} (${typeCounts(members)})`,
          ],
    );
    const inputs = action === "create" ? steps.flatMap(createdLines) : [];
    return [
      `${title}\n\n${items.join("\n")}`,
      ...(inputs.length === 0 ? [] : [collapsed("Inputs of the created resources", inputs)]),
    ];
  }
  return steps.map((step, index) => {
    const lines = changeLines(step);
    return [
      ...(index === 0 ? [title, ""] : []),
      item(step),
      ...(lines.length === 0 ? [] : ["", collapsed(summaryOf(step), lines)]),
    ].join("\n");
  });
}

function item(step: Step): string {
  const remarks = [
    ...(step.because.length > 0 ? [`for ${step.because.map(code).join(", ")}`] : []),
    ...step.notes,
  ];
  return `- ${named(step)}${remarks.length === 0 ? "" : `: ${remarks.join("; ")}`}`;
}

function named({ resource }: Step): string {
  return `${code(typeName(resource.type))} **${escaped(resource.name)}**`;
}

function summaryOf({ changes, follows, resource }: Step): string {
  const count = counted(changes.length + follows.length, "property", "properties");
  return `${count} of ${resource.name}`;
}

function createdLines({ label, inputs }: Step): ChangeLine[] {
  return [
    { mark: " ", text: label },
    ...Object.entries(inputs).flatMap(([key, after]) =>
      propertyLines({ path: [{ key }], kind: "added", after }),
    ),
  ];
}

function collapsed(summary: string, lines: readonly ChangeLine[]): string {
  const text = lines.map(({ mark, text }) => `${mark} ${text}`).join("\n");
  // A value may hold a fence of its own.
  const longestRun = Math.max(2, ...[...text.matchAll(/`+/gu)].map(([run]) => run.length));
  const fence = "`".repeat(longestRun + 1);
  return details(summary, `${fence}diff\n${text}\n${fence}`);
}

function details(summary: string, body: string): string {
  return `<details><summary>${escaped(summary)}</summary>\n\n${body}\n\n</details>`;
}

/** A name in running text, where Markdown and HTML would read something into it. */
function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[\\`*_[\]|~]/gu, "\\$&");
}

function code(text: string): string {
  const fence = text.includes("`") ? "``" : "`";
  const padding = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${padding}${text}${padding}${fence}`;
}
