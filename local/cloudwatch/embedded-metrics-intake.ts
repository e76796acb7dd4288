import type { Clock } from "../clock.ts";
import { readEmbeddedMetrics } from "./emf.ts";
import type { MetricStore } from "./metric-store.ts";

/** What CloudWatch takes at all: two hours ahead (CloudWatch API, PutMetricData). */
const FARTHEST_AHEAD = 2 * 3_600_000;

/** The period of metrics with a resolution of a second that alarms read here. */
const GAUGE_MILLISECONDS = 10_000;

/** Where a run is in time. */
export interface RunTime {
  readonly clock: Clock;
  /** How much faster than real time the clock goes. */
  readonly speed: number;
  /** The time on the wall, in milliseconds since 1970: containers stamp their lines with it. */
  readonly wall: () => number;
}

/**
 * Takes in the metrics that containers write as log lines.
 *
 * Containers live in real time. On a faster clock a gauge at a resolution of a second would come too rarely for any alarm, so there its value stands for all
 * the time until the next one is due; values by the minute come as they are.
 */
export function takeEmbeddedMetrics(line: string, store: MetricStore, time: RunTime): void {
  const { clock, speed, wall } = time;
  for (const { metric, values, resolution, timestamp } of readEmbeddedMetrics(line)) {
    if (timestamp - wall() > FARTHEST_AHEAD) continue;
    const repeated = speed > 1 && resolution === 1 ? Math.ceil(speed) : 1;
    // Exactly, since the whole tens of seconds that it is stamped with are where periods begin.
    const first = speed === 1 ? timestamp - store.epoch : clock.now();
    for (let index = 0; index < repeated; index++) {
      for (const value of values) {
        store.putAt(metric, value, first + index * GAUGE_MILLISECONDS, resolution);
      }
    }
  }
}
