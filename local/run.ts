import { Awaited } from "./awaited.ts";
import { RunningListener } from "./balancer/balancer.ts";
import type { Outcome } from "./balancer/forward.ts";
import { RunningTargetGroup } from "./balancer/target-group.ts";
import { machineClock, scopedClock } from "./clock.ts";
import { createAddressPool, type AddressPool } from "./ecs/addresses.ts";
import { startMetadataEndpoint, type MetadataEndpoint } from "./ecs/metadata.ts";
import { startReaper, type Reaper } from "./ecs/reaper.ts";
import { ServiceScheduler } from "./ecs/service.ts";
import type { ServiceEvents } from "./ecs/surroundings.ts";
import { endpointOf, hostNames, openListeners, serve, type Endpoint } from "./endpoints.ts";
import { evaluate } from "./graph/evaluate.ts";
import type { EvaluationRequest } from "./graph/evaluator.ts";
import { publicOrigins } from "./graph/distributions.ts";
import { LocalError, type Graph } from "./graph/graph.ts";
import type { Project } from "./graph/project.ts";
import { readStack, type Stack } from "./graph/stack.ts";
import { startIssuer, type LocalIssuer } from "./identity/issuer.ts";
import { atLocalAddresses } from "./identity/local-address.ts";
import type { UserPool } from "./identity/user-pool.ts";
import { readUserPools } from "./identity/user-pools.ts";
import { atHome } from "./runnable.ts";
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
  /** Ends the evaluation of a program that does not come to an end. */
  readonly signal?: AbortSignal;
  /** Changes the graph before it runs; for tests of what a mistake in it does. */
  readonly transform?: (graph: Graph) => Graph;
}

/** What a run tells of itself. */
export interface RunEvents extends Omit<ServiceEvents, "steady" | "stalled"> {
  /** The program has been evaluated; nothing has been started yet. */
  declared(stack: Stack, endpoints: readonly Endpoint[]): void;
  /** A request has ended at a load balancer. */
  forwarded(outcome: Outcome): void;
  /** The stand-in for Cognito has refused a request. */
  refused(sentence: string): void;
}

/** A stack at work. */
export interface Run {
  readonly stack: Stack;
  readonly graph: Graph;
  readonly endpoints: readonly Endpoint[];
  readonly services: readonly ServiceScheduler[];
  /** What stands in for Cognito. */
  readonly issuer: LocalIssuer;
  /** Resolves when every wanted task of every service is healthy. */
  readonly ready: Promise<void>;
  /** Evaluates the program again and rolls every service to what it declares now; resolves when all are healthy again. */
  deploy(): Promise<void>;
  /** Ends everything: ports closed, processes gone. */
  close(): Promise<void>;
}

const USER_POOL_CLIENT = "aws:cognito/userPoolClient:UserPoolClient";

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
  const onOutcome = events.forwarded.bind(events);
  const first = opened(await RunningListener.open(options.port, onOutcome));
  const samples = opened(
    options.sampleData ? await startSamples() : { replacements: new Map(), close: () => undefined },
  );
  const reaper = opened(startReaper());
  const evaluateNow = (before?: Graph): Promise<Graph> =>
    evaluateGraph(options, first, reaper, before);
  const graph = await evaluateNow();
  let latest = graph;
  const issuer = opened(
    await startIssuer(localPools(graph), { onRefusal: events.refused.bind(events) }),
  );
  const stack = readRunnable(options, graph, samples, issuer);

  const groups = new Map(
    stack.targetGroups.map((group) => [group.arn, new RunningTargetGroup(group, clock)] as const),
  );
  const targetGroup = (arn: string): RunningTargetGroup | undefined => groups.get(arn);
  started.push(...groups.values());
  const listeners = await openListeners(stack, first, onOutcome, opened);
  serve(stack, listeners, targetGroup);
  const machine: Machine = {
    reaper,
    addresses: opened(await createAddressPool(portsOf(stack), options.platform)),
    metadata: opened(await startMetadataEndpoint()),
  };

  const endpoints = stack.services.flatMap((service) =>
    endpointOf(service, stack, listeners, issuer),
  );
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
    issuer,
    ready: awaited.all,
    deploy: async () => {
      latest = await evaluateNow(latest);
      await issuer.update(localPools(latest));
      const next = readRunnable(options, latest, samples, issuer);
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

async function evaluateGraph(
  { project, transform, signal }: RunOptions,
  listener: RunningListener,
  reaper: Reaper,
  before?: Graph,
): Promise<Graph> {
  const request: EvaluationRequest = {
    program: project.program,
    project: project.name,
    stack: project.stack,
    config: project.config,
    // As many as ports follow the first; a program with more load balancers is refused when their ports are opened.
    loadBalancerAddresses: Array.from(
      { length: 32 },
      (_, index) => `127.0.0.1:${listener.port + index}`,
    ),
    // Random values and clients' secrets live in the state: a second `pulumi up` finds the first one's.
    kept: Object.fromEntries(
      (before?.resources ?? [])
        .filter(({ type }) => type.startsWith("random:") || type === USER_POOL_CLIENT)
        .map(({ urn, outputs }) => [urn, outputs]),
    ),
  };
  const graph = await evaluate(request, reaper, signal ?? new AbortController().signal);
  return transform?.(graph) ?? graph;
}

/** The stack of a graph, its tasks at home on this machine. */
function readRunnable(
  { project }: RunOptions,
  graph: Graph,
  samples: Samples,
  issuer: LocalIssuer,
): Stack {
  return atHome(readStack(graph, project.program), [
    ...samples.replacements,
    ...issuer.replacements,
    ...publicOrigins(graph),
  ]);
}

/** The user pools of a graph; what they know of services is where these are here. */
function localPools(graph: Graph): UserPool[] {
  const origins = publicOrigins(graph);
  return readUserPools(graph).map((pool) => atLocalAddresses(pool, origins));
}

/** A run changes what it runs, but neither adds nor removes; that is a new run. */
function checkSameThings(before: Stack, after: Stack): void {
  const named = ({ loadBalancers, targetGroups, services }: Stack): string[] =>
    [
      ...loadBalancers.map(({ name }) => `load balancer \`${name}\``),
      ...loadBalancers.flatMap(hostNames).map((name) => `host name \`${name}\``),
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
