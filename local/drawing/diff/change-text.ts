import { isFields, parsed } from "../fields.ts";
import { inOrder } from "../json.ts";
import { counted, lastName, typeName } from "../labels.ts";
import type { Plan } from "./plan.ts";
import { pathText, type PropertyChange } from "./property-changes.ts";
import type { Step } from "./step.ts";

/** A line of a change; the mark is that of a unified diff. */
export interface ChangeLine {
  readonly mark: "+" | "-" | " ";
  readonly text: string;
}

/** Longer values are cut, and say so: nobody compares them by eye. */
const LONGEST = 400;

/** A step's properties, as lines. */
export function changeLines(step: Step): ChangeLine[] {
  return [
    ...step.changes.flatMap(propertyLines),
    ...step.follows.map(({ path, of }): ChangeLine => ({
      mark: " ",
      text: `${path}: refers to ${of.map((name) => `\`${name}\``).join(", ")}, which is made anew`,
    })),
  ];
}

export function propertyLines(change: PropertyChange): ChangeLine[] {
  const path = pathText(change.path);
  switch (change.kind) {
    case "order":
      return [{ mark: " ", text: `${path}: in another order or spelling` }];
    case "added":
      return valueLines("+", path, change.after);
    case "removed":
      return valueLines("-", path, change.before);
    case "changed":
      return [...valueLines("-", path, change.before), ...valueLines("+", path, change.after)];
  }
}

/** A value with its path; a structure over several lines. */
function valueLines(mark: "+" | "-", path: string, value: unknown): ChangeLine[] {
  const structure = parsed(value) ?? value;
  const short = typeof value === "string" ? JSON.stringify(value) : JSON.stringify(inOrder(value));
  if (short.length <= 72 || !(Array.isArray(structure) || isFields(structure)))
    return [{ mark, text: `${path}: ${cut(short)}` }];
  const lines = JSON.stringify(structure, undefined, 2).split("\n");
  return lines.map((line, index) => ({ mark, text: index === 0 ? `${path}: ${line}` : cut(line) }));
}

function cut(text: string): string {
  return text.length <= LONGEST
    ? text
    : `${text.slice(0, LONGEST)}… (${counted(text.length - LONGEST, "character")} more)`;
}

/** "2 replaced, 1 created, 3 updated". */
export function counts({ steps }: Plan): string {
  const words = [
    ["replace", "replaced"],
    ["delete", "deleted"],
    ["create", "created"],
    ["update", "updated"],
    ["move", "renamed"],
  ] as const;
  const parts = words.flatMap(([action, word]) => {
    const count = steps.filter((step) => step.action === action).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return parts.length === 0 ? "no resource changes" : parts.join(", ");
}

/** Steps of a kind that are listed together: those of one component. */
export interface StepGroup {
  readonly component: string;
  readonly steps: readonly Step[];
}

export function byComponent(steps: readonly Step[]): StepGroup[] {
  const groups = new Map<string, Step[]>();
  for (const step of steps) {
    const key = componentOf(step);
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return [...groups].map(([component, members]) => ({ component, steps: members }));
}

/** The component that a step's resource belongs to, or is. */
function componentOf({ resource }: Step): string {
  return resource.isComponent ? resource.urn : resource.parent;
}

/** "3 iam.Role, 1 ecs.Service". */
export function typeCounts(steps: readonly Step[]): string {
  const types = Map.groupBy(steps, ({ resource }) => resource.type);
  return [...types]
    .map(([type, members]) => `${members.length} ${typeName(type).replace(/^aws\./u, "")}`)
    .join(", ");
}

/** A component by its URN: "McpService translator". */
export function componentName(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  return `${lastName(types.split("$").at(-1) ?? "")} ${name.join("::")}`;
}

/** What this is, and what it is not. */
export const CAVEAT =
  "Read from the two programs alone, with no cloud credentials and no state: what is replaced is likely, not certain. `pulumi preview` has the last word.";
