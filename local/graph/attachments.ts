import { LocalError } from "./graph.ts";
import type { EcsService } from "./services.ts";
import type { TargetGroup } from "./target-groups.ts";
import type { TargetOptimizer } from "./target-optimizer.ts";

/** Which port of which container a target group's traffic goes to. */
export interface Attachment {
  readonly targetGroupArn: string;
  readonly containerName: string;
  readonly containerPort: number;
  /** With what ECS shifts traffic between two revisions; undefined where a deployment does not. */
  readonly shift: AttachmentShift | undefined;
}

/** A second target group, and the rules whose weights say which of the two has the traffic. */
export interface AttachmentShift {
  readonly alternateTargetGroupArn: string;
  readonly productionListenerRuleArn: string;
  readonly testListenerRuleArn: string | undefined;
}

/**
 * The service without the load balancer's agent, which does not run here: what is sent to the agent goes where the agent would send it.
 *
 * @throws {LocalError} where the agent would not be reached, or would reach nobody.
 */
export function withoutAgent(service: EcsService): EcsService {
  const { task, loadBalancers } = service;
  const { optimizer } = task;
  if (optimizer === undefined) return service;
  const { agent, dataPort, destinationPort } = optimizer;
  // A server behind the agent need not map its port: within a task every port is open.
  const server =
    task.containers.find(({ ports }) => ports.includes(destinationPort)) ??
    task.containers.find(({ environment }) => environment["PORT"] === String(destinationPort));
  const redirected = loadBalancers.map((attachment) => {
    if (attachment.containerName !== agent) return attachment;
    if (attachment.containerPort !== dataPort) {
      throw new LocalError(
        `The service \`${service.name}\` sends traffic to port ${attachment.containerPort} of the container \`${agent}\`, which takes it at port ${dataPort}.`,
      );
    }
    if (server === undefined) {
      throw new LocalError(
        `The container \`${agent}\` of \`${service.name}\` sends requests to port ${destinationPort}, where no container of the task listens.`,
      );
    }
    return { ...attachment, containerName: server.name, containerPort: destinationPort };
  });
  return {
    ...service,
    loadBalancers: redirected,
    task: {
      ...task,
      containers: task.containers.map((container) =>
        container === server
          ? { ...container, ports: [...new Set([...container.ports, destinationPort])] }
          : container,
      ),
    },
  };
}

/** Refuses a target group and an agent that do not find each other: the load balancer would see no free place, and answer 503 to everything. */
export function checkControlPort(
  targetGroup: string,
  port: number | undefined,
  optimizer: TargetOptimizer | undefined,
): void {
  if (port === optimizer?.controlPort) return;
  throw new LocalError(
    `The target group \`${targetGroup}\` ` +
      (port === undefined
        ? "has no `targetControlPort`"
        : `asks at port ${port} (\`targetControlPort\`) for free places`) +
      (optimizer === undefined
        ? ", where no agent tells of them: no request would get through."
        : `, but the container \`${optimizer.agent}\` tells of free places at port ${optimizer.controlPort}: no request would get through.`),
  );
}

/** Refuses what ECS would refuse: traffic for a target group, a container or a port that does not exist. */
export function checkAttachments(service: EcsService, targetGroups: readonly TargetGroup[]): void {
  for (const { targetGroupArn, shift, containerName, containerPort } of service.loadBalancers) {
    for (const arn of [targetGroupArn, shift?.alternateTargetGroupArn ?? targetGroupArn]) {
      if (targetGroups.some((group) => group.arn === arn)) continue;
      throw new LocalError(
        `The service \`${service.name}\` registers with the target group \`${arn}\`, which the program does not declare.`,
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
