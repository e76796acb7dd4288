/** Reads declared resources by path, for rules that hold over whole graphs. */
import type { Declared } from "../mocks.ts";

/** A rule of the table "AWS would refuse", broken by a resource. */
export interface Violation {
  readonly rule: number;
  readonly resource: string;
  readonly what: string;
}

/** All resources of a program. */
export type Graph = readonly Declared[];

/** Tells how a graph breaks some rules of the table. */
export type Invariant = (graph: Graph) => Iterable<Violation>;

export function broken(rule: number, { type, name }: Declared, what: string): Violation {
  return { rule, resource: `${type} ${name}`, what };
}

export function ofType(graph: Graph, type: string): Declared[] {
  return graph.filter((resource) => resource.type === type);
}

export type Values = Readonly<Record<string, unknown>>;

/** A value inside plain data; undefined where a step is missing. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (current, step) =>
      current === null || typeof current !== "object"
        ? undefined
        : (current as Record<string | number, unknown>)[step],
    value,
  );
}

export function listAt(value: unknown, ...path: readonly (string | number)[]): Values[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as Values[]) : [];
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

/** NaN, which is in no range, where there is none. */
export function numberAt(value: unknown, ...path: readonly (string | number)[]): number {
  const found = at(value, ...path);
  return typeof found === "number" || typeof found === "string" ? Number(found) : Number.NaN;
}

/** Whether an optional number is absent or in a range. */
export function within(value: unknown, least: number, most: number): boolean {
  return value === undefined || (Number(value) >= least && Number(value) <= most);
}

export function twice<T>(values: readonly T[]): T[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

/** The name that a resource gets in AWS at the longest: Pulumi adds a hyphen and seven characters where none is given. */
export function physicalName({ name, inputs }: Declared): string {
  const prefix = textAt(inputs, "namePrefix");
  const given = textAt(inputs, "name");
  if (prefix !== "") return `${prefix}${"0".repeat(26)}`;
  return given === "" ? `${name}-0000000` : given;
}

/** The resource that an ARN of the mocks names, by the part of it that is the name. */
export function named(graph: Graph, type: string, arn: unknown): Declared | undefined {
  const parts = String(arn).split(/[/:]/u);
  return ofType(graph, type).find(({ name }) => parts.includes(name));
}
