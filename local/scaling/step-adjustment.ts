export type AdjustmentType = "ChangeInCapacity" | "ExactCapacity" | "PercentChangeInCapacity";

export interface StepAdjustment {
  /** Relative to the alarm's threshold. */
  readonly lower: number;
  readonly upper: number;
  readonly adjustment: number;
}

export interface StepScaling {
  readonly adjustmentType: AdjustmentType;
  readonly minAdjustmentMagnitude: number;
  readonly steps: readonly StepAdjustment[];
}

/**
 * How many tasks a step wants, before limits; undefined where no step holds.
 *
 * @param difference what the metric is above the threshold of the alarm.
 */
export function stepSize(
  capacity: number,
  difference: number,
  { adjustmentType, minAdjustmentMagnitude, steps }: StepScaling,
): number | undefined {
  const step = steps.find(({ lower, upper }) =>
    difference >= 0
      ? difference >= lower && difference < upper
      : difference > lower && difference <= upper,
  );
  if (step === undefined) return undefined;
  switch (adjustmentType) {
    case "ExactCapacity":
      return step.adjustment;
    case "ChangeInCapacity":
      return capacity + step.adjustment;
    case "PercentChangeInCapacity": {
      const change = rounded((capacity * step.adjustment) / 100);
      const size = change === 0 ? 0 : Math.max(Math.abs(change), minAdjustmentMagnitude);
      return Math.max(0, capacity + Math.sign(change) * size);
    }
  }
}

/** Toward zero, but never to it (Application Auto Scaling guide, "Step scaling policies"). */
function rounded(change: number): number {
  if (change === 0) return 0;
  return Math.abs(change) < 1 ? Math.sign(change) : Math.trunc(change);
}
