import { counted } from "../labels.ts";
import { wrapped } from "../wrapped.ts";
import {
  byComponent,
  CAVEAT,
  changeLines,
  componentName,
  counts,
  propertyLines,
  typeCounts,
} from "./change-text.ts";
import type { Comparison } from "./compare.ts";
import type { Action, Step } from "./step.ts";

const MARKS: Readonly<Record<Action, string>> = {
  replace: "+-",
  delete: "- ",
  create: "+ ",
  update: "~ ",
  move: "= ",
};

/** From how many on the new or gone resources of a component are counted, and not listed. */
const MANY = 6;

/**
 * A change for the terminal.
 *
 * @param all lists every resource, and the inputs of new ones.
 */
export function diffText(comparison: Comparison, all: boolean): string {
  const { plan, reference, commit, program, stack } = comparison;
  const lines = [
    `${program}, stack ${stack}: from ${reference} (${commit.slice(0, 9)}) to the working tree`,
    `${counts(plan)}; ${plan.unchanged} unchanged`,
    "",
  ];
  for (const action of ["replace", "delete", "create", "update", "move"] as const) {
    const steps = plan.steps.filter((step) => step.action === action);
    if (action === "create" || action === "delete") lines.push(...listed(action, steps, all));
    else lines.push(...steps.flatMap((step) => detailed(step)));
  }
  if (plan.outputs.length > 0) {
    lines.push("   outputs of the program");
    lines.push(
      ...plan.outputs.flatMap(propertyLines).map(({ mark, text }) => `     ${mark} ${text}`),
    );
    lines.push("");
  }
  return [...lines, ...wrapped(CAVEAT)].join("\n");
}

function detailed(step: Step): string[] {
  return [
    `${MARKS[step.action]} ${step.action.padEnd(7)} ${step.label}`,
    ...[
      ...(step.because.length > 0 ? [`for ${step.because.join(", ")}`] : []),
      ...step.notes,
    ].flatMap((note) => wrapped(note, "     # ")),
    ...changeLines(step).map(({ mark, text }) => `     ${mark} ${text}`),
    "",
  ];
}

function listed(action: "create" | "delete", steps: readonly Step[], all: boolean): string[] {
  const lines = byComponent(steps).flatMap(({ component, steps: members }) => {
    if (all || members.length < MANY) {
      return members.flatMap((step) => [
        `${MARKS[action]} ${action.padEnd(7)} ${step.label}`,
        ...step.notes.flatMap((note) => wrapped(note, "     # ")),
        ...(all ? inputLines(step) : []),
      ]);
    }
    const name = componentName(component);
    return [
      `${MARKS[action]} ${action.padEnd(7)} ${name}: ${counted(members.length, "resource")}`,
      ...wrapped(typeCounts(members), "     # "),
    ];
  });
  return lines.length === 0 ? [] : [...lines, ""];
}

function inputLines({ inputs }: Step): string[] {
  return Object.entries(inputs).flatMap(([key, after]) =>
    propertyLines({ path: [{ key }], kind: "added", after }).map(
      ({ mark, text }) => `     ${mark} ${text}`,
    ),
  );
}
