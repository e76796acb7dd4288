import { referenceName, referencesIn } from "../references.ts";
import type { Pair } from "./matching.ts";
import { isBelow, pathText, type PathStep, type PropertyChange } from "./property-changes.ts";
import { replacedFor } from "./replacement.ts";

/** A property that changes only since what it refers to is made anew. */
export interface FollowedReference {
  readonly path: string;
  /** The resources that are made anew. */
  readonly of: readonly string[];
}

/** A pair, with the new inputs' references by name, and what has changed in them. */
export interface Compared {
  readonly pair: Pair;
  readonly after: unknown;
  readonly changes: readonly PropertyChange[];
}

/**
 * The properties that change since they refer to what is made anew: its outputs are not known before, and a property that cannot be changed in
 * place replaces its resource in turn, as the engine's providers have it for unknown values.
 *
 * @param made whose outputs change; those of replaced resources are added.
 */
export function followed(
  compared: readonly Compared[],
  made: Set<string>,
): Map<Compared, FollowedReference[]> {
  const follows = new Map<Compared, FollowedReference[]>();
  for (let known = -1; known !== made.size;) {
    known = made.size;
    for (const each of compared) {
      const { pair } = each;
      follows.set(
        each,
        referring(each.after).flatMap(({ path, owners }) => {
          const of = owners.filter((owner) => made.has(owner));
          const ignored = pair.after.ignoreChanges.some((text) => isBelow(path, text));
          return of.length === 0 || ignored ? [] : [{ path: pathText(path), of }];
        }),
      );
      if ((causes(each, follows.get(each) ?? []) ?? []).length > 0)
        made.add(referenceName(pair.after.type, pair.after.name));
    }
  }
  return follows;
}

/** Where a value refers to other resources. */
function referring(
  value: unknown,
  path: readonly PathStep[] = [],
): { path: readonly PathStep[]; owners: string[] }[] {
  if (typeof value === "string") {
    const owners = [...new Set(referencesIn(value))];
    return owners.length === 0 ? [] : [{ path, owners }];
  }
  if (Array.isArray(value))
    return value.flatMap((item, index) => referring(item, [...path, { item: String(index) }]));
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, item]) => referring(item, [...path, { key }]));
}

/** What replaces a resource, by path; undefined where that is not known. */
export function causes(
  { pair, changes }: Compared,
  follows: readonly FollowedReference[],
): readonly string[] | undefined {
  const following = follows.map(({ path }): PropertyChange => ({
    path: [...path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/gu)].map(([, item, key]) =>
      item === undefined ? { key: key ?? "" } : { item },
    ),
    kind: "changed",
  }));
  const found = replacedFor(pair, [...changes, ...following]);
  return found === undefined ? undefined : [...new Set(found.map(({ path }) => pathText(path)))];
}
