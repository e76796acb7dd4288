import type { MetricWatch } from "./alarm-definition.ts";
import { COMPARISONS, fetchedPeriods, nextState, type AlarmState } from "./alarm-state.ts";
import { ExpressionError } from "./math/expression.ts";
import { describe, type TimeSeries } from "./math/value.ts";
import { MetricQueries } from "./metric-queries.ts";
import type { MetricStore } from "./metric-store.ts";
import type { Statistic } from "./statistics.ts";

/** What an alarm came to, and from which values. */
export interface Evaluation {
  readonly state: AlarmState;
  readonly reason: string;
  /** The newest values that there are, as many as periods are evaluated, the newest last. */
  readonly values: readonly number[];
}

const SECOND = 1000;
const MINUTE_SECONDS = 60;

/**
 * How long after a period's end an alarm sees it. AWS gives no figures. For its own metrics by the minute this one fits its measurement of target tracking on
 * the processor: 363 s from load to the trigger, for three periods of 60 s and up to one more; at 20 s they are 86 s.
 */
const SERVICE_METRIC_DELAY_SECONDS = 120;
export const METRIC_DELAY_SECONDS = 5;

/** Services of AWS publish under these names; everybody else's metrics come as soon as they are put. */
const SERVICE_NAMESPACE = /^(?:AWS\/|ECS\/ContainerInsights$)/u;

/** Evaluates an alarm on metrics at a moment: over periods that slide by the minute, or by ten seconds where they are shorter than a minute. */
export function evaluateAlarm(
  watch: MetricWatch,
  store: MetricStore,
  at: number,
  before: AlarmState,
): Evaluation {
  const { counts, periodSeconds, threshold, comparison } = watch;
  const step = (periodSeconds < MINUTE_SECONDS ? 10 : MINUTE_SECONDS) * SECOND;
  const to = store.startOfPeriod(at - delaySeconds(watch) * SECOND, step);
  const periods = fetchedPeriods(counts.evaluationPeriods);
  const from = to - periods * periodSeconds * SECOND;
  let series: TimeSeries;
  try {
    series = watchedSeries(watch, store, from, to);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { state: "INSUFFICIENT_DATA", reason: error.message, values: [] };
  }
  const fetched = Array.from({ length: periods }, (_, index) =>
    series.points.get(from + index * periodSeconds * SECOND),
  );
  const values = fetched.filter((value) => value !== undefined).slice(-counts.evaluationPeriods);
  if (tooFewSamples(watch, store, from, to)) {
    return { state: before, reason: "too few samples for the percentile", values };
  }
  const breaches = fetched.map((value) =>
    value === undefined ? undefined : COMPARISONS[comparison](value, threshold),
  );
  const state = nextState(breaches, counts, before);
  return { state, reason: reasonOf(watch, values), values };
}

function watchedSeries(
  watch: MetricWatch,
  store: MetricStore,
  from: number,
  to: number,
): TimeSeries {
  const { periodSeconds, queries, watched } = watch;
  for (const { read } of queries) {
    if (read.kind === "expression" && /\bSEARCH\s*\(/u.test(read.expression)) {
      throw new ExpressionError("`SEARCH` is not allowed in an alarm.");
    }
    if (read.kind === "metric" && read.periodSeconds !== periodSeconds) {
      throw new ExpressionError(
        `The metrics of an alarm have one period, and here are ${periodSeconds} and ${read.periodSeconds} seconds.`,
      );
    }
  }
  const range = { from, to, periodSeconds, periods: "from" } as const;
  const answer = new MetricQueries(queries, store, range).answer(watched);
  if (answer.kind === "series") return answer.series;
  const [only] = answer.kind === "array" && answer.array.length === 1 ? answer.array : [];
  if (only !== undefined) return only;
  throw new ExpressionError(`An alarm needs one time series, and has ${describe(answer)}.`);
}

function delaySeconds({ queries, periodSeconds }: MetricWatch): number {
  const ofService = queries.some(
    ({ read }) => read.kind === "metric" && SERVICE_NAMESPACE.test(read.metric.namespace),
  );
  return ofService && periodSeconds >= MINUTE_SECONDS
    ? SERVICE_METRIC_DELAY_SECONDS
    : METRIC_DELAY_SECONDS;
}

const SAMPLE_COUNT: Statistic = ({ count }) => count;

function tooFewSamples(
  { watched, leastSamples, periodSeconds, counts }: MetricWatch,
  store: MetricStore,
  from: number,
  to: number,
): boolean {
  if (leastSamples === 0 || watched.read.kind !== "metric") return false;
  const samples = store
    .series(watched.read.metric, {
      from,
      to,
      periodSeconds,
      statistic: SAMPLE_COUNT,
      periods: "from",
    })
    .slice(-counts.evaluationPeriods)
    .reduce((total, [, count]) => total + count, 0);
  return samples < leastSamples;
}

const WORDS = {
  GreaterThanThreshold: "greater than",
  GreaterThanOrEqualToThreshold: "greater than or equal to",
  LessThanThreshold: "less than",
  LessThanOrEqualToThreshold: "less than or equal to",
} as const;

/** As CloudWatch words it, roughly: the values and what they are held against. */
function reasonOf(watch: MetricWatch, values: readonly number[]): string {
  const { counts, comparison, threshold } = watch;
  const wanted = `${counts.datapointsToAlarm} of ${counts.evaluationPeriods} must be ${WORDS[comparison]} ${threshold}`;
  if (values.length === 0) return `no data, treated as ${counts.treatMissingData}; ${wanted}`;
  const shown = values
    .slice(-3)
    .toReversed()
    .map((value) => String(Number(value.toPrecision(4))));
  return `the newest ${shown.length === 1 ? "value is" : "values are"} ${shown.join(", ")}; ${wanted}`;
}
