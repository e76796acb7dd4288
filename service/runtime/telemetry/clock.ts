/** Time, as telemetry sees it: the machine's, or one that a test turns. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Calls back once, unless the returned function is called before. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** The machine's clock; its timers keep no process alive that has nothing else to do. */
export const machineClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
