import type { ContainerDefinition } from "./container-definition.ts";
import { LocalError } from "./graph.ts";

/** AWS's agent between a load balancer and a server (ELB guide, "Target optimizer"). */
export interface TargetOptimizer {
  /** The name of the agent's container. */
  readonly agent: string;
  /** Where it takes requests. */
  readonly dataPort: number;
  /** Where it tells the load balancer of free places. */
  readonly controlPort: number;
  /** Where it sends requests. */
  readonly destinationPort: number;
  /** The most requests at once. */
  readonly maxConcurrency: number;
}

/** AWS's own. */
const DEFAULT_CONCURRENCY = "1";

/** The agent among the containers of a task, by the variables that only it has. */
export function readTargetOptimizer(
  task: string,
  containers: readonly ContainerDefinition[],
): TargetOptimizer | undefined {
  for (const { name, environment } of containers) {
    const variables = new Map(environment.map((variable) => [variable.name, variable.value]));
    if (!variables.has("TARGET_CONTROL_DATA_ADDRESS")) continue;
    const portOf = (variable: string): number => {
      const address = variables.get(variable) ?? "";
      const port = /^[^:]+:(\d{1,5})$/u.exec(address)?.[1];
      if (port !== undefined) return Number(port);
      throw new LocalError(
        `The container \`${name}\` of \`${task}\` has \`${variable}\` \`${address}\`, which is no IP address and port. Give one, such as \`127.0.0.1:8080\`.`,
      );
    };
    return {
      agent: name,
      dataPort: portOf("TARGET_CONTROL_DATA_ADDRESS"),
      controlPort: portOf("TARGET_CONTROL_CONTROL_ADDRESS"),
      destinationPort: portOf("TARGET_CONTROL_DESTINATION_ADDRESS"),
      maxConcurrency: Number(
        variables.get("TARGET_CONTROL_MAX_CONCURRENCY") ?? DEFAULT_CONCURRENCY,
      ),
    };
  }
  return undefined;
}
