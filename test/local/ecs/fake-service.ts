import { RunningTargetGroup } from "../../../local/balancer/target-group.ts";
import { chooseZone } from "../../../local/ecs/plan.ts";
import { ServiceScheduler } from "../../../local/ecs/service.ts";
import type { PrivateNameRegistry } from "../../../local/ecs/surroundings.ts";
import type { EcsService } from "../../../local/graph/services.ts";
import type { Container } from "../../../local/graph/task-definition.ts";
import { LostZones } from "../../../local/lost-zones.ts";
import { container } from "../containers.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { FakeTask, GOOD, type Behaviour } from "./fake-task.ts";

export const ZONES = ["a", "b", "c"];
export const DEREGISTRATION_SECONDS = 30;
/** The load balancer's check finds a dead target after so long at most: two of them, and a timeout. */
export const DETECTION_SECONDS = 15;

/** The attachment of a service whose deployments shift traffic. */
export const SHIFTING = {
  targetGroupArn: "blue",
  containerName: "server",
  containerPort: 80,
  shift: {
    alternateTargetGroupArn: "green",
    productionListenerRuleArn: "production",
    testListenerRuleArn: "test",
  },
} as const;

/** A revision: 2 tasks over three zones at 100/200 %, behind a target group, with a circuit breaker that rolls back. */
export function revision(given: Partial<EcsService> = {}, containers?: Container[]): EcsService {
  return {
    arn: "arn:aws:ecs:us-east-1:000000000000:service/cluster/service",
    name: "service",
    cluster: "cluster",
    desiredCount: 2,
    minimumHealthyPercent: 100,
    maximumPercent: 200,
    keepsDesiredCount: true,
    strategy: "ROLLING",
    trafficShift: {
      bakeMinutes: 10,
      canaryPercent: 5,
      canaryBakeMinutes: 10,
      stepPercent: 30,
      stepBakeMinutes: 6,
    },
    circuitBreaker: { enable: true, rollback: true },
    alarms: { names: [], rollback: true, bakeSeconds: 0 },
    rebalancesZones: true,
    healthCheckGracePeriodSeconds: 0,
    zones: ZONES,
    loadBalancers: [{ ...SHIFTING, shift: undefined }],
    registryArns: [],
    securityGroups: [],
    task: {
      arn: "arn",
      family: "family",
      launchType: "FARGATE",
      resources: { cpuUnits: 256, memoryMib: 512, gpus: 0 },
      containers: containers ?? [container("server")],
      optimizer: undefined,
      differences: [],
    },
    differences: [],
    ...given,
  };
}

/** A service of tasks without processes, on a clock that the test turns. */
export class FakeService {
  readonly clock = new VirtualClock();
  readonly lostZones = new LostZones();
  readonly tasks: FakeTask[] = [];
  /** What the service and its tasks told, with the second. */
  readonly told: string[] = [];
  readonly alarms = new Map<string, "OK" | "ALARM">();
  /** How the tasks of a revision behave, by its number; well, where nothing is said. */
  readonly behaviours = new Map<number, Behaviour>();
  /** The weights of each listener rule, `blue/green`, in the order in which they were set. */
  readonly weights: string[] = [];
  readonly scheduler: ServiceScheduler;
  readonly groups: ReadonlyMap<string, RunningTargetGroup>;
  #revisions = 1;

  /** @param names where its tasks are entered under private names; default: nowhere. */
  constructor(declared: EcsService, names?: PrivateNameRegistry) {
    const { clock, lostZones } = this;
    this.groups = new Map(
      ["blue", "green"].map((name) => [
        name,
        new RunningTargetGroup(
          {
            arn: name,
            name,
            arnSuffix: name,
            loadBalancer: undefined,
            algorithm: "round_robin",
            anomalyMitigation: false,
            crossZone: true,
            slowStartSeconds: 0,
            deregistrationDelaySeconds: DEREGISTRATION_SECONDS,
            health: {
              dnsFailover: { count: 1, percentage: undefined },
              unhealthyStateRouting: { count: 1, percentage: undefined },
            },
            healthCheck: {
              path: "/",
              port: "traffic-port",
              matcher: "200",
              intervalSeconds: 5,
              timeoutSeconds: 5,
              healthyThreshold: 2,
              unhealthyThreshold: 2,
            },
            maxConcurrency: Number.POSITIVE_INFINITY,
          },
          {
            clock,
            nodeZones: ZONES,
            lostZones,
            probe: ({ id }) => Promise.resolve(this.task(id).passes),
          },
        ),
      ]),
    );
    this.scheduler = new ServiceScheduler(declared, {
      clock,
      lostZones,
      ...(names && { names }),
      reaper: { watch: () => undefined, forget: () => undefined, close: () => undefined },
      addresses: {
        hasOwnAddresses: true,
        take: () => ({ host: "", port: Number, release: () => undefined }),
        close: () => undefined,
      },
      metadata: { address: () => "", forget: () => undefined, close: () => Promise.resolve() },
      region: "us-east-1",
      targetGroup: (arn) => this.groups.get(arn),
      shiftTraffic: (rule, weights) => {
        this.weights.push(
          `${this.#second()} ${rule} ${weights.map(({ weight }) => weight).join("/")}`,
        );
      },
      alarmState: (name) => this.alarms.get(name),
      random: () => 0,
      launchTask: (of, others, _surroundings, told, wantedZone) => {
        const id = `t${this.tasks.length + 1}`;
        const number = this.#launching(of);
        const task = new FakeTask(
          id,
          {
            clock,
            containers: of.task.containers,
            behaviour: () => this.behaviours.get(number) ?? GOOD,
            log: (text) => {
              this.told.push(`${this.#second()} ${id} ${text}`);
            },
          },
          told,
        );
        this.tasks.push(task);
        const zone = chooseZone(
          of.zones.filter((each) => !lostZones.isLost(each)),
          others.filter(({ leaving }) => !leaving).map((other) => other.zone),
        );
        return {
          task,
          revision: of,
          zone: wantedZone ?? zone,
          capacityProvider: "FARGATE",
          usage: { cpuPercent: undefined, memoryMib: undefined },
          runningSince: undefined,
          everHealthy: false,
          leaving: false,
        };
      },
      events: {
        happened: (_service, text, task) => {
          if (task === undefined) this.told.push(`${this.#second()} ${text}`);
        },
        line: () => undefined,
        steady: () => {
          this.told.push(`${this.#second()} steady`);
        },
        stalled: (_service, failure) => {
          this.told.push(`${this.#second()} stalled ${failure}`);
        },
      },
    });
  }

  /** Declared objects by the number of the deployment that first used them. */
  readonly #numbers = new Map<EcsService, number>();

  #launching(of: EcsService): number {
    const number = this.#numbers.get(of) ?? this.#revisions;
    this.#numbers.set(of, number);
    return number;
  }

  #second(): string {
    return String(Math.round(this.clock.now() / 1000));
  }

  task(id: string): FakeTask {
    const task = this.tasks.find((each) => each.id === id);
    if (task === undefined) throw new Error(`There is no task ${id}.`);
    return task;
  }

  deploy(next: EcsService): void {
    this.#revisions++;
    this.#numbers.set(next, this.#revisions);
    this.scheduler.deploy(next);
  }

  async seconds(seconds: number): Promise<void> {
    await this.clock.advance(seconds * 1000);
  }

  /** A service whose first deployment is done, its past forgotten. */
  static async steady(declared: EcsService): Promise<FakeService> {
    const service = new FakeService(declared);
    service.scheduler.start();
    await service.seconds(20 + declared.trafficShift.bakeMinutes * 60);
    service.told.length = 0;
    service.weights.length = 0;
    return service;
  }

  /** The tasks as the scheduler sees them: `t1 r1 a healthy`. */
  get seen(): string[] {
    return this.scheduler.tasks.map(
      ({ task, revision: number, zone, state }) => `${task.id} r${number} ${zone} ${state}`,
    );
  }

  /** The deployments: `r2 PRIMARY COMPLETED`, the newest first. */
  get rollouts(): string[] {
    return this.scheduler.deployments.map(
      ({ revision: number, status, rolloutState }) => `r${number} ${status} ${rolloutState}`,
    );
  }

  /** What was told, without the times. */
  get events(): string[] {
    return this.told.map((text) => text.replace(/^\d+ /u, ""));
  }
}
