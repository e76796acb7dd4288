import type { RequestRecord } from "../balancer/request-record.ts";

/** What is told of the requests of the last while. */
export interface RequestFigures {
  readonly requestsPerSecond: number;
  /** Answers of 500 to 599, and those that broke off. */
  readonly failuresPerSecond: number;
  readonly p50Milliseconds: number | undefined;
  readonly p99Milliseconds: number | undefined;
}

/** Long enough for a calm figure, short enough to see a change at once. */
const WINDOW_MILLISECONDS = 10_000;
/** Above that the oldest are forgotten early, and the window is as long as they last. */
const MOST_RECORDS = 50_000;

/** The requests that have ended within the last ten seconds. */
export class RequestWindow {
  readonly #now: () => number;
  #records: { readonly endedAt: number; readonly record: RequestRecord }[] = [];

  /** @param now in milliseconds of real time: calls take the time that they take, whatever the speed of the models. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  add(record: RequestRecord): void {
    this.#records.push({ endedAt: this.#now(), record });
    if (this.#records.length > MOST_RECORDS * 2) this.#records = this.#records.slice(-MOST_RECORDS);
  }

  /** Figures by what `keyOf` makes of a request; requests for which it is undefined count nowhere. */
  figures(
    keyOf: (record: RequestRecord) => string | undefined,
  ): (key: string | undefined) => RequestFigures {
    const since = this.#now() - WINDOW_MILLISECONDS;
    this.#records = this.#records.filter(({ endedAt }) => endedAt > since);
    const byKey = Map.groupBy(this.#records, ({ record }) => keyOf(record));
    return (key) =>
      key === undefined ? NONE : figuresOf((byKey.get(key) ?? []).map(({ record }) => record));
  }
}

const NONE: RequestFigures = {
  requestsPerSecond: 0,
  failuresPerSecond: 0,
  p50Milliseconds: undefined,
  p99Milliseconds: undefined,
};

function figuresOf(records: readonly RequestRecord[]): RequestFigures {
  const times = records.map(({ totalMilliseconds }) => totalMilliseconds).sort((a, b) => a - b);
  const seconds = WINDOW_MILLISECONDS / 1000;
  return {
    requestsPerSecond: records.length / seconds,
    failuresPerSecond: records.filter(isFailure).length / seconds,
    p50Milliseconds: percentile(times, 0.5),
    p99Milliseconds: percentile(times, 0.99),
  };
}

function isFailure({ status, outcome }: RequestRecord): boolean {
  return status >= 500 || outcome === "lost in flight" || outcome === "timed out";
}

/** The nearest rank. */
function percentile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.ceil(sorted.length * share) - 1];
}
