/** What a client has not taken yet of its answers. */
export interface Backlog {
  /** How much waits, in bytes. */
  readonly waiting: number;
  /** When it last became less, in milliseconds. */
  readonly since: number;
}

/**
 * What waits may take its time at this rate, in bytes a second: 64 KiB, a slow mobile connection. One answer is one write, and of a write
 * only its end is known, so a large answer needs more time than a small one.
 */
const SLOWEST_BYTES_PER_SECOND = 64 * 1024;

/** What a connection's backlog is after a look at it. */
export function observe(previous: Backlog, waiting: number, now: number): Backlog {
  // Only the client's taking makes it less; what the server adds, such as a stream's keep-alive comments, must not pass for progress.
  const since = waiting === 0 || waiting < previous.waiting ? now : previous.since;
  return { waiting, since };
}

/** Whether the client has stopped taking. @param patience how long it may take nothing, in milliseconds. */
export function isStalled({ waiting, since }: Backlog, now: number, patience: number): boolean {
  return waiting > 0 && now - since > patience + (waiting / SLOWEST_BYTES_PER_SECOND) * 1000;
}
