import type { EndedRequest } from "./ended-request.ts";

/** A stretch of the run's clock. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What each target had to do at any time, from the load balancer's records. */
export class Saturation {
  readonly #byTarget = new Map<string, { readonly record: EndedRequest; readonly span: Span }[]>();
  readonly #limit: number | undefined;

  /**
   * @param limit how many requests a replica works on at once, as declared; undefined where the program does not say.
   */
  constructor(records: readonly EndedRequest[], limit: number | undefined) {
    this.#limit = limit;
    for (const record of records) {
      const { target, sentAt } = record;
      if (target === undefined || sentAt === undefined) continue;
      const requests = this.#byTarget.get(target) ?? [];
      requests.push({
        record,
        span: { from: sentAt, to: record.endedAt },
      });
      this.#byTarget.set(target, requests);
    }
  }

  /** Whether a target was at its limit at some moment of a span: it had as many requests as it takes, or it said so itself. */
  wasFull(target: string, within: Span): boolean {
    const near = this.#near(target, within);
    if (near.some(({ record }) => record.targetStatus === 503)) return true;
    return this.#hasLimit(near, within);
  }

  /** Whether a target had as many requests as it takes at some moment of a span; never where no limit is declared. */
  hadItsLimit(target: string, within: Span): boolean {
    return this.#hasLimit(this.#near(target, within), within);
  }

  #hasLimit(near: readonly { readonly span: Span }[], within: Span): boolean {
    return this.#limit !== undefined && mostAtOnce(near, within) >= this.#limit;
  }

  #near(target: string, within: Span) {
    return (this.#byTarget.get(target) ?? []).filter(
      ({ span }) => span.from <= within.to && span.to >= within.from,
    );
  }
}

function mostAtOnce(requests: readonly { readonly span: Span }[], within: Span): number {
  const moments = requests.map(({ span }) => Math.max(span.from, within.from));
  return Math.max(
    0,
    ...moments.map((at) => requests.filter(({ span }) => span.from <= at && span.to >= at).length),
  );
}
