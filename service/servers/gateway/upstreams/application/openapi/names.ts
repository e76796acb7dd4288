import { createHash } from "node:crypto";
import { LONGEST_NAME } from "../../../names.ts";

/** An operation and what it would like to be called. */
export interface Wish {
  /** `GET /pets/{id}`, which no other has. */
  readonly key: string;
  readonly operationId: unknown;
}

const HASH_CHARACTERS = 8;

/**
 * A name for each operation, by its key: its `operationId`, else method and path, of letters, digits, `_` and `-` alone, which every model's
 * provider takes. Where that is too long, or several would have it, a hash of method and path tells them apart: no name depends on the order.
 */
export function nameOperations(wishes: readonly Wish[]): ReadonlyMap<string, string> {
  const wanted = wishes.map(({ key, operationId }) => ({
    key,
    name: nameOf(operationId) || clean(key) || "call",
  }));
  const counts = new Map<string, number>();
  for (const { name } of wanted) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map(
    wanted.map(({ key, name }) => [
      key,
      counts.get(name) === 1 && name.length <= LONGEST_NAME ? name : shortened(name, key),
    ]),
  );
}

/** A name that is none of those: with a number behind it where it must. */
export function unused(wish: string, taken: ReadonlySet<string>): string {
  const base = clean(wish).slice(0, LONGEST_NAME) || "argument";
  let name = base;
  for (let number = 2; taken.has(name); number++)
    name = `${base.slice(0, LONGEST_NAME - String(number).length - 1)}_${number}`;
  return name;
}

/** Whether an argument may be called that everywhere: providers of models refuse tools whose arguments have other characters. */
export function isArgumentName(name: string): boolean {
  return /^[\w.-]{1,64}$/u.test(name) && name !== "__proto__";
}

function nameOf(operationId: unknown): string {
  if (typeof operationId !== "string") return "";
  return /^[\w-]+$/u.test(operationId) ? operationId : clean(operationId);
}

function clean(text: string): string {
  return text
    .replaceAll(/[^\w-]+/gu, "_")
    .replaceAll(/_{2,}/gu, "_")
    .replaceAll(/^_+|_+$/gu, "");
}

function shortened(name: string, key: string): string {
  const hash = createHash("sha256").update(key).digest("hex").slice(0, HASH_CHARACTERS);
  return `${name.slice(0, LONGEST_NAME - HASH_CHARACTERS - 1)}_${hash}`;
}
