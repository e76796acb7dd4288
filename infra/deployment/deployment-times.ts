import * as pulumi from "@pulumi/pulumi";
import type { InstanceCapacityFacts } from "../capacity/instance-capacity.ts";
import { ArgumentError, check, checkTogether } from "../validation.ts";

/** The times that decide whether a planned change costs calls. */
export interface TimeSettings {
  readonly longestCallSeconds: pulumi.Input<number>;
  readonly drainSeconds: pulumi.Input<number>;
  readonly fargateSpotWeight: pulumi.Input<number>;
  /** The instances that the service runs on; undefined on Fargate. */
  readonly instanceCapacity: pulumi.Input<InstanceCapacityFacts | undefined>;
}

/** The longest that Fargate waits between SIGTERM and SIGKILL, in seconds (API ContainerDefinition, stopTimeout). */
const FARGATE_STOP_TIMEOUT = 120;

/**
 * The same on Spot, in seconds: the machine goes two minutes after the notice, and the notice itself takes its time to arrive; a container that
 * is still to be stopped then is cut without SIGKILL, log lines included.
 */
export const SPOT_STOP_TIMEOUT = 110;

/**
 * The longest on instances that stay, in seconds: a day is what ECS Managed Instances take (ECS guide, "Container timeouts"). For instances of an Auto Scaling
 * group AWS names no limit.
 */
const INSTANCE_STOP_TIMEOUT = 86_400;

/** The longest that the container may take, in seconds, by what it runs on. */
export function stopLimit(
  settings: Pick<TimeSettings, "fargateSpotWeight" | "instanceCapacity">,
): pulumi.Output<number> {
  const { fargateSpotWeight, instanceCapacity } = settings;
  return pulumi.all([fargateSpotWeight, instanceCapacity]).apply(([spotWeight, facts]) => {
    if (facts === undefined) return spotWeight > 0 ? SPOT_STOP_TIMEOUT : FARGATE_STOP_TIMEOUT;
    return facts.spot ? SPOT_STOP_TIMEOUT : INSTANCE_STOP_TIMEOUT;
  });
}

/** What a container needs beyond its last call to close its connections, in seconds. */
const STOP_SLACK = 5;

/** How long a container may take to end after SIGTERM, in seconds: it goes on accepting, then finishes what is in flight. */
export function stopTimeout(
  drainSeconds: number,
  longestCallSeconds: number,
  limit: number,
): number {
  return Math.min(limit, drainSeconds + longestCallSeconds + STOP_SLACK);
}

/** The longest delay that a target group takes, in seconds. */
const LONGEST_DELAY = 3600;

/** How long an answer may take to arrive after its call has ended at the limit, in seconds. */
const ANSWER_SLACK = 5;

/**
 * How long the load balancer keeps a leaving replica's calls, in seconds. The host ends a call at `longestCallSeconds` and still has to say so:
 * with the very same delay the load balancer would cut in with its 502.
 */
export function deregistrationDelay(longestCallSeconds: number): number {
  return Math.min(LONGEST_DELAY, longestCallSeconds + ANSWER_SLACK);
}

/** What comes between a server's readiness and ECS's knowing of it, in seconds: registration, and two checks of 5 and 2 seconds, generously. */
const GRACE_SLACK = 30;

/**
 * How long ECS ignores failed health checks of a new replica, in seconds: those of the load balancer and, since 2025, those of the container (API
 * CreateService, healthCheckGracePeriodSeconds).
 */
export function healthCheckGracePeriod(startupSeconds: number): number {
  return startupSeconds + GRACE_SLACK;
}

/** The longest start period of a container's health check, in seconds (API HealthCheck). */
const LONGEST_START_PERIOD = 300;

/** How long failures of the container's own health check do not count, in seconds. */
export function startPeriod(startupSeconds: number): number {
  return Math.min(LONGEST_START_PERIOD, healthCheckGracePeriod(startupSeconds));
}

/** On Spot SIGTERM comes before, or with, the deregistration, which takes seconds (containers-roadmap#2673). */
const SPOT_DRAIN = 5;

/** Refuses times that would cut calls short of the promised length when Spot takes a replica back. */
export function checkTimes(component: string, settings: TimeSettings): void {
  const { drainSeconds, longestCallSeconds, fargateSpotWeight, instanceCapacity } = settings;
  const checkSpot = (wayOut: string): void => {
    checkTogether([drainSeconds, longestCallSeconds], ([drain = 0, longestCall = 0]) => {
      checkSpotTimes(component, drain, longestCall, wayOut);
    });
  };
  check(fargateSpotWeight, (spotWeight) => {
    if (spotWeight > 0) checkSpot("leave `fargateSpotWeight` out");
  });
  check(instanceCapacity, (facts) => {
    if (facts?.spot === true)
      checkSpot("run on instances that are not Spot (`spot` of the capacity)");
  });
}

function checkSpotTimes(
  component: string,
  drainSeconds: number,
  longestCallSeconds: number,
  wayOut: string,
): void {
  if (drainSeconds < SPOT_DRAIN) {
    throw new ArgumentError(
      component,
      `\`drainSeconds\` is ${drainSeconds} on Spot, where SIGTERM comes before the load balancer stops sending; give ${SPOT_DRAIN} seconds or` +
        ` more, or ${wayOut}.`,
    );
  }
  const needed = drainSeconds + longestCallSeconds + STOP_SLACK;
  if (needed <= SPOT_STOP_TIMEOUT) return;
  throw new ArgumentError(
    component,
    `\`longestCallSeconds\` is ${longestCallSeconds} and \`drainSeconds\` is ${drainSeconds}: with ${STOP_SLACK} seconds to close, a replica needs` +
      ` ${needed} seconds to end, and Spot leaves it ${SPOT_STOP_TIMEOUT}. Give the two a sum of at most` +
      ` ${SPOT_STOP_TIMEOUT - STOP_SLACK} seconds, or ${wayOut}.`,
  );
}
