import { dirname, resolve } from "node:path";
import { z } from "zod";
import type { Attachment } from "./attachments.ts";
import {
  alarmsInputs,
  deploymentAlarmsOf,
  deploymentConfigurationInputs,
  deploymentDifferences,
  trafficShiftOf,
  type DeploymentAlarms,
  type DeploymentStrategy,
  type TrafficShift,
} from "./deployment-configuration.ts";
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
  /** Whether a deployment leaves the count alone that the autoscaler has set (`ignoreChanges`). */
  readonly keepsDesiredCount: boolean;
  readonly strategy: DeploymentStrategy;
  readonly trafficShift: TrafficShift;
  readonly circuitBreaker: { readonly enable: boolean; readonly rollback: boolean };
  readonly alarms: DeploymentAlarms;
  /** Whether tasks are evened out over the zones. */
  readonly rebalancesZones: boolean;
  readonly healthCheckGracePeriodSeconds: number;
  readonly zones: readonly string[];
  readonly loadBalancers: readonly Attachment[];
  /** The ARNs of the Cloud Map services that its tasks are entered into. */
  readonly registryArns: readonly string[];
  /** The ids of its tasks' security groups. */
  readonly securityGroups: readonly string[];
  readonly task: TaskDefinition;
  /** Why it is not started: something that its image would hold is not on this machine. */
  readonly missing?: string;
  /** What is otherwise with its deployments here than on AWS, a line each. */
  readonly differences: readonly string[];
}

const serviceInputs = z.object({
  cluster: z.string().default("default"),
  desiredCount: z.number().default(1),
  deploymentMinimumHealthyPercent: z.number().default(100),
  deploymentMaximumPercent: z.number().default(200),
  deploymentConfiguration: deploymentConfigurationInputs.prefault({}),
  deploymentCircuitBreaker: z
    .object({ enable: z.boolean(), rollback: z.boolean() })
    .default({ enable: false, rollback: false }),
  alarms: alarmsInputs,
  // What the API takes where nothing is said, for a new service (CreateService).
  availabilityZoneRebalancing: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
  healthCheckGracePeriodSeconds: z.number().default(0),
  networkConfiguration: z.object({
    subnets: z.array(z.string()).min(1),
    securityGroups: z.array(z.string()).default([]),
  }),
  serviceRegistries: z.object({ registryArn: z.string() }).optional(),
  taskDefinition: z.string(),
  loadBalancers: z
    .array(
      z.object({
        targetGroupArn: z.string(),
        containerName: z.string(),
        containerPort: z.number(),
        advancedConfiguration: z
          .object({
            alternateTargetGroupArn: z.string(),
            productionListenerRule: z.string(),
            testListenerRule: z.string().optional(),
          })
          .optional(),
      }),
    )
    .default([]),
});

/**
 * The ECS services of a graph.
 *
 * @param program the path of the program, to which build contexts are relative.
 * @param inContainers whether tasks run as containers.
 */
export function readServices(graph: Graph, program: string, inContainers = false): EcsService[] {
  return graph.resources
    .filter(({ type }) => type === "aws:ecs/service:Service")
    .map((resource) => readService(graph, resource, resolve(dirname(program)), inContainers));
}

function readService(
  graph: Graph,
  resource: GraphResource,
  programFolder: string,
  inContainers: boolean,
): EcsService {
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
  const loadBalancers = inputs.loadBalancers.map(attachmentOf);
  checkShifts(graph, resource.name, strategy, loadBalancers);
  return {
    arn: resource.id,
    name: resource.name,
    cluster: inputs.cluster,
    desiredCount: inputs.desiredCount,
    minimumHealthyPercent: inputs.deploymentMinimumHealthyPercent,
    maximumPercent: inputs.deploymentMaximumPercent,
    keepsDesiredCount: resource.ignoreChanges.includes("desiredCount"),
    strategy,
    trafficShift: trafficShiftOf(inputs.deploymentConfiguration),
    // It does not know the other strategies (API DeploymentCircuitBreaker).
    circuitBreaker:
      strategy === "ROLLING" ? inputs.deploymentCircuitBreaker : { enable: false, rollback: false },
    alarms: deploymentAlarmsOf(graph, inputs.alarms),
    rebalancesZones: inputs.availabilityZoneRebalancing === "ENABLED",
    healthCheckGracePeriodSeconds: inputs.healthCheckGracePeriodSeconds,
    zones: inputs.networkConfiguration.subnets.map((subnet, index) => zoneOf(graph, subnet, index)),
    loadBalancers,
    registryArns:
      inputs.serviceRegistries === undefined
        ? []
        : [registryOf(graph, resource, inputs.serviceRegistries)],
    securityGroups: inputs.networkConfiguration.securityGroups,
    task: readTaskDefinition(
      graph,
      definition,
      programFolder,
      inputs.loadBalancers.map(({ containerName }) => containerName),
      inContainers,
    ),
    differences: deploymentDifferences(inputs.deploymentConfiguration, resource.name),
  };
}

function registryOf(
  graph: Graph,
  { name }: GraphResource,
  { registryArn }: { readonly registryArn: string },
): string {
  const isDeclared = graph.resources.some(
    ({ type, outputs }) =>
      type === "aws:servicediscovery/service:Service" && outputs["arn"] === registryArn,
  );
  if (isDeclared) return registryArn;
  throw new LocalError(
    `The service \`${name}\` enters its tasks into \`${registryArn}\`, which is no Cloud Map service of the program. Declare it as an` +
      " `aws.servicediscovery.Service`, and give its `arn`.",
  );
}

function attachmentOf(inputs: z.output<typeof serviceInputs>["loadBalancers"][number]): Attachment {
  const { targetGroupArn, containerName, containerPort, advancedConfiguration } = inputs;
  return {
    targetGroupArn,
    containerName,
    containerPort,
    shift: advancedConfiguration && {
      alternateTargetGroupArn: advancedConfiguration.alternateTargetGroupArn,
      productionListenerRuleArn: advancedConfiguration.productionListenerRule,
      testListenerRuleArn: advancedConfiguration.testListenerRule,
    },
  };
}

/** Refuses what ECS would refuse: traffic that is to be shifted, with nothing to shift it by. */
function checkShifts(
  graph: Graph,
  service: string,
  strategy: DeploymentStrategy,
  loadBalancers: readonly Attachment[],
): void {
  if (strategy === "ROLLING") return;
  for (const { targetGroupArn, shift } of loadBalancers) {
    if (shift === undefined) {
      throw new LocalError(
        `The service \`${service}\` deploys as \`${strategy}\`, but its target group \`${targetGroupArn}\` has no \`advancedConfiguration\`. Give it an` +
          " `alternateTargetGroupArn` and a `productionListenerRule`, or deploy as `ROLLING`.",
      );
    }
    for (const rule of [shift.productionListenerRuleArn, shift.testListenerRuleArn]) {
      const isDeclared = graph.resources.some(
        ({ type, id }) => type === "aws:lb/listenerRule:ListenerRule" && id === rule,
      );
      if (rule === undefined || isDeclared) continue;
      throw new LocalError(
        `The service \`${service}\` shifts traffic by the listener rule \`${rule}\`, which the program does not declare.`,
      );
    }
  }
}
