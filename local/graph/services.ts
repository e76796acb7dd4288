import { dirname, resolve } from "node:path";
import { z } from "zod";
import type { Attachment } from "./attachments.ts";
import { LocalError, type Graph, type GraphResource } from "./graph.ts";
import { inputsOf } from "./inputs.ts";
import { readTaskDefinition, type TaskDefinition } from "./task-definition.ts";
import { zoneOf } from "./zones.ts";

export interface EcsService {
  readonly arn: string;
  readonly name: string;
  readonly cluster: string;
  readonly desiredCount: number;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  readonly strategy: z.output<typeof strategies>;
  readonly circuitBreaker: { readonly enable: boolean; readonly rollback: boolean };
  readonly healthCheckGracePeriodSeconds: number;
  readonly zones: readonly string[];
  readonly loadBalancers: readonly Attachment[];
  readonly task: TaskDefinition;
}

const strategies = z.enum(["ROLLING", "BLUE_GREEN", "CANARY", "LINEAR"]);

const serviceInputs = z.object({
  cluster: z.string().default("default"),
  desiredCount: z.number().default(1),
  deploymentMinimumHealthyPercent: z.number().default(100),
  deploymentMaximumPercent: z.number().default(200),
  deploymentConfiguration: z.object({ strategy: strategies.default("ROLLING") }).prefault({}),
  deploymentCircuitBreaker: z
    .object({ enable: z.boolean(), rollback: z.boolean() })
    .default({ enable: false, rollback: false }),
  healthCheckGracePeriodSeconds: z.number().default(0),
  networkConfiguration: z.object({ subnets: z.array(z.string()).min(1) }),
  taskDefinition: z.string(),
  loadBalancers: z
    .array(
      z.object({
        targetGroupArn: z.string(),
        containerName: z.string(),
        containerPort: z.number(),
      }),
    )
    .default([]),
});

/**
 * The ECS services of a graph.
 *
 * @param program the path of the program, to which build contexts are relative.
 */
export function readServices(graph: Graph, program: string): EcsService[] {
  return graph.resources
    .filter(({ type }) => type === "aws:ecs/service:Service")
    .map((resource) => readService(graph, resource, resolve(dirname(program))));
}

function readService(graph: Graph, resource: GraphResource, programFolder: string): EcsService {
  const inputs = inputsOf(resource, serviceInputs);
  const definition = graph.resources.find(
    ({ type, id }) =>
      type === "aws:ecs/taskDefinition:TaskDefinition" && id === inputs.taskDefinition,
  );
  if (definition === undefined) {
    throw new LocalError(
      `The service \`${resource.name}\` runs the task definition \`${inputs.taskDefinition}\`, which the program does not declare.`,
    );
  }
  const { strategy } = inputs.deploymentConfiguration;
  return {
    arn: resource.id,
    name: resource.name,
    cluster: inputs.cluster,
    desiredCount: inputs.desiredCount,
    minimumHealthyPercent: inputs.deploymentMinimumHealthyPercent,
    maximumPercent: inputs.deploymentMaximumPercent,
    strategy,
    // The others are deployed as rolling ones here, and nothing else would end a deployment that fails: there are no alarms.
    circuitBreaker:
      strategy === "ROLLING" ? inputs.deploymentCircuitBreaker : { enable: true, rollback: true },
    healthCheckGracePeriodSeconds: inputs.healthCheckGracePeriodSeconds,
    zones: inputs.networkConfiguration.subnets.map((subnet, index) => zoneOf(graph, subnet, index)),
    loadBalancers: inputs.loadBalancers,
    task: readTaskDefinition(
      graph,
      definition,
      programFolder,
      inputs.loadBalancers.map(({ containerName }) => containerName),
    ),
  };
}
