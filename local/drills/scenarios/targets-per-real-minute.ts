import type { Graph, GraphResource } from "../../graph/graph.ts";

const POLICY = "aws:appautoscaling/policy:Policy";
const REQUESTS = "ALBRequestCountPerTarget";

/**
 * Where the clock goes faster, calls do not: a minute of AWS's holds as many fewer of them. Targets that count requests a minute are divided by the
 * speed, so that they stand for as many a second as declared.
 */
export function withTargetsPerRealMinute(graph: Graph, speed: number): Graph {
  return { ...graph, resources: graph.resources.map((resource) => divided(resource, speed)) };
}

function divided(resource: GraphResource, speed: number): GraphResource {
  const configuration = resource.inputs["targetTrackingScalingPolicyConfiguration"];
  if (resource.type !== POLICY || !isObject(configuration)) return resource;
  const { predefinedMetricSpecification, targetValue } = configuration;
  const isOfRequests =
    isObject(predefinedMetricSpecification) &&
    predefinedMetricSpecification["predefinedMetricType"] === REQUESTS;
  if (!isOfRequests || typeof targetValue !== "number") return resource;
  return {
    ...resource,
    inputs: {
      ...resource.inputs,
      targetTrackingScalingPolicyConfiguration: {
        ...configuration,
        targetValue: targetValue / speed,
      },
    },
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
