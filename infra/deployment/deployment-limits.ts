import type * as pulumi from "@pulumi/pulumi";
import type { Schedule } from "../scaling/scaling-schedule.ts";
import { ArgumentError, check, checkTogether, wholeNumberBetween } from "../validation.ts";

/** How far a deployment may go below and above the wanted number of replicas. */
export interface LimitSettings {
  readonly minReplicas: pulumi.Input<number>;
  /** Other minimums hold from their times on; one of 0 deploys nothing. */
  readonly schedules: readonly Schedule[];
  readonly minimumHealthyPercent: pulumi.Input<number>;
  readonly maximumPercent: pulumi.Input<number>;
  readonly availabilityZoneRebalancing: pulumi.Input<boolean>;
}

/** Refuses limits with which a deployment could never take a step, or which rebalancing does not work with. */
export function checkLimits(component: string, settings: LimitSettings): void {
  // AWS would take 0, and every deployment may then stop all replicas at once.
  check(
    settings.minimumHealthyPercent,
    wholeNumberBetween(component, "minimumHealthyPercent", 1, 100, "percent"),
  );
  check(
    settings.maximumPercent,
    wholeNumberBetween(component, "maximumPercent", 100, 200, "percent"),
  );
  check(settings.maximumPercent, (maximumPercent) => {
    check(settings.availabilityZoneRebalancing, (rebalancing) => {
      if (!rebalancing || maximumPercent > 100) return;
      throw new ArgumentError(
        component,
        `\`maximumPercent\` is ${maximumPercent}, which leaves no room to start a replica in another zone before one is stopped. Give more than 100, or` +
          " set `availabilityZoneRebalancing` to false.",
      );
    });
  });
  for (const { minReplicas } of [settings, ...settings.schedules]) {
    checkTogether(
      [minReplicas, settings.minimumHealthyPercent, settings.maximumPercent],
      ([replicas = 0, minimumHealthyPercent = 0, maximumPercent = 0]) => {
        if (replicas === 0 || canStep(replicas, minimumHealthyPercent, maximumPercent)) return;
        throw new ArgumentError(
          component,
          `\`minimumHealthyPercent\` is ${minimumHealthyPercent} and \`maximumPercent\` is ${maximumPercent}: of ${replicas} replicas` +
            " (`minReplicas`) ECS could neither stop one nor start one more, and no deployment would ever end. Give a `maximumPercent` of at least" +
            ` ${Math.ceil((100 * (replicas + 1)) / replicas)}.`,
        );
      },
    );
  }
}

/**
 * Whether ECS can replace anything: it rounds the lower limit up and the upper one down (ECS guide, "Rolling update"). Whoever can take a step with
 * few replicas can with more.
 */
export function canStep(
  replicas: number,
  minimumHealthyPercent: number,
  maximumPercent: number,
): boolean {
  const lower = Math.ceil((replicas * minimumHealthyPercent) / 100);
  const upper = Math.floor((replicas * maximumPercent) / 100);
  return lower < replicas || upper > replicas;
}
