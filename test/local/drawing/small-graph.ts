import type { Graph, GraphResource, ResourceOptions } from "../../../local/graph/graph.ts";

/** A resource of a graph that a test makes up. */
export function resource(
  type: string,
  name: string,
  inputs: GraphResource["inputs"] = {},
  more: Partial<Omit<GraphResource, "options">> & { options?: Partial<ResourceOptions> } = {},
): GraphResource {
  return {
    urn: `urn:pulumi:dev::test::${type}::${name}`,
    type,
    name,
    parent: "",
    inputs,
    id: `${name}-0123456789`,
    outputs: { arn: `arn:aws:test:${type}/${name}-0123456789` },
    dependencies: [],
    ignoreChanges: [],
    ...more,
    options: {
      kind: "resource",
      aliases: [],
      replaceOnChanges: [],
      retainOnDelete: false,
      protect: false,
      secretInputs: [],
      secretOutputs: [],
      ...more.options,
    },
  };
}

export function graphOf(...resources: readonly GraphResource[]): Graph {
  return { project: "test", stack: "dev", region: "us-east-1", resources, outputs: {} };
}

/** What AWS calls a resource of a type and a name here. */
export function arnOf(type: string, name: string): string {
  return `arn:aws:test:${type}/${name}-0123456789`;
}
