import type { Writable } from "node:stream";

/** Writes lines to a stream. */
export interface LineWriter {
  /** Takes a line without its end. */
  readonly write: (line: string) => void;
  /** Ends the stream behind what has been written; takes no more. */
  readonly end: () => void;
}

/**
 * Writes lines, and waits where the reader is slow: lines stay here until the stream has drained, which one listener hears of for all of them.
 * How many wait is for the caller to bound: here, by the number of requests that a child may have.
 */
export function createLineWriter(stream: Writable): LineWriter {
  let waiting: string[] = [];
  let isFull = false;
  let ended = false;
  let corked = false;
  const uncork = (): void => {
    corked = false;
    stream.uncork();
  };
  const put = (text: string): void => {
    // Requests of one turn of the event loop go out with one system call.
    if (!corked) {
      corked = true;
      stream.cork();
      process.nextTick(uncork);
    }
    isFull = !stream.write(text);
  };
  stream.on("drain", () => {
    isFull = false;
    if (waiting.length > 0) {
      const text = waiting.join("");
      waiting = [];
      put(text);
    }
    // It writes what it still holds before it ends.
    if (ended) stream.end();
  });
  return {
    write: (line) => {
      if (ended || !stream.writable) return;
      if (isFull) waiting.push(`${line}\n`);
      else put(`${line}\n`);
    },
    end: () => {
      if (ended) return;
      ended = true;
      if (waiting.length === 0) stream.end();
    },
  };
}
