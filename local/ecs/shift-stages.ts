import type { DeploymentStrategy, TrafficShift } from "../graph/deployment-configuration.ts";

/** The stages of a deployment that shifts traffic (ECS guide, "Amazon ECS blue/green service deployments workflow"). */
export type LifecycleStage =
  | "RECONCILE_SERVICE"
  | "PRE_SCALE_UP"
  | "SCALE_UP"
  | "POST_SCALE_UP"
  | "TEST_TRAFFIC_SHIFT"
  | "POST_TEST_TRAFFIC_SHIFT"
  | "PRODUCTION_TRAFFIC_SHIFT"
  | "POST_PRODUCTION_TRAFFIC_SHIFT"
  | "BAKE_TIME"
  | "CLEAN_UP";

/** What such a deployment does next. */
export interface ShiftStep {
  readonly stage: LifecycleStage;
  /** What must have come about before the next step; else nothing. */
  readonly until?: "others gone" | "green healthy";
  /** The share of the test traffic that the new revision has from now on, in percent. */
  readonly test?: number;
  /** The same of the production traffic. */
  readonly production?: number;
  /** How long it then stays so. */
  readonly milliseconds?: number;
}

/** No stage may last longer; the deployment then fails. */
export const LONGEST_STAGE_MILLISECONDS = 24 * 60 * 60_000;

const MINUTE_MILLISECONDS = 60_000;

/** The steps of one deployment; stages at which only hooks would be called last no time. */
export function shiftSteps(strategy: DeploymentStrategy, shift: TrafficShift): ShiftStep[] {
  return [
    { stage: "RECONCILE_SERVICE", until: "others gone" },
    { stage: "PRE_SCALE_UP" },
    { stage: "SCALE_UP", until: "green healthy" },
    { stage: "POST_SCALE_UP" },
    { stage: "TEST_TRAFFIC_SHIFT", test: 100 },
    { stage: "POST_TEST_TRAFFIC_SHIFT" },
    ...productionShares(strategy, shift).map((step) => ({
      ...step,
      stage: "PRODUCTION_TRAFFIC_SHIFT" as const,
    })),
    { stage: "POST_PRODUCTION_TRAFFIC_SHIFT" },
    { stage: "BAKE_TIME", milliseconds: shift.bakeMinutes * MINUTE_MILLISECONDS },
    { stage: "CLEAN_UP", until: "others gone" },
  ];
}

function productionShares(
  strategy: DeploymentStrategy,
  shift: TrafficShift,
): Required<Pick<ShiftStep, "production" | "milliseconds">>[] {
  const last = { production: 100, milliseconds: 0 };
  switch (strategy) {
    case "ROLLING":
    case "BLUE_GREEN":
      return [last];
    case "CANARY":
      return [
        {
          production: shift.canaryPercent,
          milliseconds: shift.canaryBakeMinutes * MINUTE_MILLISECONDS,
        },
        last,
      ];
    case "LINEAR": {
      // The last step is what remains, which AWS does not say; nothing is waited for after it but the bake itself.
      const steps = Math.ceil(100 / shift.stepPercent) - 1;
      return [
        ...Array.from({ length: steps }, (_, step) => ({
          production: shift.stepPercent * (step + 1),
          milliseconds: shift.stepBakeMinutes * MINUTE_MILLISECONDS,
        })),
        last,
      ];
    }
  }
}
