import type { Graph, GraphResource } from "../../../local/graph/graph.ts";

/** A resource as an evaluation would have it; its name, id and ARN follow from `name`. */
export function declared(
  type: string,
  name: string,
  inputs: Readonly<Record<string, unknown>>,
): GraphResource {
  return {
    urn: `urn:pulumi:dev::test::aws:${type}::${name}`,
    type: `aws:${type}`,
    name,
    parent: "",
    inputs,
    outputs: {
      name,
      arn: `${type.includes("scaling") ? "arn:aws:autoscaling:us-east-1:1:" : "arn:"}${name}`,
    },
    id: name,
    dependencies: [],
    ignoreChanges: [],
  };
}

export function graphOf(resources: readonly GraphResource[]): Graph {
  return { project: "test", stack: "dev", region: "us-east-1", resources, outputs: {} };
}
