import type * as pulumi from "@pulumi/pulumi";
import { ArgumentError, checkTogether } from "./validation.ts";

/** The times that decide whether a planned change costs calls. */
export interface TimeSettings {
  readonly longestCallSeconds: pulumi.Input<number>;
  readonly drainSeconds: pulumi.Input<number>;
  readonly fargateSpotWeight: pulumi.Input<number>;
}

/** The longest that Fargate waits between SIGTERM and SIGKILL, in seconds (API ContainerDefinition, stopTimeout). */
const FARGATE_STOP_TIMEOUT = 120;

/**
 * The same on Spot, in seconds: the machine goes two minutes after the notice, and the notice itself takes its time to arrive; a container that
 * is still to be stopped then is cut without SIGKILL, log lines included.
 */
const SPOT_STOP_TIMEOUT = 110;

/** What a container needs beyond its last call to close its connections, in seconds. */
const STOP_SLACK = 5;

/** How long a container may take to end after SIGTERM, in seconds: it goes on accepting, then finishes what is in flight. */
export function stopTimeout(
  drainSeconds: number,
  longestCallSeconds: number,
  spot = false,
): number {
  return Math.min(
    spot ? SPOT_STOP_TIMEOUT : FARGATE_STOP_TIMEOUT,
    drainSeconds + longestCallSeconds + STOP_SLACK,
  );
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
  checkTogether(
    [settings.fargateSpotWeight, settings.drainSeconds, settings.longestCallSeconds],
    ([spotWeight = 0, drainSeconds = 0, longestCallSeconds = 0]) => {
      if (spotWeight === 0) return;
      if (drainSeconds < SPOT_DRAIN) {
        throw new ArgumentError(
          component,
          `\`drainSeconds\` is ${drainSeconds} on Spot, where SIGTERM comes before the load balancer stops sending; give ${SPOT_DRAIN} seconds or` +
            " more, or leave `fargateSpotWeight` out.",
        );
      }
      const needed = drainSeconds + longestCallSeconds + STOP_SLACK;
      if (needed <= SPOT_STOP_TIMEOUT) return;
      throw new ArgumentError(
        component,
        `\`longestCallSeconds\` is ${longestCallSeconds} and \`drainSeconds\` is ${drainSeconds}: with ${STOP_SLACK} seconds to close, a replica needs` +
          ` ${needed} seconds to end, and Spot leaves it ${SPOT_STOP_TIMEOUT}. Give the two a sum of at most` +
          ` ${SPOT_STOP_TIMEOUT - STOP_SLACK} seconds, or leave \`fargateSpotWeight\` out.`,
      );
    },
  );
}
