import { dirname, resolve } from "node:path";
import { z } from "zod";
import { LocalError, type Graph, type GraphResource } from "./graph.ts";
import { inputsOf } from "./inputs.ts";
import { readListeners, type Listener } from "./listeners.ts";
import { readTaskDefinition, type TaskDefinition } from "./task-definition.ts";

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

/** Which port of which container a target group's traffic goes to. */
export interface Attachment {
  readonly targetGroupArn: string;
  readonly containerName: string;
  readonly containerPort: number;
}

const loadBalancerInputs = z.object({ idleTimeout: z.number().default(60) });

/** The defaults are AWS's own (ELB guide, "Health checks"). */
const targetGroupInputs = z.object({
  targetType: z.literal("ip"),
  loadBalancingAlgorithmType: z
    .enum(["round_robin", "least_outstanding_requests"])
    .default("round_robin"),
  deregistrationDelay: z.number().default(300),
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
  const stack: Stack = {
    loadBalancers: ofType("aws:lb/loadBalancer:LoadBalancer").map((resource) => ({
      name: resource.name,
      idleTimeoutSeconds: inputsOf(resource, loadBalancerInputs).idleTimeout,
      listeners: listeners.filter((listener) => listener.loadBalancerArn === resource.id),
    })),
    targetGroups: ofType("aws:lb/targetGroup:TargetGroup").map(readTargetGroup),
    services: ofType("aws:ecs/service:Service").map((resource) =>
      readService(graph, resource, resolve(dirname(program))),
    ),
  };
  for (const service of stack.services) checkAttachments(service, stack.targetGroups);
  if (stack.services.length === 0) {
    throw new LocalError(
      `The program \`${program}\` declares no ECS service, so there is nothing to run. Declare an \`McpService\` in it.`,
    );
  }
  return stack;
}

function readTargetGroup(resource: GraphResource): TargetGroup {
  const inputs = inputsOf(resource, targetGroupInputs);
  const { healthCheck } = inputs;
  return {
    arn: resource.id,
    name: resource.name,
    algorithm: inputs.loadBalancingAlgorithmType,
    deregistrationDelaySeconds: inputs.deregistrationDelay,
    healthCheck: {
      path: healthCheck.path,
      port: healthCheck.port === "traffic-port" ? "traffic-port" : Number(healthCheck.port),
      matcher: healthCheck.matcher,
      intervalSeconds: healthCheck.interval,
      timeoutSeconds: healthCheck.timeout,
      healthyThreshold: healthCheck.healthyThreshold,
      unhealthyThreshold: healthCheck.unhealthyThreshold,
    },
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
    task: readTaskDefinition(graph, definition, programFolder),
  };
}

const subnetInputs = z.object({ availabilityZone: z.string() });
const vpcOutputs = z.object({
  availabilityZones: z.array(z.string()),
  publicSubnetIds: z.array(z.string()),
  privateSubnetIds: z.array(z.string()),
  isolatedSubnetIds: z.array(z.string()),
});

/** The ids that AWS gives; those of subnets that a program declares are other ones here. */
const AWS_SUBNET = /^subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})$/u;

/**
 * The zone of a subnet: its own input, or its place among the subnets of an awsx VPC. One that exists already is taken to lie in another zone than
 * the service's others, as those of a load balancer do.
 */
function zoneOf(graph: Graph, subnet: string, index: number): string {
  for (const resource of graph.resources) {
    if (resource.type === "aws:ec2/subnet:Subnet" && resource.id === subnet) {
      return inputsOf(resource, subnetInputs).availabilityZone;
    }
    const vpc =
      resource.type === "awsx:ec2:Vpc" ? vpcOutputs.safeParse(resource.outputs).data : undefined;
    if (vpc === undefined) continue;
    for (const ids of [vpc.publicSubnetIds, vpc.privateSubnetIds, vpc.isolatedSubnetIds]) {
      const zone = vpc.availabilityZones[ids.indexOf(subnet)];
      if (zone !== undefined) return zone;
    }
  }
  if (AWS_SUBNET.test(subnet)) return `${graph.region}${"abcdef".charAt(index % 6)}`;
  throw new LocalError(
    `The zone of the subnet \`${subnet}\` is not in the graph. Declare the subnet in the program, or use the VPC of \`McpPlatform\`.`,
  );
}

/** Refuses what ECS would refuse: traffic for a target group, a container or a port that does not exist. */
function checkAttachments(service: EcsService, targetGroups: readonly TargetGroup[]): void {
  for (const { targetGroupArn, containerName, containerPort } of service.loadBalancers) {
    if (!targetGroups.some(({ arn }) => arn === targetGroupArn)) {
      throw new LocalError(
        `The service \`${service.name}\` registers with the target group \`${targetGroupArn}\`, which the program does not declare.`,
      );
    }
    const container = service.task.containers.find(({ name }) => name === containerName);
    if (container?.ports.includes(containerPort) === true) continue;
    throw new LocalError(
      `The service \`${service.name}\` sends traffic to port ${containerPort} of the container \`${containerName}\`, but its task definition has ` +
        (container === undefined
          ? `no container of that name. It has ${service.task.containers.map(({ name }) => `\`${name}\``).join(", ")}.`
          : `no such port. It maps ${container.ports.join(", ") || "none"}.`),
    );
  }
}
