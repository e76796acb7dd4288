import type { Logger } from "pino";
import type { Clock } from "../../../runtime/telemetry/clock.ts";
import type { Upstream } from "../upstream.ts";
import { askForListing } from "./ask.ts";
import type { KeptListing } from "./kept-listing.ts";

/** From one question to the next where the upstream does not say how long its list is good, and at most: that is how an upstream that is gone is noticed. */
const PERIOD_MILLISECONDS = 30_000;
/** No upstream is asked more often, whatever it says of its list. */
const SHORTEST_PERIOD_MILLISECONDS = 1000;
/** So many changes in a row are followed at once; some upstreams tell of one with every answer. */
const MOST_HURRIED = 3;
/** Before an upstream that did not answer is asked again; each further wait is twice as long. */
const FIRST_RETRY_MILLISECONDS = 500;
/** What comes back is noticed within it. */
const LONGEST_RETRY_MILLISECONDS = 4000;
/** A wait is up to so much of itself shorter, so that replicas do not ask together. */
const JITTER = 0.2;

/** What an upstream has listed to the gateway itself, kept fresh in the background. */
export interface OwnListing {
  /** The last one that it gave, also where it is gone now; undefined: none yet. */
  readonly kept: KeptListing | undefined;
  /** Since when it has not answered, in milliseconds since 1970; undefined: it does. */
  readonly goneSince: number | undefined;
  /** Resolves when the first question has been answered or has failed. */
  readonly asked: Promise<void>;
  /** Asks now, unless it is being asked. Never rejects. */
  refresh(): Promise<void>;
  /** Asks now if the upstream seems to be well: a call has failed. If it was asked just before, it is asked again a second after that. */
  suspect(): void;
  close(): void;
}

export interface OwnListingOptions {
  readonly upstream: Upstream;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly log: Logger;
  /** Called after every question, whatever came of it. */
  readonly answered: () => void;
}

/** Begins to ask an upstream, and goes on until it is closed. */
export function keepOwnListing(options: OwnListingOptions): OwnListing {
  const { upstream, clock, random, log, answered } = options;
  let kept: KeptListing | undefined;
  let goneSince: number | undefined;
  let failures = 0;
  let asking: Promise<void> | undefined;
  let outdated = false;
  let cancel: () => void = () => undefined;
  let closed = false;
  let lastAskedAt = -Infinity;
  let hurried = 0;

  const ask = async (): Promise<void> => {
    cancel();
    const askedAt = clock.now();
    lastAskedAt = askedAt;
    try {
      const fresh = await askForListing(upstream, undefined, clock);
      if (closed) return;
      if (goneSince !== undefined)
        log.info({ upstream: upstream.name }, `The upstream \`${upstream.name}\` answers again.`);
      kept = fresh;
      goneSince = undefined;
      failures = 0;
    } catch (error) {
      if (closed) return;
      if (failures === 0)
        log.warn(
          { upstream: upstream.name, err: error },
          `The upstream \`${upstream.name}\` does not list what it offers.`,
        );
      goneSince ??= askedAt;
      failures += 1;
    }
    answered();
  };

  const refresh = (): Promise<void> => {
    if (closed) return Promise.resolve();
    if (asking !== undefined) return asking;
    outdated = false;
    const current = ask().finally(() => {
      asking = undefined;
      if (closed) return;
      // What has changed while it was being asked may not be in the answer.
      if (outdated) hurry();
      else schedule();
    });
    asking = current;
    return current;
  };

  const schedule = (milliseconds = wait() * (1 - JITTER * random())): void => {
    cancel();
    cancel = clock.after(milliseconds, () => {
      void refresh();
    });
  };

  /** Asks at once, unless it has been asked like that again and again. */
  const hurry = (): void => {
    const rest = lastAskedAt + SHORTEST_PERIOD_MILLISECONDS - clock.now();
    if (rest <= 0) hurried = 0;
    hurried += 1;
    if (hurried <= MOST_HURRIED) void refresh();
    else schedule(rest);
  };

  const wait = (): number => {
    if (failures > 0)
      return Math.min(FIRST_RETRY_MILLISECONDS * 2 ** (failures - 1), LONGEST_RETRY_MILLISECONDS);
    const goodFor = kept?.goodUntil === undefined ? Infinity : kept.goodUntil - clock.now();
    return Math.max(Math.min(goodFor, PERIOD_MILLISECONDS), SHORTEST_PERIOD_MILLISECONDS);
  };

  const endChanges = upstream.onChange(({ kind }) => {
    if (kind !== "listing") return;
    if (asking === undefined) hurry();
    else outdated = true;
  });

  return {
    get kept() {
      return kept;
    },
    get goneSince() {
      return goneSince;
    },
    asked: refresh(),
    refresh,
    suspect: () => {
      if (closed || goneSince !== undefined || asking !== undefined) return;
      const asksAgainAt = lastAskedAt + SHORTEST_PERIOD_MILLISECONDS;
      if (clock.now() >= asksAgainAt) {
        void refresh();
        return;
      }
      cancel();
      cancel = clock.after(asksAgainAt - clock.now(), () => {
        void refresh();
      });
    },
    close: () => {
      closed = true;
      cancel();
      endChanges();
    },
  };
}
