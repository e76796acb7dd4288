import { evaluateExpression } from "./math/evaluate.ts";
import { ExpressionError } from "./math/expression.ts";
import { parseExpression } from "./math/parse.ts";
import { parseSearch } from "./math/search.ts";
import { seriesValue, type TimeSeries, type Value } from "./math/value.ts";
import type { Metric } from "./metric.ts";
import type { MetricStore } from "./metric-store.ts";
import { statisticOf } from "./statistics.ts";

/** One row of a graph, or one query of an alarm. */
export interface MetricQuery {
  /** How expressions name it. */
  readonly id: string | undefined;
  readonly label: string | undefined;
  readonly read: MetricRead | ExpressionRead;
}

export interface MetricRead {
  readonly kind: "metric";
  readonly metric: Metric;
  /** Such as `Sum` or `p99`. */
  readonly statistic: string;
  readonly periodSeconds: number;
}

export interface ExpressionRead {
  readonly kind: "expression";
  readonly expression: string;
}

/** The range that queries are answered for. */
export interface QueryRange {
  readonly from: number;
  readonly to: number;
  /** Of what says no other. */
  readonly periodSeconds: number;
  readonly periods: "multiples" | "from";
}

/** Answers queries from what was measured, each at most once, in whatever order they name one another. */
export class MetricQueries {
  readonly #queries: readonly MetricQuery[];
  readonly #store: MetricStore;
  readonly #range: QueryRange;
  readonly #answers = new Map<MetricQuery, Value>();
  readonly #running = new Set<MetricQuery>();

  constructor(queries: readonly MetricQuery[], store: MetricStore, range: QueryRange) {
    this.#queries = queries;
    this.#store = store;
    this.#range = range;
  }

  /** @throws {ExpressionError} where the query, or one that it names, has no answer. */
  answer(query: MetricQuery): Value {
    const known = this.#answers.get(query);
    if (known !== undefined) return known;
    if (this.#running.has(query)) {
      throw new ExpressionError(`The expression \`${query.id ?? ""}\` needs its own result.`);
    }
    this.#running.add(query);
    try {
      const answer =
        query.read.kind === "metric"
          ? seriesValue(this.#series(query.read, query.label))
          : this.#evaluated(query.read.expression);
      this.#answers.set(query, answer);
      return answer;
    } finally {
      this.#running.delete(query);
    }
  }

  #evaluated(expression: string): Value {
    return evaluateExpression(parseExpression(expression), {
      moments: this.#moments(),
      valueOf: (id) => {
        const query = this.#queries.find((other) => other.id === id);
        return query === undefined ? undefined : this.answer(query);
      },
      metrics: new Map(
        this.#queries.flatMap(({ id, label, read }) =>
          read.kind === "metric" ? [[id ?? "", this.#series(read, label)] as const] : [],
        ),
      ),
      search: (text, statistic, periodSeconds = this.#range.periodSeconds) => {
        const found = parseSearch(text);
        return this.#store.metrics
          .filter(found)
          .map((metric) =>
            this.#series({ kind: "metric", metric, statistic, periodSeconds }, undefined),
          );
      },
    });
  }

  #moments(): number[] {
    const { from, to, periods } = this.#range;
    const length = 1000 * this.#shortestPeriod();
    const first = periods === "from" ? from : this.#store.startOfPeriod(from + length - 1, length);
    const moments: number[] = [];
    for (let at = first; at < to; at += length) moments.push(at);
    return moments;
  }

  /** What is filled are the periods of the metrics. */
  #shortestPeriod(): number {
    const own = this.#queries.flatMap(({ read }) =>
      read.kind === "metric" ? [read.periodSeconds] : [],
    );
    return own.length === 0 ? this.#range.periodSeconds : Math.min(...own);
  }

  #series(read: MetricRead, label: string | undefined): TimeSeries {
    const { metric, periodSeconds } = read;
    const statistic = statisticOf(read.statistic);
    if (statistic === undefined) {
      throw new ExpressionError(`not modelled here: the statistic \`${read.statistic}\``);
    }
    const { from, to, periods } = this.#range;
    const points = this.#store.series(metric, { from, to, periodSeconds, statistic, periods });
    return {
      points: new Map(points),
      periodSeconds,
      label: label ?? metric.name,
      source: { metric, statistic: read.statistic },
    };
  }
}
