import type { Graph, GraphResource } from "../graph/graph.ts";
import { boilerplate } from "./boilerplate.ts";
import { factsOf, importance } from "./facts.ts";
import { counted, label } from "./labels.ts";
import { wrapped } from "./wrapped.ts";

/** What a terminal shows without breaking lines. */
const WIDTH = 80;

/**
 * The resource tree. Without `all`, what is of interest has a line with its facts, and of all else each component counts the types.
 */
export function treeText(graph: Graph, all: boolean): string {
  const stack = graph.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  const children = Map.groupBy(
    graph.resources.filter((resource) => resource !== stack),
    ({ parent }) => (parent === stack?.urn ? "" : parent),
  );
  const count = graph.resources.length - (stack === undefined ? 0 : 1);
  return [
    `${graph.project}, stack ${graph.stack}, ${graph.region}: ${counted(count, "resource")}`,
    ...branches(graph, children, "", "", all),
  ].join("\n");
}

type Children = ReadonlyMap<string, readonly GraphResource[]>;

function branches(
  graph: Graph,
  children: Children,
  parent: string,
  indent: string,
  all: boolean,
): string[] {
  const own = children.get(parent) ?? [];
  const listed = own
    .filter((resource) => all || children.has(resource.urn) || isOfInterest(graph, resource))
    .toSorted((left, right) => rank(children, left) - rank(children, right));
  const others = own.filter((resource) => !listed.includes(resource));
  const lines = listed.flatMap((resource, index) => {
    const isLast = index === listed.length - 1 && others.length === 0;
    const below = `${indent}${isLast ? "   " : "│  "}`;
    return [
      ...line(graph, children, resource, `${indent}${isLast ? "└─ " : "├─ "}`, below),
      ...branches(graph, children, resource.urn, below, all),
    ];
  });
  if (others.length === 0) return lines;
  const rest = wrapped(`also ${boilerplate(others)}`, "", WIDTH - indent.length - 3);
  return [...lines, ...rest.map((text, index) => `${indent}${index === 0 ? "└─ " : "   "}${text}`)];
}

/** The line of a resource; its facts go on below where they are long. */
function line(
  graph: Graph,
  children: Children,
  resource: GraphResource,
  head: string,
  below: string,
): string[] {
  const members = membersOf(children, resource.urn);
  const facts = members > 0 ? counted(members, "resource") : (factsOf(graph, resource) ?? "");
  const text = facts === "" ? label(resource) : `${label(resource)}: ${facts}`;
  const indent = below + (children.has(resource.urn) ? "│  " : "   ");
  return wrapped(text, "", WIDTH - indent.length).map((part, index) =>
    index === 0 ? head + part : indent + part,
  );
}

function membersOf(children: Children, urn: string): number {
  return (children.get(urn) ?? []).reduce(
    (sum, child) => sum + 1 + membersOf(children, child.urn),
    0,
  );
}

/** Components, and what a request or a replica meets. */
function isOfInterest(graph: Graph, resource: GraphResource): boolean {
  return resource.options?.kind === "component" || factsOf(graph, resource) !== undefined;
}

/** On the way of a request, then the rest, then components as they were declared. */
function rank(children: Children, { urn, type }: GraphResource): number {
  return children.has(urn) ? Number.MAX_SAFE_INTEGER : importance(type);
}
