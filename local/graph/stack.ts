import { dirname, resolve } from "node:path";
import { z } from "zod";
import {
  checkAttachments,
  checkControlPort,
  withoutAgent,
  type Attachment,
} from "./attachments.ts";
import { LocalError, type Graph, type GraphResource } from "./graph.ts";
import { inputsOf } from "./inputs.ts";
import { readListeners, type Listener } from "./listeners.ts";
import { readTaskDefinition, type TaskDefinition } from "./task-definition.ts";
import { zoneOf } from "./zones.ts";

/** What of a graph can run: its load balancers, target groups and services, with every reference followed. */
export interface Stack {
  readonly loadBalancers: readonly LoadBalancer[];
  readonly targetGroups: readonly TargetGroup[];
  readonly services: readonly EcsService[];
}

export interface LoadBalancer {
  readonly name: string;
  readonly idleTimeoutSeconds: number;
  readonly listeners: readonly Listener[];
}

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly algorithm: "round_robin" | "least_outstanding_requests";
  readonly deregistrationDelaySeconds: number;
  readonly healthCheck: HealthCheck;
  /** The most requests at once to a target; infinite without the target optimizer. */
  readonly maxConcurrency: number;
}

export interface HealthCheck {
  readonly path: string;
  readonly port: "traffic-port" | number;
  /** Status codes and ranges of them: `200`, `200,202`, `200-299`. */
  readonly matcher: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

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

const loadBalancerInputs = z.object({ idleTimeout: z.number().default(60) });

/** The defaults are AWS's own (ELB guide, "Health checks"). */
const targetGroupInputs = z.object({
  targetType: z.literal("ip"),
  loadBalancingAlgorithmType: z
    .enum(["round_robin", "least_outstanding_requests"])
    .default("round_robin"),
  deregistrationDelay: z.number().default(300),
  targetControlPort: z.number().optional(),
  healthCheck: z
    .object({
      path: z.string().default("/"),
      port: z.string().default("traffic-port"),
      matcher: z.string().default("200"),
      interval: z.number().default(30),
      timeout: z.number().default(5),
      healthyThreshold: z.number().default(5),
      unhealthyThreshold: z.number().default(2),
    })
    .prefault({}),
});

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
 * Reads what can run out of a graph.
 *
 * @param program the path of the program, to which build contexts are relative.
 * @throws {LocalError} that names the resource and what is missing or not modelled here.
 */
export function readStack(graph: Graph, program: string): Stack {
  const ofType = (type: string): GraphResource[] =>
    graph.resources.filter((resource) => resource.type === type);
  const listeners = readListeners(graph);
  const services = ofType("aws:ecs/service:Service").map((resource) =>
    readService(graph, resource, resolve(dirname(program))),
  );
  const stack: Stack = {
    loadBalancers: ofType("aws:lb/loadBalancer:LoadBalancer").map((resource) => ({
      name: resource.name,
      idleTimeoutSeconds: inputsOf(resource, loadBalancerInputs).idleTimeout,
      listeners: listeners.filter((listener) => listener.loadBalancerArn === resource.id),
    })),
    targetGroups: ofType("aws:lb/targetGroup:TargetGroup").map((resource) =>
      readTargetGroup(resource, services),
    ),
    services: services.map(withoutAgent),
  };
  for (const service of stack.services) checkAttachments(service, stack.targetGroups);
  if (stack.services.length === 0) {
    throw new LocalError(
      `The program \`${program}\` declares no ECS service, so there is nothing to run. Declare an \`McpService\` in it.`,
    );
  }
  return stack;
}

function readTargetGroup(resource: GraphResource, services: readonly EcsService[]): TargetGroup {
  const inputs = inputsOf(resource, targetGroupInputs);
  const { healthCheck, targetControlPort } = inputs;
  const service = services.find(({ loadBalancers }) =>
    loadBalancers.some(({ targetGroupArn }) => targetGroupArn === resource.id),
  );
  const optimizer = service?.task.optimizer;
  if (service !== undefined) checkControlPort(resource.name, targetControlPort, optimizer);
  const isTrafficPort =
    healthCheck.port === "traffic-port" || Number(healthCheck.port) === optimizer?.dataPort;
  return {
    arn: resource.id,
    name: resource.name,
    algorithm: inputs.loadBalancingAlgorithmType,
    deregistrationDelaySeconds: inputs.deregistrationDelay,
    healthCheck: {
      path: healthCheck.path,
      port: isTrafficPort ? "traffic-port" : Number(healthCheck.port),
      matcher: healthCheck.matcher,
      intervalSeconds: healthCheck.interval,
      timeoutSeconds: healthCheck.timeout,
      healthyThreshold: healthCheck.healthyThreshold,
      unhealthyThreshold: healthCheck.unhealthyThreshold,
    },
    maxConcurrency: optimizer?.maxConcurrency ?? Number.POSITIVE_INFINITY,
  };
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
