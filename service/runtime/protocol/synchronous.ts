import type { z } from "zod";

type Schema = z.core.$ZodType;
type Definition = Schema["_zod"]["def"];

/** The schemas that hold no function of an author's which could give a promise, and what each holds. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  any: [],
  array: ["element"],
  bigint: [],
  boolean: [],
  catch: ["innerType"],
  date: [],
  default: ["innerType"],
  enum: [],
  intersection: ["left", "right"],
  literal: [],
  nan: [],
  never: [],
  nonoptional: ["innerType"],
  null: [],
  nullable: ["innerType"],
  number: [],
  object: ["shape", "catchall"],
  optional: ["innerType"],
  prefault: ["innerType"],
  readonly: ["innerType"],
  record: ["keyType", "valueType"],
  string: [],
  template_literal: [],
  tuple: ["items", "rest"],
  undefined: [],
  union: ["options"],
  unknown: [],
};

/** The checks that are zod's own, and so synchronous; `overwrite` takes what it is given, promises included. */
const CHECKS: ReadonlySet<string> = new Set([
  "greater_than",
  "length_equals",
  "less_than",
  "max_length",
  "min_length",
  "multiple_of",
  "number_format",
  "overwrite",
  "string_format",
]);

const known = new WeakMap<Schema, boolean>();

/**
 * Whether a schema surely needs no promise, so that it can be parsed at once. Zod tells only by failing in the middle of it, after an
 * author's function has already been run once: schemas with functions of an author's count as ones that need a promise.
 */
export function isSynchronous(schema: Schema): boolean {
  let found = known.get(schema);
  if (found === undefined) {
    found = holdsNoFunction(schema, new Set());
    known.set(schema, found);
  }
  return found;
}

function holdsNoFunction(schema: Schema, seen: Set<Schema>): boolean {
  // What refers to itself has been looked at already.
  if (seen.has(schema)) return true;
  seen.add(schema);
  const { def } = schema._zod;
  const parts = Object.hasOwn(PARTS, def.type) ? PARTS[def.type] : undefined;
  if (parts === undefined || !hasPlainChecks(def)) return false;
  return parts
    .flatMap((part) => schemasIn((def as unknown as Record<string, unknown>)[part]))
    .every((each) => holdsNoFunction(each, seen));
}

function hasPlainChecks({ checks = [] }: Definition): boolean {
  return checks.every(({ _zod: { def } }) => CHECKS.has(def.check));
}

function schemasIn(part: unknown): readonly Schema[] {
  if (typeof part !== "object" || part === null) return [];
  return "_zod" in part ? [part as Schema] : (Object.values(part) as Schema[]);
}
