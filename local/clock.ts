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
