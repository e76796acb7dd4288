import { RunningListener } from "./balancer/balancer.ts";
import type { Outcome } from "./balancer/forward.ts";
import type { LoadBalancers } from "./balancer/load-balancers.ts";
import type { Listener, Rule } from "./graph/listeners.ts";
import type { EcsService } from "./graph/services.ts";
import type { LoadBalancer } from "./graph/load-balancers.ts";
import type { Stack } from "./graph/stack.ts";
import type { LocalIssuer } from "./identity/issuer.ts";

/** An MCP endpoint that the stack serves. */
export interface Endpoint {
  readonly service: string;
  readonly url: string;
  /** Undefined where the service asks for none, or for one that nobody here can issue. */
  readonly token: string | undefined;
  /** Who issues the tokens that it asks for, where that is nobody here. */
  readonly issuer: string | undefined;
}

/** What a person is shown and offered first: the gateways, each of which stands for many services. */
export function gatewaysFirst({
  endpoints,
  gateways,
}: {
  readonly endpoints: readonly Endpoint[];
  readonly gateways: readonly { readonly name: string }[];
}): readonly Endpoint[] {
  const names = new Set(gateways.map(({ name }) => name));
  return [
    ...endpoints.filter(({ service }) => names.has(service)),
    ...endpoints.filter(({ service }) => !names.has(service)),
  ];
}

/** The ports of this machine, by what answers there. */
export type Listeners = ReadonlyMap<string, RunningListener>;

/** What a port of this machine stands for: a load balancer, and where its rules ask for hosts, each of these under a port of its own. */
interface Place {
  readonly key: string;
  readonly loadBalancer: LoadBalancer;
  readonly hostName: string | undefined;
}

/** Load balancers first: their addresses are known before the program is evaluated. */
function places({ loadBalancers }: Stack): Place[] {
  return [
    ...loadBalancers.map((loadBalancer) => ({
      key: keyOf(loadBalancer),
      loadBalancer,
      hostName: undefined,
    })),
    ...loadBalancers.flatMap((loadBalancer) =>
      hostNames(loadBalancer).map((hostName) => ({
        key: keyOf(loadBalancer, hostName),
        loadBalancer,
        hostName,
      })),
    ),
  ];
}

function keyOf({ name }: LoadBalancer, hostName = ""): string {
  return `${name} ${hostName}`;
}

/** The hosts that rules ask for by their whole names. */
export function hostNames(loadBalancer: LoadBalancer): string[] {
  const asked = (mainListener(loadBalancer)?.rules ?? []).flatMap(hostsOf);
  return [...new Set(asked)].filter((host) => !/[*?]/u.test(host)).sort();
}

function hostsOf({ conditions }: Rule): readonly string[] {
  return conditions.flatMap((condition) => (condition.field === "host" ? condition.values : []));
}

/** Opens a port for every load balancer that clients can use, and for every host that its rules ask for: no client here has these names. */
export async function openListeners(
  stack: Stack,
  first: RunningListener,
  onOutcome: (outcome: Outcome) => void,
  opened: (listener: RunningListener) => RunningListener,
): Promise<Listeners> {
  const listeners = new Map<string, RunningListener>();
  for (const [index, { key }] of places(stack).entries()) {
    const running =
      index === 0 ? first : opened(await RunningListener.open(first.port + index, onOutcome));
    listeners.set(key, running);
  }
  return listeners;
}

/** Gives every port the rules that are declared now. */
export function serve(stack: Stack, listeners: Listeners, loadBalancers: LoadBalancers): void {
  loadBalancers.update(stack.loadBalancers);
  for (const { key, loadBalancer, hostName } of places(stack)) {
    const listener = mainListener(loadBalancer);
    const running = loadBalancers.get(loadBalancer.name);
    if (listener === undefined || running === undefined) continue;
    listeners.get(key)?.serve({ loadBalancer: running, listener, hostName });
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

/** The container contract's names for the tokens that callers may use, for the clients that they may be of, and for who issues them. */
const TOKENS = "AUTH_STATIC_TOKENS";
const CLIENTS = "AUTH_CLIENT_IDS";
const ISSUER = "AUTH_ISSUER";

/** Where a service's endpoint is: the first path that a rule sends to it. */
export function endpointOf(
  service: EcsService,
  { loadBalancers }: Stack,
  listeners: Listeners,
  issuer: Pick<LocalIssuer, "tokenFor">,
): Endpoint[] {
  for (const loadBalancer of loadBalancers) {
    for (const rule of mainListener(loadBalancer)?.rules ?? []) {
      const { action, conditions } = rule;
      const isOurs =
        action.type === "forward" &&
        action.targets.some(({ targetGroupArn }) =>
          service.loadBalancers.some((attachment) => attachment.targetGroupArn === targetGroupArn),
        );
      const path = conditions.flatMap((condition) =>
        condition.field === "path" ? condition.values : [],
      )[0];
      if (!isOurs || path === undefined) continue;
      const [token] = service.task.containers.flatMap(({ environment }) => [
        ...list(environment[TOKENS]),
        ...list(environment[CLIENTS]).flatMap((client) => issuer.tokenFor(client) ?? []),
      ]);
      const foreign = service.task.containers.flatMap(
        ({ environment }) => environment[ISSUER] ?? [],
      );
      const host = listeners.get(keyOf(loadBalancer, hostsOf(rule)[0]))?.host ?? "";
      return [
        {
          service: service.name,
          url: `http://${host}${path}`,
          token,
          issuer: token === undefined ? foreign[0] : undefined,
        },
      ];
    }
  }
  return [];
}

function list(value = ""): readonly string[] {
  return value === "" ? [] : value.split(",");
}
