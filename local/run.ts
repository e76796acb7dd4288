import { Awaited } from "./awaited.ts";
import { startAwsEndpoint } from "./aws/aws-endpoint.ts";
import { RunningListener } from "./balancer/balancer.ts";
import { LoadBalancers } from "./balancer/load-balancers.ts";
import type { Outcome } from "./balancer/forward.ts";
import { RunningTargetGroup } from "./balancer/target-group.ts";
import type { RequestRecord } from "./balancer/request-record.ts";
import { startCloudWatch, type CloudWatch } from "./cloudwatch/cloudwatch.ts";
import { acceleratedClock, machineClock, scopedClock, type Cancel, type Clock } from "./clock.ts";
import { createAddressPool, type AddressPool } from "./ecs/addresses.ts";
import { ClusterCapacity } from "./ecs/capacity/cluster-capacity.ts";
import { newRemains, openDocker } from "./ecs/docker/engine.ts";
import { startMetadataEndpoint, type MetadataEndpoint } from "./ecs/metadata.ts";
import { preparePackages } from "./ecs/packages/prepare.ts";
import { startReaper, type Reaper } from "./ecs/reaper.ts";
import { ServiceScheduler } from "./ecs/service.ts";
import type { ServiceEvents, TaskStandIns } from "./ecs/surroundings.ts";
import { LOCAL_TIMES, type TaskTimes } from "./ecs/task-times.ts";
import { UsageMeter } from "./ecs/usage-meter.ts";
import { endpointOf, hostNames, openListeners, serve, type Endpoint } from "./endpoints.ts";
import { changedServices } from "./graph/changed-services.ts";
import { evaluate } from "./graph/evaluate.ts";
import type { EvaluationRequest } from "./graph/evaluator.ts";
import { publicOrigins } from "./graph/distributions.ts";
import { readGateways, type Gateway } from "./graph/gateways.ts";
import { LocalError, type Graph } from "./graph/graph.ts";
import type { Project } from "./graph/project.ts";
import { readStack, type Stack } from "./graph/stack.ts";
import type { TargetGroup } from "./graph/target-groups.ts";
import { startIssuer, type LocalIssuer } from "./identity/issuer.ts";
import { LostZones } from "./lost-zones.ts";
import type { EcsService } from "./graph/services.ts";
import { atLocalAddresses } from "./identity/local-address.ts";
import { startPrivateNames, type RunningNames } from "./private-names/private-names.ts";
import type { UserPool } from "./identity/user-pool.ts";
import { readUserPools } from "./identity/user-pools.ts";
import { ABSENT_COLLECTOR } from "./graph/absent-collector.ts";
import { startTraceReceiver, type TraceReceiver } from "./traces/receiver.ts";
import { TraceStore } from "./traces/trace-store.ts";
import { atHome } from "./runnable.ts";
import { startSamples, type Samples } from "./samples/samples.ts";
import { startScaling, type Scaling } from "./scaling/scaling.ts";

/** How to run a program here. */
export interface RunOptions {
  readonly project: Project;
  /** The port of the first load balancer; further ones take the ports after it. 0: any free one. */
  readonly port: number;
  /** Whether stand-ins take the place of the public APIs that they know. */
  readonly sampleData: boolean;
  /** How long the stand-ins take for an answer, in real milliseconds. Default: 0. */
  readonly sampleDelayMilliseconds?: number;
  readonly events: RunEvents;
  /** Whether tasks run as containers of this machine's Docker engine. Default: as processes. */
  readonly containers?: boolean;
  /** How much faster than real time the clock of the models goes. Default: 1. Requests themselves take the time that they take. */
  readonly speed?: number;
  /** How long tasks and instances take to start. Default: no longer than their programs, so that a run is ready in seconds. */
  readonly taskTimes?: Omit<TaskTimes, "speed">;
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
  /** A stand-in of AWS has refused a request. */
  refused(sentence: string, by: StandIn): void;
}

/** Whose place is taken: that of the issuer of tokens, or of what tasks ask by the AWS SDK. */
export type StandIn = "AWS" | "Cognito";

/** A stack at work. */
export interface Run {
  readonly stack: Stack;
  readonly graph: Graph;
  readonly endpoints: readonly Endpoint[];
  readonly services: readonly ServiceScheduler[];
  /** What is between clients and services; also for zonal shifts. */
  readonly loadBalancers: LoadBalancers;
  /** What stands in for Cognito. */
  readonly issuer: LocalIssuer;
  /** The time of the models. */
  readonly clock: Clock;
  readonly speed: number;
  /** The zones without power. */
  readonly lostZones: LostZones;
  /** Metrics, alarms and dashboards. */
  readonly cloudWatch: CloudWatch;
  /** What moves the services between their limits. */
  readonly scaling: Scaling;
  /** Calls back after each request that a load balancer has ended. */
  onRequest(listener: (record: RequestRecord) => void): Cancel;
  /** The target group of an ARN. */
  targetGroup(arn: string): RunningTargetGroup | undefined;
  /** The gateways that the program declares now. */
  readonly gateways: readonly Gateway[];
  /** The tasks that have private names. */
  readonly privateNames: RunningNames;
  /** The traces that replicas have sent to what stands in for their collectors. */
  readonly traces: TraceStore;
  /** Resolves when every wanted task of every service is healthy. */
  readonly ready: Promise<void>;
  /**
   * Evaluates the program again and rolls the services that have changed to what it declares now; every one, where nothing has changed but code. Resolves when all are
   * healthy again.
   */
  deploy(): Promise<void>;
  /** Rolls one service to a changed revision; resolves when it is healthy again, be it by a rollback. */
  deployChanged(service: string, change: (declared: EcsService) => EcsService): Promise<void>;
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
  const speed = options.speed ?? 1;
  const clock = opened(
    scopedClock(speed === 1 ? machineClock : acceleratedClock(machineClock, speed)),
  );
  const lostZones = new LostZones();
  const requestListeners = new Set<(record: RequestRecord) => void>();
  // For the balancer: called with each request that has ended.
  const onRecord = (record: RequestRecord): void => {
    for (const listener of requestListeners) listener(record);
  };
  // Before all else, so that a taken port is known before anything else is done.
  const onOutcome = events.forwarded.bind(events);
  const first = opened(await RunningListener.open(options.port, onOutcome));
  const samples = opened(
    options.sampleData
      ? await startSamples(options.sampleDelayMilliseconds)
      : { replacements: new Map(), close: () => undefined },
  );
  const remains = options.containers === true ? newRemains() : undefined;
  const reaper = opened(startReaper(remains));
  const engine = remains && (await openDocker(remains, reaper, options.platform));
  const { signal } = options;
  const tell = events.happened.bind(events);
  const prepared = (declared: readonly EcsService[]): Promise<readonly EcsService[]> =>
    engine === undefined
      ? preparePackages(declared, { reaper, signal, tell })
      : engine.prepare(declared, tell, signal);
  const evaluateNow = (before?: Graph): Promise<Graph> =>
    evaluateGraph(options, first, reaper, before);
  const graph = await evaluateNow();
  let latest = graph;
  // What the services run, as far as it has come to a deployment.
  let deployed = graph;
  let gateways = readGateways(graph);
  const issuer = opened(
    await startIssuer(localPools(graph), {
      onRefusal: (sentence) => {
        events.refused(sentence, "Cognito");
      },
    }),
  );
  const traces = new TraceStore();
  const collector = opened(await startTraceReceiver(traces));
  const readNow = (of: Graph): Stack => readRunnable(options, of, samples, issuer, collector);
  const stack = readNow(graph);
  const schedulers = new Map<string, ServiceScheduler>();
  const cloudWatch = opened(
    startCloudWatch(graph, {
      clock,
      speed,
      isCompleted: (arn) =>
        schedulers.get(arn)?.deployments.some(({ rolloutState }) => rolloutState === "COMPLETED") ??
        false,
      tell: events.happened.bind(events),
    }),
  );
  const sink = cloudWatch.store;

  const groups = new Map(
    stack.targetGroups.map((group) => {
      const nodeZones = nodeZonesOf(group, stack);
      return [
        group.arn,
        new RunningTargetGroup(group, { clock, speed, nodeZones, lostZones, sink }),
      ] as const;
    }),
  );
  const targetGroup = (arn: string): RunningTargetGroup | undefined => groups.get(arn);
  started.push(...groups.values());
  const listeners = await openListeners(stack, first, onOutcome, opened);
  const loadBalancers = opened(
    new LoadBalancers(stack.loadBalancers, { clock, lostZones, targetGroup, onRecord, sink }),
  );
  serve(stack, listeners, loadBalancers);
  const machine: Machine = {
    reaper,
    addresses: opened(await createAddressPool(portsOf(stack), options.platform)),
    metadata: opened(await startMetadataEndpoint()),
  };
  const { hasOwnAddresses } = machine.addresses;
  const privateNames = opened(await startPrivateNames(graph, stack.services, { hasOwnAddresses }));
  const awsEndpoint = opened(
    await startAwsEndpoint(graph, {
      addresses: (service) => [
        ...privateNames.addresses(service),
        ...replacementsOf(latest, samples, issuer),
      ],
      onRefusal: (sentence) => {
        events.refused(sentence, "AWS");
      },
    }),
  );
  const standIns: TaskStandIns = {
    variables: ({ service, taskId, roleArn }) => ({
      ...privateNames.variables(service),
      ...(roleArn === undefined ? {} : awsEndpoint.variables({ service, taskId, roleArn })),
    }),
    forget: awsEndpoint.forget.bind(awsEndpoint),
  };

  const endpoints = stack.services.flatMap((service) =>
    endpointOf(service, stack, listeners, issuer),
  );
  events.declared(stack, endpoints);
  const revisions = await prepared(stack.services);
  const awaited = new Awaited(startable(revisions).map(({ name }) => name));
  const times: TaskTimes = { ...(options.taskTimes ?? LOCAL_TIMES), speed };
  const capacity = new ClusterCapacity(graph, {
    clock,
    times,
    isLost: lostZones.isLost.bind(lostZones),
    happened: events.happened.bind(events),
  });
  const usage = new UsageMeter({ clock, speed, sink });
  const services = revisions.map((declared) => {
    const service = new ServiceScheduler(declared, {
      ...machine,
      standIns,
      names: privateNames.registry,
      clock,
      region: graph.region,
      targetGroup,
      lostZones,
      capacity,
      times,
      ...(engine && { startContainer: engine.startContainer }),
      usage,
      shiftTraffic: loadBalancers.setWeights.bind(loadBalancers),
      alarmState: (name) => cloudWatch.alarms.state(name),
      events: {
        happened: events.happened.bind(events),
        line: (name, task, text) => {
          cloudWatch.takeLine(text);
          events.line(name, task, text);
        },
        steady: (name) => {
          awaited.arrived(name);
        },
        stalled: (name, failure) => {
          awaited.failed(
            new LocalError(`The deployment of the service \`${name}\` failed ${failure}`),
          );
        },
      },
    });
    schedulers.set(declared.arn, service);
    started.push({ close: () => service.close(CLOSE_GRACE_MILLISECONDS) });
    return service;
  });
  const scaling = opened(
    startScaling(graph, {
      clock,
      store: cloudWatch.store,
      alarms: cloudWatch.alarms,
      service: (resourceId) => [...schedulers].find(([arn]) => arn.endsWith(`:${resourceId}`))?.[1],
    }),
  );
  for (const service of services) service.start();

  return {
    stack,
    graph,
    endpoints,
    services,
    loadBalancers,
    issuer,
    clock,
    speed,
    lostZones,
    cloudWatch,
    scaling,
    onRequest: (listener) => {
      requestListeners.add(listener);
      return () => {
        requestListeners.delete(listener);
      };
    },
    targetGroup,
    get gateways() {
      return gateways;
    },
    privateNames,
    traces,
    ready: awaited.all,
    deployChanged: async (name, change) => {
      const scheduler = services.find((service) => service.name === name);
      const declared = readNow(latest).services.find((service) => service.name === name);
      if (scheduler === undefined || declared === undefined) {
        throw new LocalError(
          `There is no service \`${name}\`. There are ${services.map((service) => `\`${service.name}\``).join(", ")}.`,
        );
      }
      const revisions = await prepared([declared]);
      for (const { missing } of revisions) if (missing !== undefined) throw new LocalError(missing);
      const again = new Awaited([name]);
      awaited.next = again;
      for (const revision of revisions) scheduler.deploy(change(revision));
      await again.all;
    },
    deploy: async () => {
      latest = await evaluateNow(latest);
      await issuer.update(localPools(latest));
      const next = readNow(latest);
      checkSameThings(stack, next);
      const changed = changedServices(deployed, latest);
      const revisions = await prepared(next.services);
      for (const declared of next.targetGroups) targetGroup(declared.arn)?.update(declared);
      capacity.update(latest);
      privateNames.update(latest, next.services);
      awsEndpoint.update(latest);
      deployed = latest;
      gateways = readGateways(latest);
      serve(next, listeners, loadBalancers);
      const waits = (arn: string): boolean => schedulers.get(arn)?.hasBegun === false;
      const rolled = startable(revisions).filter(({ arn }) => changed.has(arn) || waits(arn));
      if (rolled.length === 0) return;
      const again = new Awaited(rolled.map(({ name }) => name));
      awaited.next = again;
      for (const declared of rolled) {
        services.find(({ name }) => name === declared.name)?.deploy(declared);
      }
      await again.all;
    },
    close: async () => {
      for (const thing of started.reverse()) await thing.close();
    },
  };
}

/** Those of which nothing is missing on this machine. */
function startable(services: readonly EcsService[]): readonly EcsService[] {
  return services.filter(({ missing }) => missing === undefined);
}

/** One node of the load balancer is in each of its zones; a group that no rule sends to is checked from those of its services. */
function nodeZonesOf({ arn, loadBalancer }: TargetGroup, { services }: Stack): readonly string[] {
  const users = services.filter(({ loadBalancers }) =>
    loadBalancers.some(
      ({ targetGroupArn, shift }) =>
        targetGroupArn === arn || shift?.alternateTargetGroupArn === arn,
    ),
  );
  return loadBalancer?.zones ?? users.flatMap(({ zones }) => zones);
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
  { project, containers }: RunOptions,
  graph: Graph,
  samples: Samples,
  issuer: LocalIssuer,
  collector: TraceReceiver,
): Stack {
  return atHome(readStack(graph, project.program, containers), [
    ...replacementsOf(graph, samples, issuer),
    [ABSENT_COLLECTOR, collector.origin],
  ]);
}

/** What is elsewhere on AWS, and where it is here. */
function replacementsOf(
  graph: Graph,
  samples: Samples,
  issuer: LocalIssuer,
): (readonly [string, string])[] {
  return [...samples.replacements, ...issuer.replacements, ...publicOrigins(graph)];
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
