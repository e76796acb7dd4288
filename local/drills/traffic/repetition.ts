/** How an attempt ended, as its client knows. */
export interface Ending {
  /** 0 where no answer came. */
  readonly status: number;
  /** Whether anything of the request can have left: false where no connection came about. */
  readonly sent: boolean;
  /** The header, as it came. */
  readonly retryAfter: string | undefined;
}

/** About half a minute in all: longer than a dead target or zone stays unnoticed, shorter than people wait. */
const MOST_ATTEMPTS = 10;
const FIRST_DELAY_MILLISECONDS = 200;
const LONGEST_DELAY_MILLISECONDS = 5000;

/** Overloaded (with `Retry-After`) and what a load balancer answers for a target that does not: nothing else gets better by itself. */
const PASSING = new Set([429, 502, 503, 504]);

/**
 * When a client that repeats what may be repeated sends a call again: always where no connection came about, after sending only where the tool says
 * that it may run twice.
 *
 * @param attempt the number of the attempt that has ended, from 1.
 * @param random from 0 to 1; clients that failed together must not come back together.
 * @returns in how many milliseconds, or undefined: never.
 */
export function repeatAfter(
  attempt: number,
  ending: Ending,
  repeatable: boolean,
  random: number,
): number | undefined {
  if (attempt >= MOST_ATTEMPTS) return undefined;
  if (ending.sent && !repeatable) return undefined;
  if (ending.status !== 0 && !PASSING.has(ending.status)) return undefined;
  const longest = Math.min(
    LONGEST_DELAY_MILLISECONDS,
    FIRST_DELAY_MILLISECONDS * 2 ** (attempt - 1),
  );
  const delay = longest * (0.5 + random / 2);
  return Math.max(delay, retryAfterMilliseconds(ending.retryAfter));
}

/** Seconds; the other form of the header, a date, is no server's of ours. */
function retryAfterMilliseconds(text = ""): number {
  return /^\d{1,5}$/u.test(text) ? Number(text) * 1000 : 0;
}
