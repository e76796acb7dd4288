import { packedInstances } from "../../ecs/capacity/managed-scaling.ts";
import { instanceSizeOf } from "../../graph/capacity-providers.ts";
import { parseContainers } from "../../graph/container-definition.ts";
import type { Graph, GraphResource } from "../../graph/graph.ts";
import { taskResources, type TaskResources } from "../../graph/task-resources.ts";
import { textAt } from "../fields.ts";
import { replicas, shares } from "./replicas.ts";
import { ofType } from "./usage.ts";

/** How many instances of a group the fewest replicas of its services take, packed as ECS reckons; 0 for types that are not known here. */
export function instancesNeeded(graph: Graph, group: GraphResource, typeName: string): number {
  const size = instanceSizeOf(graph, typeName);
  if (size === undefined) return 0;
  const providers = new Set(
    ofType(graph, "aws:ecs/capacityProvider:CapacityProvider")
      .filter(
        ({ inputs }) =>
          textAt(inputs, "autoScalingGroupProvider", "autoScalingGroupArn") ===
          group.outputs["arn"],
      )
      .map(({ outputs }) => outputs["name"]),
  );
  const tasks = ofType(graph, "aws:ecs/service:Service")
    .filter((service) => shares(service).some(({ provider }) => providers.has(provider)))
    .flatMap((service) => {
      const resources = resourcesOf(graph, service);
      return resources === undefined
        ? []
        : Array.from({ length: replicas(graph, service).least }, () => resources);
    });
  return packedInstances(tasks, size);
}

/** Undefined where the task definition is not in the program. */
function resourcesOf(graph: Graph, service: GraphResource): TaskResources | undefined {
  const definition = ofType(graph, "aws:ecs/taskDefinition:TaskDefinition").find(
    ({ id }) => id === service.inputs["taskDefinition"],
  );
  const containers = textAt(definition?.inputs, "containerDefinitions");
  if (definition === undefined || containers === undefined) return undefined;
  return taskResources(
    { cpu: textAt(definition.inputs, "cpu"), memory: textAt(definition.inputs, "memory") },
    parseContainers(definition.name, containers),
  );
}
