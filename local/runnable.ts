import { withLocalIssuers } from "./balancer/local-validation.ts";
import { localAddress } from "./identity/local-address.ts";
import type { Stack } from "./graph/stack.ts";

/**
 * The stack, whose tasks know what is elsewhere by its address here: public APIs that have stand-ins, Cognito, and CloudFront before a load
 * balancer. Variables may list several addresses.
 *
 * @param here origins, or addresses with a path, and what they are on this machine; the first that fits counts.
 */
export function atHome(stack: Stack, here: Iterable<readonly [string, string]>): Stack {
  const origins = [...here];
  const replaced = (value: string): string =>
    value
      .split(",")
      .map((address) => localAddress(address, origins))
      .join(",");
  return {
    ...stack,
    loadBalancers: stack.loadBalancers.map((loadBalancer) =>
      withLocalIssuers(loadBalancer, (address) => localAddress(address, origins)),
    ),
    services: stack.services.map((service) => ({
      ...service,
      task: {
        ...service.task,
        containers: service.task.containers.map((container) => ({
          ...container,
          environment: Object.fromEntries(
            Object.entries(container.environment).map(([name, value]) => [name, replaced(value)]),
          ),
        })),
      },
    })),
  };
}
