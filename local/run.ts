import type { Outcome } from "./balancer/forward.ts";
import { RunningListener } from "./balancer/balancer.ts";
import { RunningTargetGroup } from "./balancer/target-group.ts";
import { machineClock, scopedClock } from "./clock.ts";
import { createAddressPool, type AddressPool } from "./ecs/addresses.ts";
import { startMetadataEndpoint, type MetadataEndpoint } from "./ecs/metadata.ts";
import { startReaper, type Reaper } from "./ecs/reaper.ts";
import { ServiceScheduler, type ServiceEvents } from "./ecs/service.ts";
import { evaluate } from "./graph/evaluate.ts";
import { LocalError, type Graph } from "./graph/graph.ts";
import type { Listener } from "./graph/listeners.ts";
import type { Project } from "./graph/project.ts";
import { readStack, type LoadBalancer, type Stack } from "./graph/stack.ts";
import { startSamples, type Samples } from "./samples/samples.ts";

/** How to run a program here. */
export interface RunOptions {
  readonly project: Project;
  /** The port of the first load balancer; further ones take the ports after it. 0: any free one. */
  readonly port: number;
  /** Whether stand-ins take the place of the public APIs that they know. */
  readonly sampleData: boolean;
  readonly events: RunEvents;
  /** Whose loopback addresses to assume. Default: this machine's. */
  readonly platform?: NodeJS.Platform;
  /** Changes the graph before it runs; for tests of what a mistake in it does. */
  readonly transform?: (graph: Graph) => Graph;
}

/** What a run tells of itself. */
export interface RunEvents extends Omit<ServiceEvents, "steady" | "stalled"> {
  /** The program has been evaluated; nothing has been started yet. */
  declared(stack: Stack, endpoints: readonly Endpoint[]): void;
  /** A request has ended at a load balancer. */
  forwarded(outcome: Outcome): void;
}

/** An MCP endpoint that the stack serves. */
export interface Endpoint {
  readonly service: string;
  readonly url: string;
  /** Undefined where the service asks for none. */
  readonly token: string | undefined;
}

/** A stack at work. */
export interface Run {
  readonly stack: Stack;
  readonly graph: Graph;
  readonly endpoints: readonly Endpoint[];
  readonly services: readonly ServiceScheduler[];
  /** Resolves when every wanted task of every service is healthy. */
  readonly ready: Promise<void>;
  /** Evaluates the program again and rolls every service to what it declares now; resolves when all are healthy again. */
  deploy(): Promise<void>;
  /** Ends everything: ports closed, processes gone. */
  close(): Promise<void>;
}

/** How long tasks may take to end once nobody is served any more. */
const CLOSE_GRACE_MILLISECONDS = 1000;

/**
 * Runs what a program declares.
 *
 * @throws {LocalError} where the program, its graph or the port do not allow it; nothing is left running then.
 */
export async function run(options: RunOptions): Promise<Run> {
  const started: Closable[] = [];
  try {
    return await start(options, started);
  } catch (error) {
    for (const thing of started.reverse()) await thing.close();
    throw error;
  }
}

interface Closable {
  close(): Promise<void> | void;
}

interface Machine {
  readonly reaper: Reaper;
  readonly addresses: AddressPool;
  readonly metadata: MetadataEndpoint;
}

async function start(options: RunOptions, started: Closable[]): Promise<Run> {
  const opened = <T extends Closable>(thing: T): T => {
    started.push(thing);
    return thing;
  };
  const { events } = options;
  const clock = opened(scopedClock(machineClock));
  // Before all else, so that a taken port is known before anything else is done.
  const first = opened(await RunningListener.open(options.port, events.forwarded.bind(events)));
  const samples = opened(
    options.sampleData ? await startSamples() : { replacements: new Map(), close: () => undefined },
  );
  const graph = await evaluateGraph(options, first);
  const stack = readRunnable(options, graph, samples);

  const groups = new Map(
    stack.targetGroups.map((group) => [group.arn, new RunningTargetGroup(group, clock)] as const),
  );
  const targetGroup = (arn: string): RunningTargetGroup | undefined => groups.get(arn);
  started.push(...groups.values());
  const listeners = await openListeners(stack, first, options, opened);
  serve(stack, listeners, targetGroup);
  const machine: Machine = {
    reaper: opened(startReaper()),
    addresses: opened(await createAddressPool(portsOf(stack), options.platform)),
    metadata: opened(await startMetadataEndpoint()),
  };

  const endpoints = stack.services.flatMap((service) => endpointOf(service, stack, listeners));
  events.declared(stack, endpoints);
  const awaited = new Awaited(stack.services.map(({ name }) => name));
  const services = stack.services.map((declared) => {
    const service = new ServiceScheduler(declared, {
      ...machine,
      clock,
      region: graph.region,
      targetGroup,
      events: {
        happened: events.happened.bind(events),
        line: events.line.bind(events),
        steady: (name) => {
          awaited.arrived(name);
        },
        stalled: (name, reason) => {
          awaited.failed(
            new LocalError(
              `The service \`${name}\` does not become healthy. The last task of several that failed: ${reason}`,
            ),
          );
        },
      },
    });
    started.push({ close: () => service.close(CLOSE_GRACE_MILLISECONDS) });
    return service;
  });
  for (const service of services) service.start();

  return {
    stack,
    graph,
    endpoints,
    services,
    ready: awaited.all,
    deploy: async () => {
      const next = readRunnable(options, await evaluateGraph(options, first, graph), samples);
      checkSameThings(stack, next);
      for (const declared of next.targetGroups) targetGroup(declared.arn)?.update(declared);
      serve(next, listeners, targetGroup);
      const again = new Awaited(services.map(({ name }) => name));
      awaited.next = again;
      for (const declared of next.services) {
        services.find(({ name }) => name === declared.name)?.deploy(declared);
      }
      await again.all;
    },
    close: async () => {
      for (const thing of started.reverse()) await thing.close();
    },
  };
}

/** Every port that a task may listen on. */
function portsOf({ services }: Stack): number[] {
  return services.flatMap(({ task }) => task.containers.flatMap(({ ports }) => ports));
}

/** Waits for a word from each of several. */
class Awaited {
  readonly all: Promise<void>;
  /** Who waits now; set when a later deployment begins. */
  next: Awaited | undefined;
  readonly #missing: Set<string>;
  #resolve: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(names: readonly string[]) {
    this.#missing = new Set(names);
    this.all = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Who wants to know awaits it; a failure that nobody awaits must not end the process.
    this.all.catch(() => undefined);
  }

  arrived(name: string): void {
    if (this.next !== undefined) {
      this.next.arrived(name);
      return;
    }
    this.#missing.delete(name);
    if (this.#missing.size === 0) this.#resolve();
  }

  failed(error: Error): void {
    if (this.next === undefined) this.#reject(error);
    else this.next.failed(error);
  }
}

async function evaluateGraph(
  { project, transform }: RunOptions,
  listener: RunningListener,
  before?: Graph,
): Promise<Graph> {
  const graph = await evaluate({
    program: project.program,
    project: project.name,
    stack: project.stack,
    config: project.config,
    // As many as ports follow the first; a program with more load balancers is refused when their ports are opened.
    loadBalancerAddresses: Array.from(
      { length: 32 },
      (_, index) => `127.0.0.1:${listener.port + index}`,
    ),
    // A random value lives in the state: a second `pulumi up` finds the first one's.
    kept: Object.fromEntries(
      (before?.resources ?? [])
        .filter(({ type }) => type.startsWith("random:"))
        .map(({ urn, outputs }) => [urn, outputs]),
    ),
  });
  return transform?.(graph) ?? graph;
}

/** The stack, with stand-ins for the public APIs in its tasks' environments. */
function readRunnable({ project }: RunOptions, graph: Graph, { replacements }: Samples): Stack {
  const stack = readStack(graph, project.program);
  const replaced = (value: string): string => {
    for (const [origin, standIn] of replacements) {
      if (value === origin || value.startsWith(`${origin}/`))
        return standIn + value.slice(origin.length);
    }
    return value;
  };
  return {
    ...stack,
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

/** The ports of this machine, by the name of the load balancer that answers there. */
type Listeners = ReadonlyMap<string, RunningListener>;

/** Opens a port for every load balancer that clients can use. */
async function openListeners(
  stack: Stack,
  first: RunningListener,
  { events }: RunOptions,
  opened: (listener: RunningListener) => RunningListener,
): Promise<Listeners> {
  const listeners = new Map<string, RunningListener>();
  for (const [index, loadBalancer] of stack.loadBalancers.entries()) {
    const running =
      index === 0
        ? first
        : opened(await RunningListener.open(first.port + index, events.forwarded.bind(events)));
    listeners.set(loadBalancer.name, running);
  }
  return listeners;
}

/** Gives every port the rules that are declared now. */
function serve(
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

/** A run changes what it runs, but neither adds nor removes; that is a new run. */
function checkSameThings(before: Stack, after: Stack): void {
  const named = ({ loadBalancers, targetGroups, services }: Stack): string[] =>
    [
      ...loadBalancers.map(({ name }) => `load balancer \`${name}\``),
      ...targetGroups.map(({ name }) => `target group \`${name}\``),
      ...services.map(({ name }) => `service \`${name}\``),
    ].sort();
  const [old, now] = [named(before), named(after)];
  const changed = [
    ...old.filter((name) => !now.includes(name)),
    ...now.filter((name) => !old.includes(name)),
  ];
  if (changed.length === 0) return;
  throw new LocalError(
    `The program adds or removes the ${changed.join(", the ")}. Stop this run and start a new one.`,
  );
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
function endpointOf(
  service: Stack["services"][number],
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
