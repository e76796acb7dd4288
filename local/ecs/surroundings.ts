import type { RunningTargetGroup } from "../balancer/target-group.ts";
import type { Clock } from "../clock.ts";
import type { LostZones } from "../lost-zones.ts";
import type { AddressPool, TaskAddress } from "./addresses.ts";
import type { ClusterCapacity } from "./capacity/cluster-capacity.ts";
import type { StartContainer } from "./container-runtime.ts";
import type { AlarmState } from "./deployment-alarms.ts";
import type { MetadataEndpoint } from "./metadata.ts";
import type { Reaper } from "./reaper.ts";
import type { launch } from "./running-task.ts";
import type { TaskTimes } from "./task-times.ts";
import type { UsageMeter } from "./usage-meter.ts";

/** What a service needs from the machine. */
export interface ServiceSurroundings {
  readonly clock: Clock;
  readonly reaper: Reaper;
  readonly addresses: AddressPool;
  readonly metadata: MetadataEndpoint;
  readonly region: string;
  readonly targetGroup: (arn: string) => RunningTargetGroup | undefined;
  readonly lostZones: LostZones;
  /** Changes the weights of a listener rule. */
  readonly shiftTraffic: (listenerRuleArn: string, weights: readonly TargetGroupWeight[]) => void;
  readonly alarmState: AlarmState;
  /** Where tasks run. Default: there is room for all, in the zone with the fewest. */
  readonly capacity?: ClusterCapacity;
  /** How long the steps of a task take. Default: nothing is waited for. */
  readonly times?: TaskTimes;
  /** Default: containers are processes of this machine. */
  readonly startContainer?: StartContainer;
  /** Measures what tasks use. */
  readonly usage?: UsageMeter;
  /** Default: tasks that are processes of this machine. */
  readonly launchTask?: typeof launch;
  /** What stands in for AWS's APIs. Default: tasks find none. */
  readonly standIns?: TaskStandIns;
  /** Where tasks are entered under private names. Default: nowhere. */
  readonly names?: PrivateNameRegistry;
  /** From 0 to less than 1. Default: `Math.random`. */
  readonly random?: () => number;
  readonly events: ServiceEvents;
}

/** What tasks find of AWS beside the load balancer. */
export interface TaskStandIns {
  /** The variables by which its containers do. */
  variables(task: TaskIdentity): Readonly<Record<string, string>>;
  /** The task has ended. */
  forget(taskId: string): void;
}

/** Who a task is to AWS. */
export interface TaskIdentity {
  /** The ARN of its service. */
  readonly service: string;
  readonly taskId: string;
  /** Undefined where it has none. */
  readonly roleArn: string | undefined;
}

/** Cloud Map, as ECS uses it. */
export interface PrivateNameRegistry {
  register(
    registryArn: string,
    task: { readonly id: string; readonly address: TaskAddress; readonly healthy: boolean },
  ): void;
  setHealth(taskId: string, healthy: boolean): void;
  deregister(taskId: string): void;
}

/** The share of a listener rule's traffic that a target group has, beside those of the rule's others. */
export interface TargetGroupWeight {
  readonly targetGroupArn: string;
  readonly weight: number;
}

/** What a service tells of itself. */
export interface ServiceEvents {
  /** Something happened to a task, or to the service as a whole. */
  happened(
    service: string,
    text: string,
    task?: { readonly id: string; readonly zone: string },
  ): void;
  /** A container has written a line. */
  line(service: string, task: string, text: string): void;
  /** Every wanted task is healthy, has the traffic, and no other runs; alarms may be watched for a while still. */
  steady(service: string): void;
  /**
   * A deployment failed, and is not rolled back: nothing is declared, or there is nothing, to go back to.
   *
   * @param failure what failed it and why, as what follows "failed": `after 3 failures: …`.
   */
  stalled(service: string, failure: string): void;
}
