import type { Graph } from "../../graph/graph.ts";
import { counted, label, typeName } from "../labels.ts";
import { COMPUTE_TYPES, computeCost } from "./compute.ts";
import { FREE_TYPES } from "./free.ts";
import { IDENTITY_TYPES, identityCost } from "./identity.ts";
import { sum, type CostItem, type Range, type Unpriced } from "./item.ts";
import { NETWORK_TYPES, networkCost } from "./network.ts";
import { OBSERVABILITY_TYPES, observabilityCost } from "./observability.ts";
import { ASSUMPTIONS } from "./usage.ts";

/** What a month of a declared stack costs, as far as public prices tell. */
export interface Estimate {
  readonly items: readonly CostItem[];
  /** What costs, too, by an amount that is not known here. */
  readonly unpriced: readonly Unpriced[];
  readonly fixed: Range;
  readonly usage: Range;
  readonly total: Range;
  readonly assumptions: readonly string[];
}

/** What each part of the price reads; all else is free, or listed as without a price. */
const READ = new Set<string>([
  ...COMPUTE_TYPES,
  ...NETWORK_TYPES,
  ...OBSERVABILITY_TYPES,
  ...IDENTITY_TYPES,
]);

export function estimate(graph: Graph): Estimate {
  const all = [
    ...computeCost(graph),
    ...networkCost(graph),
    ...observabilityCost(graph),
    ...identityCost(graph),
  ];
  const items = all.filter((entry) => "price" in entry);
  return {
    items,
    unpriced: [...all.filter((entry) => "why" in entry), ...others(graph)],
    fixed: sum(items, "fixed"),
    usage: sum(items, "usage"),
    total: sum(items),
    assumptions: [
      ...ASSUMPTIONS,
      ...(graph.region === "us-east-1"
        ? []
        : [`the program's region is ${graph.region}, where prices differ`]),
    ],
  };
}

function others(graph: Graph): Unpriced[] {
  const unknown = graph.resources.filter(
    ({ type, options }) =>
      options?.kind !== "component" &&
      options?.kind !== "read" &&
      !READ.has(type) &&
      !FREE_TYPES.has(type) &&
      type !== "pulumi:pulumi:Stack" &&
      !type.startsWith("pulumi:providers:"),
  );
  return [...Map.groupBy(unknown, ({ type }) => type)].map(([type, resources]) => ({
    what: counted(resources.length, typeName(type)),
    of: resources.map(label),
    why: "no price in the table",
  }));
}
