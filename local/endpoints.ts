import { RunningListener } from "./balancer/balancer.ts";
import type { Outcome } from "./balancer/forward.ts";
import type { RunningTargetGroup } from "./balancer/target-group.ts";
import type { Listener } from "./graph/listeners.ts";
import type { EcsService, LoadBalancer, Stack } from "./graph/stack.ts";

/** An MCP endpoint that the stack serves. */
export interface Endpoint {
  readonly service: string;
  readonly url: string;
  /** Undefined where the service asks for none. */
  readonly token: string | undefined;
}

/** The ports of this machine, by the name of the load balancer that answers there. */
export type Listeners = ReadonlyMap<string, RunningListener>;

/** Opens a port for every load balancer that clients can use. */
export async function openListeners(
  stack: Stack,
  first: RunningListener,
  onOutcome: (outcome: Outcome) => void,
  opened: (listener: RunningListener) => RunningListener,
): Promise<Listeners> {
  const listeners = new Map<string, RunningListener>();
  for (const [index, loadBalancer] of stack.loadBalancers.entries()) {
    const running =
      index === 0 ? first : opened(await RunningListener.open(first.port + index, onOutcome));
    listeners.set(loadBalancer.name, running);
  }
  return listeners;
}

/** Gives every port the rules that are declared now. */
export function serve(
  stack: Stack,
  listeners: Listeners,
  targetGroup: (arn: string) => RunningTargetGroup | undefined,
): void {
  for (const loadBalancer of stack.loadBalancers) {
    const listener = mainListener(loadBalancer);
    if (listener === undefined) continue;
    const { idleTimeoutSeconds } = loadBalancer;
    listeners.get(loadBalancer.name)?.serve({ listener, idleTimeoutSeconds, targetGroup });
  }
}

/** The listener that clients use: the one with the rules. Others only redirect to it. */
function mainListener({ listeners }: LoadBalancer): Listener | undefined {
  return listeners.reduce<Listener | undefined>(
    (best, listener) =>
      best === undefined || listener.rules.length > best.rules.length ? listener : best,
    undefined,
  );
}

/** The container contract's name for the tokens that callers may use. */
const TOKENS = "AUTH_STATIC_TOKENS";

/** Where a service's endpoint is: the first path that a rule sends to it. */
export function endpointOf(
  service: EcsService,
  { loadBalancers }: Stack,
  listeners: Listeners,
): Endpoint[] {
  for (const loadBalancer of loadBalancers) {
    const host = listeners.get(loadBalancer.name)?.host ?? "";
    for (const { action, conditions } of mainListener(loadBalancer)?.rules ?? []) {
      const isOurs =
        action.type === "forward" &&
        action.targets.some(({ targetGroupArn }) =>
          service.loadBalancers.some((attachment) => attachment.targetGroupArn === targetGroupArn),
        );
      const path = conditions.flatMap((condition) =>
        condition.field === "path" ? condition.values : [],
      )[0];
      if (!isOurs || path === undefined) continue;
      const token = service.task.containers.flatMap(
        ({ environment }) => environment[TOKENS]?.split(",")[0] ?? [],
      )[0];
      return [{ service: service.name, url: `http://${host}${path}`, token }];
    }
  }
  return [];
}
