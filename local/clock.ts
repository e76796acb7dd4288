/** Time, as everything here that waits sees it: the machine's, or one that a test turns. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number;
  /** Calls back once, unless cancelled before. */
  after(milliseconds: number, callback: () => void): Cancel;
}

/** Takes a timer back; harmless once it has fired. */
export type Cancel = () => void;

export const machineClock: Clock = {
  now: () => performance.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A clock whose timers can all be taken back at once: nothing that has ended must keep the process waiting. */
export interface ScopedClock extends Clock {
  close(): void;
}

/** A clock over another one. */
export function scopedClock(clock: Clock): ScopedClock {
  const pending = new Set<Cancel>();
  return {
    now: () => clock.now(),
    after: (milliseconds, callback) => {
      const cancel = clock.after(milliseconds, () => {
        pending.delete(cancel);
        callback();
      });
      pending.add(cancel);
      return () => {
        pending.delete(cancel);
        cancel();
      };
    },
    close: () => {
      for (const cancel of pending) cancel();
      pending.clear();
    },
  };
}

/** A clock on which time passes faster than on another one, so that minutes of AWS can be watched in seconds. */
export function acceleratedClock(clock: Clock, factor: number): Clock {
  return {
    now: () => clock.now() * factor,
    after: (milliseconds, callback) => clock.after(milliseconds / factor, callback),
  };
}
