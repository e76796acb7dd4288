/** A metric of CloudWatch. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** In seconds: 1 is kept so that periods of 10, 20 and 30 seconds can be asked for, 60 by the minute only. */
export type StorageResolution = 1 | 60;

/** Where those who measure leave what they measured. */
export interface MetricSink {
  /** The time on the wall when the clock was at zero: minutes begin at its multiples. Default: 0. */
  readonly epoch?: number;
  /**
   * Records one observation.
   *
   * @param unit as CloudWatch names it, such as `Count` or `Seconds`.
   * @param resolution default: 60, as everything has that AWS reports by itself.
   * @param at when, by the clock. Default: now.
   */
  put(
    metric: Metric,
    value: number,
    unit?: string,
    resolution?: StorageResolution,
    at?: number,
  ): void;
}

/** The same for the same namespace, name and set of dimensions, in whatever order they are. */
export function metricKey({ namespace, name, dimensions }: Metric): string {
  const sorted = Object.entries(dimensions).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify([namespace, name, sorted]);
}
