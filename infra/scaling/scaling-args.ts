import type * as pulumi from "@pulumi/pulumi";
import { checkSchedules, type Schedule } from "./scaling-schedule.ts";
import { ArgumentError, check, checkTogether, wholeNumberBetween } from "../validation.ts";

/** The arguments of a service about the number of its replicas. */
export interface ScalingArguments {
  /**
   * The least number of replicas, 1 to 5000. With one, the loss of a replica is an outage.
   * Default: 2, in two zones: the loss of one is no outage.
   */
  minReplicas?: pulumi.Input<number>;
  /**
   * The greatest number of replicas, 1 to 5000.
   * Default: 20, which bounds what a mistake costs.
   */
  maxReplicas?: pulumi.Input<number>;
  /**
   * The requests a minute and replica that the autoscaler aims at, 1 to 10000000, as the load balancer counts them. Beside
   * `targetOngoingRequests` the one that wants more replicas decides. Not for blue/green, canary and linear deployments.
   * Default: 1000, about 17 a second; none where the autoscaler aims at `targetOngoingRequests`. 0.20 USD a month, for two alarms of AWS's making.
   */
  requestCountPerTarget?: pulumi.Input<number>;
  /**
   * The requests that a replica works on at once, on average, that the autoscaler aims at: 0.1 to nine tenths of `maxOngoingRequests`, fractions
   * allowed. The container must publish them, as those of this package do; `metrics` must not be false.
   * Default: none, since the right number is a property of the server; where the service is `discoverable`, so that the load balancer does not count the
   * calls of a gateway, and `requestCountPerTarget` is not given either, half of what a replica works on at once: of `maxOngoingRequests`, or of what the
   * processes of `stdio` take, if that is less. For `translator` and `classifier` what their workers take at once, by default 8. 0.20 USD a month, for two alarms of AWS's making.
   */
  targetOngoingRequests?: pulumi.Input<number>;
  /**
   * Whether replicas are added within a minute when ongoing requests jump to one and a half times `targetOngoingRequests` and above.
   * Default: true where the autoscaler aims at `targetOngoingRequests`: target tracking takes three minutes and more. 0.30 USD a month, for an alarm.
   */
  burstScaling?: boolean;
  /**
   * The processor's use that the autoscaler aims at beside the requests, in percent of `cpu`, 10 to 90; 0 turns it off. A server of one
   * thread never uses more than one vCPU: with a larger `cpu` give a share of that one.
   * Default: 70, since calls that compute more than others are not seen by their number, and new replicas take minutes, in which the load may
   * grow by four tenths. 0.20 USD a month, for two alarms of AWS's making.
   */
  cpuTargetPercent?: number;
  /**
   * Times from which other minimums and maximums hold, at most 200. From the first one on `minReplicas` and `maxReplicas` are only what the
   * service is created with.
   * Default: none.
   */
  schedules?: Schedule[];
  /**
   * How long the autoscaler waits between two scale-outs, in seconds, 0 to 3600. A larger need is answered at once. Ray Serve's
   * `upscale_delay_s` is the time before the first one, which AWS sets: 3 minutes over a target, 20 seconds in a burst.
   * Default: 60, about what a replica takes to start and be counted in; give more to a server that starts slowly.
   */
  scaleOutCooldownSeconds?: pulumi.Input<number>;
  /**
   * How long the autoscaler waits between two scale-ins, in seconds, 0 to 3600. Ray Serve's `downscale_delay_s` is the time before the first
   * one, which AWS sets: 15 minutes under nine tenths of every target.
   * Default: 300, AWS's own.
   */
  scaleInCooldownSeconds?: pulumi.Input<number>;
  /**
   * Whether no policy may remove replicas; schedules still do.
   * Default: false.
   */
  disableScaleIn?: pulumi.Input<boolean>;
}

/** What decides on the number of replicas, with every default filled in. */
export interface ScalingSettings {
  readonly minReplicas: pulumi.Input<number>;
  readonly maxReplicas: pulumi.Input<number>;
  /** Undefined: no policy on the requests that the load balancer counts. */
  readonly requestCountPerTarget: pulumi.Input<number> | undefined;
  /** Undefined: no policy on ongoing requests. */
  readonly targetOngoingRequests: pulumi.Input<number> | undefined;
  readonly burstScaling: boolean;
  /** 0: no policy on the processor. */
  readonly cpuTargetPercent: number;
  readonly schedules: readonly Schedule[];
  readonly scaleOutCooldownSeconds: pulumi.Input<number>;
  readonly scaleInCooldownSeconds: pulumi.Input<number>;
  readonly disableScaleIn: pulumi.Input<boolean> | undefined;
  /** Whether all traffic goes through one target group: AWS counts requests for one only, so not in blue/green, canary and linear deployments. */
  readonly requestCountAvailable: boolean;
}

/** What a replica works on at most. */
interface ReplicaLimit {
  readonly maxOngoingRequests: pulumi.Input<number>;
}

/**
 * Fills in the defaults that the arguments document.
 *
 * @param ownTarget the ongoing requests that are aimed at where nobody has given a number; undefined: none.
 */
export function scalingDefaults(
  args: ScalingArguments,
  requestCountAvailable: boolean,
  ownTarget?: pulumi.Input<number>,
): ScalingSettings {
  const targetOngoingRequests = args.targetOngoingRequests ?? ownTarget;
  const counts = requestCountAvailable && targetOngoingRequests === undefined;
  return {
    minReplicas: args.minReplicas ?? 2,
    maxReplicas: args.maxReplicas ?? 20,
    requestCountPerTarget: args.requestCountPerTarget ?? (counts ? 1000 : undefined),
    targetOngoingRequests,
    burstScaling: args.burstScaling ?? targetOngoingRequests !== undefined,
    cpuTargetPercent: args.cpuTargetPercent ?? 70,
    schedules: args.schedules ?? [],
    scaleOutCooldownSeconds: args.scaleOutCooldownSeconds ?? 60,
    scaleInCooldownSeconds: args.scaleInCooldownSeconds ?? 300,
    disableScaleIn: args.disableScaleIn,
    requestCountAvailable,
  };
}

/** Refuses what Application Auto Scaling would refuse, or accept and never act upon. */
export function checkScaling(
  component: string,
  args: ScalingArguments,
  settings: ScalingSettings & ReplicaLimit,
): void {
  const { minReplicas, maxReplicas } = settings;
  // The quota of tasks a service is 5,000 (ECS service quotas).
  check(minReplicas, wholeNumberBetween(component, "minReplicas", 1, 5000));
  check(maxReplicas, wholeNumberBetween(component, "maxReplicas", 1, 5000));
  checkTogether([minReplicas, maxReplicas], ([least = 0, most = 0]) => {
    if (least <= most) return;
    throw new ArgumentError(
      component,
      `\`minReplicas\` is ${least} and \`maxReplicas\` is ${most}; give a maximum that is not below the minimum.`,
    );
  });
  checkRequestCount(component, args, settings);
  checkOngoingRequests(component, settings);
  if (settings.cpuTargetPercent !== 0) {
    wholeNumberBetween(component, "cpuTargetPercent", 10, 90, "percent")(settings.cpuTargetPercent);
  }
  for (const argument of ["scaleOutCooldownSeconds", "scaleInCooldownSeconds"] as const)
    check(settings[argument], wholeNumberBetween(component, argument, 0, 3600, "seconds"));
  checkSchedules(component, settings.schedules);
}

function checkRequestCount(
  component: string,
  args: ScalingArguments,
  settings: ScalingSettings,
): void {
  check(
    settings.requestCountPerTarget,
    wholeNumberBetween(component, "requestCountPerTarget", 1, 10_000_000, "requests a minute"),
  );
  if (settings.requestCountAvailable) return;
  if (args.requestCountPerTarget !== undefined) {
    throw new ArgumentError(
      component,
      "`requestCountPerTarget` is given, but in blue/green, canary and linear deployments traffic moves between two target groups, and AWS" +
        " counts the requests of one only. Give `targetOngoingRequests` instead, which every replica measures itself.",
    );
  }
  // The processor alone, where somebody has asked for it: a server that waits for others never gets busy.
  if (args.targetOngoingRequests === undefined && (args.cpuTargetPercent ?? 0) === 0) {
    throw new ArgumentError(
      component,
      "nothing says how busy a replica may be: in blue/green, canary and linear deployments AWS counts no requests per target. Give" +
        " `targetOngoingRequests`, or a `cpuTargetPercent` for a server that mostly computes.",
    );
  }
}

/** What a replica may be aimed at: the average of all must be able to rise above the target, or nothing would ever grow. */
function highestTarget(maxOngoingRequests: number): number {
  return (maxOngoingRequests * 9) / 10;
}

function checkOngoingRequests(component: string, settings: ScalingSettings & ReplicaLimit): void {
  const { targetOngoingRequests, maxOngoingRequests } = settings;
  if (targetOngoingRequests === undefined) {
    if (!settings.burstScaling) return;
    throw new ArgumentError(
      component,
      "`burstScaling` is true, but nothing says when a replica has too much; give `targetOngoingRequests` beside it.",
    );
  }
  check(targetOngoingRequests, (target) => {
    if (target >= 0.1 && target <= 90_000) return;
    throw new ArgumentError(
      component,
      `\`targetOngoingRequests\` is ${target}; give a number of requests from 0.1 to 90000.`,
    );
  });
  checkTogether([targetOngoingRequests, maxOngoingRequests], ([target = 0, limit = 0]) => {
    if (target <= highestTarget(limit)) return;
    throw new ArgumentError(
      component,
      `\`targetOngoingRequests\` is ${target} and \`maxOngoingRequests\` is ${limit}: a replica refuses what is above its limit, so that the average` +
        ` hardly gets above the target, and no replica would be added. Give a target of at most nine tenths of the limit, here ${highestTarget(limit)}, or a` +
        " higher limit.",
    );
  });
}
