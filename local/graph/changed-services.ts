import { isDeepStrictEqual } from "node:util";
import { listAt, parsed, textAt } from "../drawing/fields.ts";
import type { Graph, GraphResource } from "./graph.ts";

/**
 * The ARNs of the services that a deployment of a changed program replaces the tasks of: those whose own declaration, task definition or image build is another
 * one. AWS starts no deployment for any other. Where nothing of the program has changed at all, it is the code of the images that has: then these are all services.
 */
export function changedServices(before: Graph, after: Graph): ReadonlySet<string> {
  const services = after.resources.filter(({ type }) => type === "aws:ecs/service:Service");
  const arns = services.map(({ id }) => id);
  if (isDeepStrictEqual(declared(before), declared(after))) return new Set(arns);
  return new Set(
    arns.filter((arn) => !isDeepStrictEqual(partsOf(before, arn), partsOf(after, arn))),
  );
}

function declared({ resources }: Graph): Record<string, unknown> {
  return Object.fromEntries(resources.map(({ urn, inputs }) => [urn, inputs]));
}

/** The inputs of all that a service's tasks are made by. */
function partsOf({ resources }: Graph, arn: string): unknown {
  const service = resources.find(({ id }) => id === arn);
  const definition = resources.find(
    ({ type, id }) =>
      type === "aws:ecs/taskDefinition:TaskDefinition" && id === service?.inputs["taskDefinition"],
  );
  const containers = parsed(textAt(definition?.inputs, "containerDefinitions"));
  const images = listAt({ containers }, "containers").flatMap(
    (container): readonly GraphResource[] =>
      resources.filter(
        ({ type, outputs }) =>
          type === "awsx:ecr:Image" && outputs["imageUri"] === textAt(container, "image"),
      ),
  );
  return [service?.inputs, definition?.inputs, images.map(({ inputs }) => inputs)];
}
