import type { Clock } from "../clock.ts";
import { metricKey, type Metric, type MetricSink, type StorageResolution } from "./metric.ts";
import { StatisticSet, type Statistic } from "./statistics.ts";

/** CloudWatch keeps periods below a minute for 3 hours, and those of a minute for 15 days; here all are kept for what a dashboard shows. */
const RETENTION_MILLISECONDS = 3 * 3_600_000;

/** The shortest period that alarms and dashboards ask for, in milliseconds: values at a resolution of a second are kept by it. */
const SHORT = 10_000;
const MINUTE = 60_000;

/** Above so many, metrics that have told nothing within the retention are forgotten. */
const MANY_METRICS = 500;

/** A moment of the run's clock, and a value. */
export type Point = readonly [at: number, value: number];

export interface SeriesRequest {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly periodSeconds: number;
  readonly statistic: Statistic;
  /**
   * Where periods begin: at the multiples of the period by the clock on the wall, as on a graph, or at `from`, as those of an alarm, which slide by the minute.
   * Default: `multiples`.
   */
  readonly periods?: "multiples" | "from";
}

interface Recorded {
  readonly metric: Metric;
  /** By the start of the period; values of one resolution never answer for the other. */
  readonly short: Map<number, StatisticSet>;
  readonly minutes: Map<number, StatisticSet>;
  latest: number;
  forgotten: boolean;
}

/** What CloudWatch keeps of metrics: statistics by period, and nothing where nothing was measured. */
export class MetricStore implements MetricSink {
  readonly #clock: Clock;
  /** The time on the wall when the clock was at zero: periods begin at its multiples. */
  readonly epoch: number;
  readonly #metrics = new Map<string, Recorded>();
  /** By the very object that has the dimensions: those who measure a thousand times a second keep it. */
  readonly #known = new WeakMap<Metric["dimensions"], Map<string, Recorded>>();

  constructor(clock: Clock, epoch = 0) {
    this.#clock = clock;
    this.epoch = epoch;
  }

  put(
    metric: Metric,
    value: number,
    _unit?: string,
    resolution: StorageResolution = 60,
    at = this.#clock.now(),
  ): void {
    this.putAt(metric, value, at, resolution);
  }

  /** Records an observation of another moment. One that is older than what is kept is lost, and one that is no number is none. */
  putAt(metric: Metric, value: number, at: number, resolution: StorageResolution): void {
    const kept = this.#clock.now() - RETENTION_MILLISECONDS;
    if (!Number.isFinite(value) || !Number.isFinite(at) || at < kept) return;
    const recorded = this.#recorded(metric);
    const [periods, length] =
      resolution === 1 ? [recorded.short, SHORT] : [recorded.minutes, MINUTE];
    const start = this.startOfPeriod(at, length);
    let values = periods.get(start);
    if (values === undefined) {
      values = new StatisticSet();
      periods.set(start, values);
      for (const old of periods.keys()) if (old < kept) periods.delete(old);
    }
    recorded.latest = Math.max(recorded.latest, at);
    values.add(value);
  }

  /** The start of the period in which a moment lies. */
  startOfPeriod(at: number, milliseconds: number): number {
    return Math.floor((at + this.epoch) / milliseconds) * milliseconds - this.epoch;
  }

  /** A statistic by period, oldest first; a period in which nothing was recorded is absent. */
  series(metric: Metric, request: SeriesRequest): Point[] {
    const { from, to, periodSeconds, statistic } = request;
    const recorded = this.#metrics.get(metricKey(metric));
    if (recorded === undefined) return [];
    const length = periodSeconds * 1000;
    const sliding = request.periods === "from";
    const periods = new Map<number, StatisticSet[]>();
    for (const { at, values } of recordedIn(this, recorded, request)) {
      const start = sliding
        ? from + Math.floor((at - from) / length) * length
        : this.startOfPeriod(at, length);
      if (start < from || start >= to) continue;
      const parts = periods.get(start);
      if (parts === undefined) periods.set(start, [values]);
      else parts.push(values);
    }
    return [...periods]
      .sort(([left], [right]) => left - right)
      .map(([at, parts]) => [at, statistic(merged(parts))]);
  }

  /** Every metric that has told something within the retention, in the order in which they came. */
  get metrics(): readonly Metric[] {
    const kept = this.#clock.now() - RETENTION_MILLISECONDS;
    return [...this.#metrics.values()]
      .filter(({ latest }) => latest >= kept)
      .map(({ metric }) => metric);
  }

  #recorded(metric: Metric): Recorded {
    const { dimensions, namespace, name } = metric;
    const known = this.#known.get(dimensions) ?? new Map<string, Recorded>();
    this.#known.set(dimensions, known);
    const quick = `${namespace} ${name}`;
    const found = known.get(quick);
    if (found !== undefined && !found.forgotten) return found;
    const key = metricKey(metric);
    let recorded = this.#metrics.get(key);
    if (recorded === undefined) {
      if (this.#metrics.size >= MANY_METRICS) this.#forget();
      recorded = {
        metric,
        short: new Map(),
        minutes: new Map(),
        latest: Number.NEGATIVE_INFINITY,
        forgotten: false,
      };
      this.#metrics.set(key, recorded);
    }
    known.set(quick, recorded);
    return recorded;
  }

  #forget(): void {
    const kept = this.#clock.now() - RETENTION_MILLISECONDS;
    for (const [key, recorded] of this.#metrics) {
      if (recorded.latest >= kept) continue;
      recorded.forgotten = true;
      this.#metrics.delete(key);
    }
  }
}

/** What was recorded from `from` until `to`, by the periods in which it is kept. */
function* recordedIn(
  store: MetricStore,
  { short, minutes }: Recorded,
  { from, to, periodSeconds }: SeriesRequest,
): Generator<{ readonly at: number; readonly values: StatisticSet }> {
  const sources =
    periodSeconds < 60
      ? ([[short, SHORT]] as const)
      : ([
          [short, SHORT],
          [minutes, MINUTE],
        ] as const);
  for (const [source, length] of sources) {
    if (source.size === 0) continue;
    const first = store.startOfPeriod(from, length);
    for (let at = first < from ? first + length : first; at < to; at += length) {
      const values = source.get(at);
      if (values !== undefined) yield { at, values };
    }
  }
}

function merged(parts: readonly StatisticSet[]): StatisticSet {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new StatisticSet();
  for (const part of parts) whole.merge(part);
  return whole;
}
