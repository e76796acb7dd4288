import type { Graph } from "../graph/graph.ts";
import { isFields } from "./fields.ts";
import { Secrets } from "./secrets.ts";

/** The whole graph without its secrets: resources by URN and all keys in order, so that two evaluations of one program are alike. */
export function graphJson(graph: Graph): string {
  const { resources, ...rest } = new Secrets(graph).hidden(graph);
  const ordered = resources
    .map((resource) => ({ ...resource, dependencies: resource.dependencies.toSorted(compared) }))
    .sort((left, right) => compared(left.urn, right.urn));
  return JSON.stringify(inOrder({ ...rest, resources: ordered }), undefined, 2);
}

/** A value with the keys of all of its objects in order. */
export function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => compared(left, right))
      .map(([key, item]) => [key, inOrder(item)]),
  );
}

/** By code units: the same in every locale. */
function compared(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
