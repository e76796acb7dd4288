import { evaluate, type ProcessWatch } from "../graph/evaluate.ts";
import type { Graph } from "../graph/graph.ts";
import type { Project } from "../graph/project.ts";

/** What a program declares, with names for its load balancers such as AWS gives them: none of them listens. */
export async function evaluatedProject(
  project: Project,
  watch: ProcessWatch,
  signal: AbortSignal,
  kept: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): Promise<Graph> {
  const region = project.config["aws:region"] ?? process.env["AWS_REGION"] ?? "us-east-1";
  const loadBalancerAddresses = Array.from(
    { length: LOAD_BALANCERS },
    (_, index) => `load-balancer-${index + 1}.${region}.elb.amazonaws.com`,
  );
  return evaluate(
    {
      program: project.program,
      project: project.name,
      stack: project.stack,
      config: project.config,
      loadBalancerAddresses,
      kept,
    },
    watch,
    signal,
  );
}

/** More than an account may have by default (50). */
const LOAD_BALANCERS = 100;

/** What a state would keep between two evaluations: random values, by URN. */
export function randomValues(graph: Graph): Record<string, Readonly<Record<string, unknown>>> {
  return Object.fromEntries(
    graph.resources
      .filter(({ type }) => type.startsWith("random:"))
      .map(({ urn, outputs }) => [urn, outputs]),
  );
}
