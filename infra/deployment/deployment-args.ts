import type * as pulumi from "@pulumi/pulumi";
import type { AlarmArguments } from "../alarms/alarms-args.ts";
import type { CapacityArguments, CapacitySettings } from "../capacity/capacity.ts";
import { checkCapacity } from "../capacity/capacity.ts";
import { checkLimits, type LimitSettings } from "./deployment-limits.ts";
import {
  checkRollback,
  defaultErrorPercent,
  type RollbackSettings,
} from "./deployment-rollback.ts";
import {
  checkStrategy,
  DeploymentStrategy,
  STRATEGY_DEFAULTS,
  type StrategySettings,
} from "./deployment-strategy.ts";
import { checkTimes, type TimeSettings } from "./deployment-times.ts";
import { checkWait, type WaitSettings } from "./deployment-wait.ts";
import { check, wholeNumberBetween } from "../validation.ts";

/** The arguments of a service about how a new revision reaches the callers, and how it is taken back. */
export interface DeploymentArguments {
  /**
   * How a new revision reaches the callers. All but `ROLLING` run both revisions in full until the baking is over, twice the replicas.
   * Default: `ROLLING`, which costs nothing beside.
   */
  deploymentStrategy?: DeploymentStrategy;
  /**
   * How long the old replicas stay after all traffic has moved, in minutes, 0 to 1440; until then a rollback takes seconds. Not under `ROLLING`.
   * Default: 10, twice what the alarm on errors needs to see a bad revision.
   */
  bakeMinutes?: number;
  /**
   * The share of the traffic that tries the new revision first, in percent, 0.1 to 100 in steps of 0.1. Only under `CANARY`.
   * Default: 5, AWS's own.
   */
  canaryPercent?: number;
  /**
   * How long that share tries it, in minutes, 0 to 1440. Only under `CANARY`.
   * Default: 10, AWS's own.
   */
  canaryBakeMinutes?: number;
  /**
   * The share of the traffic that moves at a time, in percent, 3 to 100 in steps of 0.1. Only under `LINEAR`.
   * Default: 10, AWS's own.
   */
  stepPercent?: number;
  /**
   * How long ECS waits between two steps, in minutes, 0 to 1440. Only under `LINEAR`.
   * Default: 6, AWS's own.
   */
  stepBakeMinutes?: number;
  /**
   * Names of CloudWatch alarms of yours; one that turns to ALARM during a deployment takes it back, one that was in ALARM before is ignored. With
   * an alarm a rolling deployment lasts longer: ECS watches it for a while.
   * Default: none.
   */
  rollbackAlarms?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * From which share of failed requests on (answers of 500 to 599) a deployment is taken back, in percent of either revision's, 0 to less than 100. 0
   * keeps all alarms of ours out of deployments; another number makes an alarm for them alone, 0.40 USD a month (0.20 under `ROLLING`).
   * Default: `alarmErrorPercent`: the service's alarms on errors and latency take deployments back. Without `alarms` 0 under `ROLLING`, where the circuit
   * breaker judges new replicas; else 5, since nothing else would take the deployment back.
   */
  rollbackErrorPercent?: number;
  /**
   * The least share of the wanted replicas that stay healthy during a deployment, in percent, 1 to 100.
   * Default: 100, so that a deployment never takes capacity away.
   */
  minimumHealthyPercent?: pulumi.Input<number>;
  /**
   * The greatest share of the wanted replicas that exist during a deployment, in percent, 100 to 200; replicas that are still closing count.
   * Default: 200, the fastest; the added replicas cost only while a deployment runs.
   */
  maximumPercent?: pulumi.Input<number>;
  /**
   * Whether ECS evens out the replicas over the zones again after one was lost.
   * Default: true; it costs nothing, and starts a replica before it stops one.
   */
  availabilityZoneRebalancing?: pulumi.Input<boolean>;
  /**
   * Whether `pulumi up` waits until a deployment is done, and fails where ECS takes it back.
   * Default: true: else nobody learns that a rolled-back revision never served.
   */
  waitForSteadyState?: boolean;
  /**
   * How long it waits at most, in minutes, 1 to 10080; then it fails with a command that prints what ECS says.
   * Default: 15 (25 on instances, which may have to start first), and what starting, draining and baking take.
   */
  steadyStateTimeoutMinutes?: number;
  /**
   * How long a new replica may take until it is ready, in seconds, 1 to 3600; failed health checks count only 30 seconds later.
   * Default: 30, several times what the bundled servers take; 120 for `translator` and `classifier`, which load a model.
   */
  startupSeconds?: pulumi.Input<number>;
  /**
   * Whether `aws ecs execute-command` may open a session in a replica: for debugging, by whoever may call it in this account.
   * Default: false; a session can read every secret of the container.
   */
  enableExecuteCommand?: boolean;
}

/** What decides on deployments and capacity, with every default filled in. */
export interface DeploymentSettings
  extends CapacitySettings, LimitSettings, RollbackSettings, StrategySettings, WaitSettings {
  readonly enableExecuteCommand: boolean;
}

/** Fills in the defaults that the arguments document. */
export function deploymentDefaults(
  args: DeploymentArguments & CapacityArguments & Pick<AlarmArguments, "alarms">,
  shared: Pick<
    DeploymentSettings,
    "minReplicas" | "schedules" | "longestCallSeconds" | "instanceCapacity"
  >,
): DeploymentSettings {
  const deploymentStrategy = args.deploymentStrategy ?? DeploymentStrategy.Rolling;
  return {
    minReplicas: shared.minReplicas,
    schedules: shared.schedules,
    longestCallSeconds: shared.longestCallSeconds,
    instanceCapacity: shared.instanceCapacity,
    fargateBase: args.fargateBase ?? shared.minReplicas,
    fargateWeight: args.fargateWeight ?? 1,
    fargateSpotWeight: args.fargateSpotWeight ?? 0,
    deploymentStrategy,
    bakeMinutes: args.bakeMinutes ?? STRATEGY_DEFAULTS.bakeMinutes,
    canaryPercent: args.canaryPercent ?? STRATEGY_DEFAULTS.canaryPercent,
    canaryBakeMinutes: args.canaryBakeMinutes ?? STRATEGY_DEFAULTS.canaryBakeMinutes,
    stepPercent: args.stepPercent ?? STRATEGY_DEFAULTS.stepPercent,
    stepBakeMinutes: args.stepBakeMinutes ?? STRATEGY_DEFAULTS.stepBakeMinutes,
    rollbackAlarms: args.rollbackAlarms ?? [],
    rollbackErrorPercent:
      args.rollbackErrorPercent ??
      // The service's own alarms stand in for this one.
      (args.alarms === false ? defaultErrorPercent(deploymentStrategy) : 0),
    minimumHealthyPercent: args.minimumHealthyPercent ?? 100,
    maximumPercent: args.maximumPercent ?? 200,
    availabilityZoneRebalancing: args.availabilityZoneRebalancing ?? true,
    waitForSteadyState: args.waitForSteadyState ?? true,
    steadyStateTimeoutMinutes: args.steadyStateTimeoutMinutes,
    startupSeconds: args.startupSeconds ?? 30,
    enableExecuteCommand: args.enableExecuteCommand ?? false,
  };
}

/** Refuses what ECS would refuse, or accept and break on. */
export function checkDeployment(
  component: string,
  args: DeploymentArguments & CapacityArguments,
  settings: DeploymentSettings & TimeSettings,
): void {
  checkStrategy(component, args, settings);
  checkCapacity(component, args, settings);
  checkRollback(component, settings);
  checkLimits(component, settings);
  checkWait(component, settings);
  check(
    settings.startupSeconds,
    wholeNumberBetween(component, "startupSeconds", 1, 3600, "seconds"),
  );
  checkTimes(component, settings);
}
