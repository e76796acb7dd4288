import { checkAttachments, withoutAgent } from "./attachments.ts";
import { LocalError, type Graph } from "./graph.ts";
import { readLoadBalancers, type LoadBalancer } from "./load-balancers.ts";
import { readServices, type EcsService } from "./services.ts";
import { readTargetGroups, type TargetGroup } from "./target-groups.ts";

/** What of a graph can run: its load balancers, target groups and services, with every reference followed. */
export interface Stack {
  readonly loadBalancers: readonly LoadBalancer[];
  readonly targetGroups: readonly TargetGroup[];
  readonly services: readonly EcsService[];
}

/**
 * Reads what can run out of a graph.
 *
 * @param program the path of the program, to which build contexts are relative.
 * @param inContainers whether tasks run as containers, so that images need no build and no command.
 * @throws {LocalError} that names the resource and what is missing or not modelled here.
 */
export function readStack(graph: Graph, program: string, inContainers = false): Stack {
  const services = readServices(graph, program, inContainers);
  const stack: Stack = {
    loadBalancers: readLoadBalancers(graph),
    targetGroups: readTargetGroups(graph, services),
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
