import type { Clock } from "../../../../service/runtime/telemetry/clock.ts";

/** A clock that a test turns. */
export interface VirtualClock extends Clock {
  /** Lets everything happen that is due within so many milliseconds, in its order, and what follows from each before the next. */
  advance(milliseconds: number): Promise<void>;
  /** How many timers wait. */
  readonly waiting: number;
}

export function createVirtualClock(start = 1_700_000_000_000): VirtualClock {
  let now = start;
  let order = 0;
  const timers = new Set<{
    readonly at: number;
    readonly order: number;
    readonly callback: () => void;
  }>();
  return {
    now: () => now,
    after: (milliseconds, callback) => {
      const timer = { at: now + Math.max(0, milliseconds), order: (order += 1), callback };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    get waiting() {
      return timers.size;
    },
    advance: async (milliseconds) => {
      const until = now + milliseconds;
      await settle();
      for (;;) {
        const [next] = [...timers]
          .filter(({ at }) => at <= until)
          .sort((left, right) => left.at - right.at || left.order - right.order);
        if (next === undefined) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.callback();
        await settle();
      }
      now = until;
      await settle();
    },
  };
}

/** Lets every promise that can settle do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
