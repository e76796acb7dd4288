import type { Graph, GraphResource } from "../../graph/graph.ts";

/** A resource before and after. */
export interface Pair {
  readonly before: GraphResource;
  readonly after: GraphResource;
}

export interface Matching {
  readonly pairs: readonly Pair[];
  readonly added: readonly GraphResource[];
  readonly removed: readonly GraphResource[];
}

/** Finds each resource of the new graph in the old one, as the engine finds it in a state: by its URN, else by its aliases. */
export function matched(before: Graph, after: Graph): Matching {
  const old = new Map(before.resources.map((resource) => [resource.urn, resource]));
  const pairs: Pair[] = [];
  const added: GraphResource[] = [];
  const taken = new Set<string>();
  for (const resource of after.resources) {
    const urn = [resource.urn, ...(resource.options?.aliases ?? [])].find(
      (candidate) => old.has(candidate) && !taken.has(candidate),
    );
    const former = urn === undefined ? undefined : old.get(urn);
    if (former === undefined) added.push(resource);
    else {
      taken.add(former.urn);
      pairs.push({ before: former, after: resource });
    }
  }
  return {
    pairs,
    added,
    removed: before.resources.filter(({ urn }) => !taken.has(urn)),
  };
}
