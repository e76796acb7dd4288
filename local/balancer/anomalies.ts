/** What a target answered in one interval, as one node saw it. */
export interface AnswerCounts {
  readonly id: string;
  readonly requests: number;
  /** Answers of 500 to 599, and connections that failed. */
  readonly errors: number;
}

/** How often targets are compared, and weights changed (ELB guide, "Automatic target weights"). */
export const ANOMALY_INTERVAL_SECONDS = 5;

/** With fewer healthy targets there is no detection (ELB guide, "Automatic target weights"). */
const LEAST_TARGETS = 3;

/** AWS publishes neither of these two: chosen so that only plain cases are found. */
const LEAST_REQUESTS = 5;
const MARGIN_PERCENT = 50;

/** A target's least share of a full one; "a minimum" at AWS, which gives no figure. */
const LEAST_WEIGHT = 1 / 64;

/** AWS lowers the traffic step by step and raises it "gradually"; that a step is a factor of two is assumed. */
const STEP = 2;

/**
 * The targets whose share of errors stands out among that of the others.
 *
 * @param counts of the healthy targets.
 */
export function anomalousTargets(counts: readonly AnswerCounts[]): ReadonlySet<string> {
  if (counts.length < LEAST_TARGETS) return new Set();
  const anomalous = counts.filter((target) => {
    if (target.requests < LEAST_REQUESTS) return false;
    const peers = counts.filter((peer) => peer !== target && peer.requests > 0);
    if (peers.length === 0) return false;
    return errorPercent([target]) - errorPercent(peers) >= MARGIN_PERCENT;
  });
  return new Set(anomalous.map(({ id }) => id));
}

/**
 * The weights for the next interval: anomalous targets get less, the others more until they have a full share again. At most half of the targets are
 * held down at once (not documented, but reported).
 *
 * @param weights of the healthy targets, before.
 */
export function mitigatedWeights(
  weights: ReadonlyMap<string, number>,
  anomalous: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const most = Math.floor(weights.size / 2);
  const heldDown = [...weights].filter(([, weight]) => weight < 1).map(([id]) => id);
  // Those that are held down already come first, so that a new one does not set them free.
  const mitigated = new Set([...heldDown, ...weights.keys()].filter((id) => anomalous.has(id)));
  const lowered = new Set([...mitigated].slice(0, most));
  return new Map(
    [...weights].map(([id, weight]) => [
      id,
      lowered.has(id) ? Math.max(LEAST_WEIGHT, weight / STEP) : Math.min(1, weight * STEP),
    ]),
  );
}

function errorPercent(counts: readonly AnswerCounts[]): number {
  const sum = (of: "requests" | "errors"): number =>
    counts.reduce((total, count) => total + count[of], 0);
  return (100 * sum("errors")) / sum("requests");
}
