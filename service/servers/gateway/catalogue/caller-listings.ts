import type { Logger } from "pino";
import type { Clock } from "../../../runtime/telemetry/clock.ts";
import type { Upstream } from "../upstream.ts";
import { askForListing, type Asker } from "./ask.ts";
import type { KeptListing } from "./kept-listing.ts";

/** As many callers as lists are kept of, for each upstream; who has not asked for longest makes room. */
const MOST_CALLERS = 1000;
/** How long a list is good where the upstream does not say. */
const DEFAULT_GOOD_MILLISECONDS = 30_000;
/** Whoever got no list waits that long before the upstream is asked for it again. */
const RETRY_MILLISECONDS = 1000;
/** Longer than that no answer of the gateway waits for one of an upstream. */
const PATIENCE_MILLISECONDS = 2000;

/** What an upstream has listed to single callers, each known by `authorizationOf`. Nothing of one caller is ever seen by another. */
export interface CallerListings {
  /** What the upstream has listed to a caller, if it is still to be used. */
  of(authorization: string): KeptListing | undefined;
  /** Asks for a caller's list where there is none, and in the background where it is old. @returns what to wait for, for 2 seconds at most; it never rejects. */
  prepare(authorization: string, asker: NonNullable<Asker>): Promise<void> | undefined;
  /** Whatever is kept may have changed: it is asked for again before it is used. */
  outdate(): void;
  close(): void;
}

interface Entry {
  kept?: KeptListing;
  asking?: Promise<void>;
  failedAt?: number;
  /** How often everything had been outdated when it was asked for. */
  epoch: number;
}

export interface CallerListingsOptions {
  readonly upstream: Upstream;
  readonly clock: Clock;
  readonly log: Logger;
  /** For how long an old list is used where the upstream gives no new one, in milliseconds. */
  readonly graceMilliseconds: number;
  /** Called when the list of some caller has become another. */
  readonly changed: () => void;
  /** Default 1000. */
  readonly mostCallers?: number;
}

export function keepCallerListings(options: CallerListingsOptions): CallerListings {
  const { upstream, clock, log, graceMilliseconds, changed, mostCallers = MOST_CALLERS } = options;
  const entries = new Map<string, Entry>();
  /** Callers with the same list share its text in memory. */
  const interned = new Map<string, WeakRef<KeptListing["listing"]>>();
  let epoch = 0;
  let closed = false;

  const goodUntil = ({ askedAt, goodUntil }: KeptListing): number =>
    goodUntil ?? askedAt + DEFAULT_GOOD_MILLISECONDS;

  const usable = (entry: Entry | undefined): KeptListing | undefined => {
    if (entry?.kept === undefined) return undefined;
    return clock.now() < goodUntil(entry.kept) + graceMilliseconds ? entry.kept : undefined;
  };

  const intern = (kept: KeptListing): KeptListing => {
    const same = interned.get(kept.digest)?.deref();
    if (same !== undefined)
      return { ...kept, listing: { ...same, ttlMilliseconds: kept.listing.ttlMilliseconds } };
    for (const [digest, reference] of interned)
      if (reference.deref() === undefined) interned.delete(digest);
    interned.set(kept.digest, new WeakRef(kept.listing));
    return kept;
  };

  const ask = async (entry: Entry, asker: NonNullable<Asker>): Promise<void> => {
    const askedIn = epoch;
    try {
      const fresh = intern(await askForListing(upstream, asker, clock));
      if (closed) return;
      const before = entry.kept?.digest;
      entry.kept = fresh;
      entry.epoch = askedIn;
      delete entry.failedAt;
      if (before !== undefined && before !== fresh.digest) changed();
    } catch (error) {
      entry.failedAt = clock.now();
      log.warn(
        { upstream: upstream.name, err: error },
        `The upstream \`${upstream.name}\` does not list what it offers to a caller.`,
      );
    } finally {
      delete entry.asking;
    }
  };

  const touch = (authorization: string): Entry => {
    const entry = entries.get(authorization) ?? { epoch };
    entries.delete(authorization);
    entries.set(authorization, entry);
    const [oldest] = entries.keys();
    if (entries.size > mostCallers && oldest !== undefined) entries.delete(oldest);
    return entry;
  };

  return {
    of: (authorization) => usable(entries.get(authorization)),
    prepare: (authorization, asker) => {
      const entry = touch(authorization);
      const kept = usable(entry);
      const isOutdated = entry.epoch !== epoch;
      if (kept !== undefined && clock.now() < goodUntil(kept) && !isOutdated) return undefined;
      const failedLately =
        entry.failedAt !== undefined && clock.now() < entry.failedAt + RETRY_MILLISECONDS;
      if (entry.asking === undefined) {
        if (failedLately) return undefined;
        entry.asking = ask(entry, asker);
      }
      return kept === undefined || isOutdated ? patiently(entry.asking, clock) : undefined;
    },
    outdate: () => {
      epoch += 1;
    },
    close: () => {
      closed = true;
      entries.clear();
    },
  };
}

/** Waits for something that never rejects, but not for long. */
export function patiently(work: Promise<unknown>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(PATIENCE_MILLISECONDS, resolve);
    void work.then(() => {
      cancel();
      resolve();
    });
  });
}
