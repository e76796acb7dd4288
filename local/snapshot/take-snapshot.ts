import { gatewaysFirst } from "../endpoints.ts";
import type { RequestRecord } from "../balancer/request-record.ts";
import type { RunningTargetGroup } from "../balancer/target-group.ts";
import type { TaskView } from "../ecs/task-view.ts";
import type { Run } from "../run.ts";
import { actionText, conditionText } from "./rule-text.ts";
import type { RequestFigures, RequestWindow } from "./request-window.ts";
import { upstreamSnapshots } from "./upstreams.ts";
import type {
  DrillSnapshot,
  LoadBalancerSnapshot,
  ServiceSnapshot,
  Snapshot,
  TaskSnapshot,
} from "./snapshot.ts";

/** What a snapshot tells beside what the run knows of itself. */
export interface SnapshotFacts {
  readonly program: string;
  readonly requests: RequestWindow;
  readonly drill: DrillSnapshot | undefined;
}

/** The run, now. */
export function takeSnapshot(run: Run, { program, requests, drill }: SnapshotFacts): Snapshot {
  return {
    now: run.clock.now(),
    speed: run.speed,
    program,
    project: run.graph.project,
    stack: run.graph.stack,
    region: run.graph.region,
    endpoints: gatewaysFirst(run).map(({ service, url, token, issuer }) => ({
      service,
      url,
      authorized: token !== undefined || issuer !== undefined,
    })),
    loadBalancers: loadBalancers(run, requests),
    services: services(run, requests),
    alarms: run.cloudWatch.alarms.snapshots,
    lostZones: run.lostZones.zones,
    drill,
  };
}

function loadBalancers(run: Run, requests: RequestWindow): LoadBalancerSnapshot[] {
  const figures = requests.figures(({ loadBalancer, nodeZone }) => `${loadBalancer} ${nodeZone}`);
  return run.loadBalancers.all.map((balancer) => {
    const { name, listeners } = balancer.declared;
    return {
      name,
      nodes: balancer.nodes.nodes.map(({ zone, connections }) => ({
        zone,
        state: balancer.nodes.state(zone),
        connections,
        requestsPerSecond: figures(`${name} ${zone}`).requestsPerSecond,
      })),
      rules: listeners.flatMap(({ rules }) =>
        rules.map((rule) => ({
          name: rule.name,
          priority: rule.priority,
          conditions: rule.conditions.map(conditionText).join(", "),
          action: actionText(rule.action),
          targets:
            rule.action.type === "forward"
              ? balancer.weightsOf(rule, rule.action).map(({ targetGroupArn, weight }) => ({
                  targetGroup: targetGroupArn,
                  weight,
                }))
              : [],
        })),
      ),
    };
  });
}

function services(run: Run, requests: RequestWindow): ServiceSnapshot[] {
  const byGroup = new Map(
    run.stack.services.flatMap(({ name, loadBalancers }) =>
      loadBalancers
        .flatMap(({ targetGroupArn, shift }) => [
          targetGroupArn,
          ...(shift === undefined ? [] : [shift.alternateTargetGroupArn]),
        ])
        .map((arn) => [arn, name] as const),
    ),
  );
  const ofService = requests.figures(({ targetGroup }: RequestRecord) =>
    targetGroup === undefined ? undefined : byGroup.get(targetGroup),
  );
  const ofTask = requests.figures(({ target }) => target);
  return run.services.map((scheduler) => {
    const { name, desiredCount, runningCount, deployments } = scheduler;
    const arns = [...byGroup].filter(([, service]) => service === name).map(([arn]) => arn);
    const groups = arns.flatMap((arn) => run.targetGroup(arn) ?? []);
    const limits = run.scaling.limits(name);
    return {
      name,
      targetGroups: arns,
      desired: desiredCount,
      running: runningCount,
      healthy: scheduler.tasks.filter(({ state }) => state === "healthy").length,
      minimum: limits?.minimum,
      maximum: limits?.maximum,
      ...ofService(name),
      deployments,
      tasks: scheduler.tasks
        .filter(({ lastStatus }) => lastStatus !== "STOPPED")
        .map((task) => taskSnapshot(task, groups, ofTask(task.task.id))),
      policies: run.scaling.policies(name),
      upstreams: upstreamSnapshots(run, name),
    };
  });
}

function taskSnapshot(
  { task, running, zone, revision, lastStatus, healthStatus, startedAt }: TaskView,
  groups: readonly RunningTargetGroup[],
  { requestsPerSecond }: RequestFigures,
): TaskSnapshot {
  return {
    id: task.id,
    revision,
    zone,
    lastStatus,
    healthStatus,
    targets: groups
      .flatMap(({ targets }) => targets)
      .filter(({ id }) => id === task.id)
      .flatMap(({ nodes }) =>
        nodes.map((node) => ({
          nodeZone: node.zone,
          state: node.state,
          outstanding: node.outstanding,
        })),
      ),
    requestsPerSecond,
    capacityProvider: running.capacityProvider,
    cpuPercent: running.usage.cpuPercent,
    memoryMib: running.usage.memoryMib,
    startedAt,
  };
}
