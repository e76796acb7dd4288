import { inOrder } from "../json.ts";
import { isFields, parsed } from "../fields.ts";

/** A step into a property: a key, or an item of a list as it is told from its neighbours. */
export type PathStep = { readonly key: string } | { readonly item: string };

/** One value that differs. */
export interface PropertyChange {
  readonly path: readonly PathStep[];
  /** `order`: the same parts in another order, or the same JSON in another spelling. */
  readonly kind: "added" | "removed" | "changed" | "order";
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What tells the items of a list apart, by what AWS calls it. */
const IDENTITIES = [
  "name",
  "id",
  "key",
  "originId",
  "containerName",
  "sourceVolume",
  "containerPath",
  "deviceName",
  "capacityProvider",
  "Sid",
];

/** What differs between two values, the innermost parts alone; texts that hold JSON are taken apart, too. */
export function propertyChanges(
  before: unknown,
  after: unknown,
  path: readonly PathStep[] = [],
): PropertyChange[] {
  if (spelled(before) === spelled(after)) return [];
  if (before === undefined) return [{ path, kind: "added", after }];
  if (after === undefined) return [{ path, kind: "removed", before }];
  const [old, young] = [parsed(before) ?? before, parsed(after) ?? after];
  const inside = (): PropertyChange[] | undefined => {
    if (Array.isArray(old) && Array.isArray(young)) return listChanges(old, young, path);
    if (isFields(old) && isFields(young))
      return [...new Set([...Object.keys(old), ...Object.keys(young)])].flatMap((key) =>
        propertyChanges(old[key], young[key], [...path, { key }]),
      );
    return undefined;
  };
  const changes = inside();
  if (changes === undefined) return [{ path, kind: "changed", before, after }];
  return changes.length > 0 ? changes : [{ path, kind: "order" }];
}

function listChanges(
  before: readonly unknown[],
  after: readonly unknown[],
  path: readonly PathStep[],
): PropertyChange[] {
  const identity = IDENTITIES.find((key) => isIdentity(before, key) && isIdentity(after, key));
  if (identity !== undefined) {
    const [old, young] = [byIdentity(before, identity), byIdentity(after, identity)];
    return [...new Set([...old.keys(), ...young.keys()])].flatMap((item) =>
      propertyChanges(old.get(item), young.get(item), [...path, { item }]),
    );
  }
  const sorted = (items: readonly unknown[]): string => items.map(spelled).sort().join("\n");
  if (sorted(before) === sorted(after)) return [{ path, kind: "order" }];
  return aligned(before, after, path);
}

function isIdentity(items: readonly unknown[], key: string): boolean {
  const values = items.map((item) => (isFields(item) ? item[key] : undefined));
  return (
    values.every((value) => typeof value === "string") && new Set(values).size === items.length
  );
}

function byIdentity(items: readonly unknown[], key: string): Map<string, unknown> {
  return new Map(items.map((item) => [String((item as Record<string, unknown>)[key]), item]));
}

/** Items without a name: those that are in both, in the same order, are the same; between them the nth of old and new is one that changed. */
function aligned(
  before: readonly unknown[],
  after: readonly unknown[],
  path: readonly PathStep[],
): PropertyChange[] {
  const changes: PropertyChange[] = [];
  const kept = [...commonItems(before, after), [before.length, after.length] as const];
  let [old, young] = [0, 0];
  for (const [oldEnd, youngEnd] of kept) {
    const length = Math.max(oldEnd - old, youngEnd - young);
    for (let offset = 0; offset < length; offset += 1) {
      const here = young + offset < youngEnd ? young + offset : old + offset;
      const was = old + offset < oldEnd ? before[old + offset] : undefined;
      const is = young + offset < youngEnd ? after[young + offset] : undefined;
      changes.push(...propertyChanges(was, is, [...path, { item: String(here) }]));
    }
    [old, young] = [oldEnd + 1, youngEnd + 1];
  }
  return changes;
}

/** The places of a longest common subsequence. */
function commonItems(
  before: readonly unknown[],
  after: readonly unknown[],
): (readonly [number, number])[] {
  const [old, young] = [before.map(spelled), after.map(spelled)];
  const width = young.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  const lengthAt = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = old.length - 1; row >= 0; row -= 1)
    for (let column = young.length - 1; column >= 0; column -= 1)
      lengths[row * width + column] =
        old[row] === young[column]
          ? lengthAt(row + 1, column + 1) + 1
          : Math.max(lengthAt(row + 1, column), lengthAt(row, column + 1));
  const places: (readonly [number, number])[] = [];
  for (let row = 0, column = 0; row < old.length && column < young.length;) {
    if (old[row] === young[column]) {
      places.push([row, column]);
      row += 1;
      column += 1;
    } else if (lengthAt(row + 1, column) >= lengthAt(row, column + 1)) row += 1;
    else column += 1;
  }
  return places;
}

function spelled(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(inOrder(value));
}

/** A path as it is shown: `containerDefinitions[server].environment[LOG_LEVEL].value`. */
export function pathText(path: readonly PathStep[]): string {
  return path
    .map((step, index) => {
      if ("item" in step) return `[${step.item}]`;
      return index === 0 ? step.key : `.${step.key}`;
    })
    .join("");
}

/** Whether a path lies at or below a property path of Pulumi's, such as `tags["a.b"]`, `rules[0].action` or `*`. */
export function isBelow(path: readonly PathStep[], propertyPath: string): boolean {
  const wanted = [
    ...propertyPath.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/gu),
  ].map(([, quoted, index, key]) => quoted ?? index ?? key ?? "");
  return wanted.every((part, index) => {
    const step = path[index];
    if (step === undefined) return false;
    return part === "*" || ("item" in step ? step.item === part : step.key === part);
  });
}
