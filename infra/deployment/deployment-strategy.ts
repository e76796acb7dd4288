import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { ArgumentError, wholeNumberBetween } from "../validation.ts";

/** How ECS brings a new revision to the callers. */
export const DeploymentStrategy = {
  /** New replicas replace old ones a few at a time, behind one target group. */
  Rolling: "ROLLING",
  /** All new replicas start beside the old ones, then take all traffic at once; the old ones stay for `bakeMinutes`. */
  BlueGreen: "BLUE_GREEN",
  /** As blue/green, but first only `canaryPercent` of the traffic, for `canaryBakeMinutes`. */
  Canary: "CANARY",
  /** As blue/green, but `stepPercent` of the traffic at a time, `stepBakeMinutes` apart. */
  Linear: "LINEAR",
} as const;
export type DeploymentStrategy = (typeof DeploymentStrategy)[keyof typeof DeploymentStrategy];

/** The strategy of a service with its numbers; all of it known, since the time that Pulumi waits follows from it. */
export interface StrategySettings {
  readonly deploymentStrategy: DeploymentStrategy;
  readonly bakeMinutes: number;
  readonly canaryPercent: number;
  readonly canaryBakeMinutes: number;
  readonly stepPercent: number;
  readonly stepBakeMinutes: number;
}

/** Which strategies read an argument. */
const READ_BY = {
  bakeMinutes: [DeploymentStrategy.BlueGreen, DeploymentStrategy.Canary, DeploymentStrategy.Linear],
  canaryPercent: [DeploymentStrategy.Canary],
  canaryBakeMinutes: [DeploymentStrategy.Canary],
  stepPercent: [DeploymentStrategy.Linear],
  stepBakeMinutes: [DeploymentStrategy.Linear],
} as const satisfies Partial<Record<keyof StrategySettings, readonly DeploymentStrategy[]>>;

type StrategyNumber = keyof typeof READ_BY;

/** AWS's own defaults for canary and linear (API CanaryConfiguration, LinearConfiguration), and time enough for the alarm to act. */
export const STRATEGY_DEFAULTS: Readonly<Record<StrategyNumber, number>> = {
  bakeMinutes: 10,
  canaryPercent: 5,
  canaryBakeMinutes: 10,
  stepPercent: 10,
  stepBakeMinutes: 6,
};

/** Whether two revisions run side by side, each behind a target group of its own, and traffic is shifted between them. */
export function shiftsTraffic(strategy: DeploymentStrategy): boolean {
  return strategy !== DeploymentStrategy.Rolling;
}

/** Refuses numbers that ECS would refuse, or never look at. */
export function checkStrategy(
  component: string,
  given: Partial<Record<StrategyNumber, number | undefined>>,
  settings: StrategySettings,
): void {
  const { deploymentStrategy } = settings;
  for (const [argument, strategies] of Object.entries(READ_BY) as [
    StrategyNumber,
    readonly DeploymentStrategy[],
  ][]) {
    if (given[argument] === undefined || strategies.includes(deploymentStrategy)) continue;
    throw new ArgumentError(
      component,
      `\`${argument}\` is given, but \`deploymentStrategy\` is \`${deploymentStrategy}\`, which does not look at it. Leave it out, or set` +
        ` \`deploymentStrategy\` to ${strategies.map((strategy) => `\`${strategy}\``).join(", ")}.`,
    );
  }
  for (const argument of ["bakeMinutes", "canaryBakeMinutes", "stepBakeMinutes"] as const)
    wholeNumberBetween(component, argument, 0, 1440, "minutes")(settings[argument]);
  tenthsBetween(component, "canaryPercent", 0.1, settings.canaryPercent);
  tenthsBetween(component, "stepPercent", 3, settings.stepPercent);
}

/** Percentages are numbers in steps of 0.1 (API CanaryConfiguration). */
function tenthsBetween(component: string, argument: string, least: number, value: number): void {
  const inSteps = Math.abs(value * 10 - Math.round(value * 10)) < 1e-9;
  if (inSteps && value >= least && value <= 100) return;
  throw new ArgumentError(
    component,
    `\`${argument}\` is ${value}; give a percentage from ${least} to 100 in steps of 0.1.`,
  );
}

/** How long a deployment bakes in all, in minutes. */
export function bakingMinutes(settings: StrategySettings): number {
  const { bakeMinutes, canaryBakeMinutes, stepBakeMinutes, stepPercent } = settings;
  switch (settings.deploymentStrategy) {
    case DeploymentStrategy.Rolling:
      return 0;
    case DeploymentStrategy.BlueGreen:
      return bakeMinutes;
    case DeploymentStrategy.Canary:
      return canaryBakeMinutes + bakeMinutes;
    case DeploymentStrategy.Linear:
      // Nothing is waited for after the last step but the bake itself.
      return (Math.ceil(100 / stepPercent) - 1) * stepBakeMinutes + bakeMinutes;
  }
}

/**
 * The strategy as the service's input. Rolling is said, too: the provider sends nothing where the block is missing, and a service that once
 * had another strategy would keep it.
 */
export function deploymentConfiguration(
  settings: StrategySettings,
): pulumi.Unwrap<aws.types.input.ecs.ServiceDeploymentConfiguration> {
  const { deploymentStrategy: strategy } = settings;
  if (!shiftsTraffic(strategy)) return { strategy };
  return {
    strategy,
    bakeTimeInMinutes: String(settings.bakeMinutes),
    ...(strategy === DeploymentStrategy.Canary
      ? {
          canaryConfiguration: {
            canaryPercent: settings.canaryPercent,
            canaryBakeTimeInMinutes: String(settings.canaryBakeMinutes),
          },
        }
      : {}),
    ...(strategy === DeploymentStrategy.Linear
      ? {
          linearConfiguration: {
            stepPercent: settings.stepPercent,
            stepBakeTimeInMinutes: String(settings.stepBakeMinutes),
          },
        }
      : {}),
  };
}
