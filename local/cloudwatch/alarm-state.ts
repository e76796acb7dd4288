export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

export type MissingData = "missing" | "ignore" | "breaching" | "notBreaching";

/** What an alarm looks at, and how often it must be beyond. */
export interface AlarmCounts {
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: MissingData;
}

/**
 * More periods are fetched than are evaluated, so that a late one does not count as missing. AWS says that it depends and shows five for three.
 */
export function fetchedPeriods(evaluationPeriods: number): number {
  return evaluationPeriods + 2;
}

/**
 * The state of an alarm (CloudWatch guide, "Configuring how CloudWatch alarms treat missing data").
 *
 * @param fetched whether each period breaches, the newest last; undefined: no data.
 * @param before the state until now.
 */
export function nextState(
  fetched: readonly (boolean | undefined)[],
  { evaluationPeriods, datapointsToAlarm, treatMissingData }: AlarmCounts,
  before: AlarmState,
): AlarmState {
  const real = fetched.filter((breaches) => breaches !== undefined);
  const breaching = real.slice(-evaluationPeriods).filter(Boolean).length;
  if (real.length >= evaluationPeriods) return breaching >= datapointsToAlarm ? "ALARM" : "OK";
  const missing = evaluationPeriods - real.length;
  switch (treatMissingData) {
    case "breaching":
      return breaching + missing >= datapointsToAlarm ? "ALARM" : "OK";
    case "notBreaching":
      return breaching >= datapointsToAlarm ? "ALARM" : "OK";
    case "ignore":
      if (breaching >= datapointsToAlarm) return "ALARM";
      return real.includes(false) ? "OK" : before;
    case "missing":
      if (real.length === 0) return "INSUFFICIENT_DATA";
      if (breaching >= datapointsToAlarm) return "ALARM";
      if (real.includes(false)) return "OK";
      // One that breaches is enough when it is old and nothing better came after it; else it is too early, and AWS does not say what the state is: as before.
      return fetched.length - fetched.indexOf(true) >= datapointsToAlarm ? "ALARM" : before;
  }
}

/** How a value is compared with a threshold, by AWS's own words. */
export const COMPARISONS = {
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
} as const;

export type Comparison = keyof typeof COMPARISONS;
