/** A metric of CloudWatch. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Where those who measure leave what they measured. */
export interface MetricSink {
  /**
   * Records one observation, now.
   *
   * @param unit as CloudWatch names it, such as `Count` or `Seconds`.
   */
  put(metric: Metric, value: number, unit?: string): void;
}
