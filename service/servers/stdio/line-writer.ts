import type { Writable } from "node:stream";

/** Writes lines to a stream. */
export interface LineWriter {
  /** Takes a line without its end. */
  readonly write: (line: string) => void;
  /** Ends the stream behind what has been written; takes no more. */
  readonly end: () => void;
  /** What has been written and the reader has not taken, in bytes. */
  readonly waitingBytes: () => number;
}

/** What a writer tells of its reader. */
export interface LineWriterEvents {
  /** Lines wait from now on. */
  readonly blocked: () => void;
  /** The reader has taken what the stream held; where more waits than that, `blocked` follows at once. */
  readonly drained: () => void;
}

/**
 * Writes lines, and waits where the reader is slow: lines stay here until the stream has drained, which one listener hears of for all of them.
 * How much waits is for the caller to bound: here, by {@link LineWriter.waitingBytes}.
 */
export function createLineWriter(stream: Writable, events: LineWriterEvents): LineWriter {
  const waiting: string[] = [];
  /** How many of these have been written. */
  let taken = 0;
  let queuedBytes = 0;
  let isFull = false;
  let ended = false;
  let corked = false;
  const uncork = (): void => {
    corked = false;
    stream.uncork();
  };
  /** @returns whether the stream takes more. */
  const put = (text: string): boolean => {
    // Requests of one turn of the event loop go out with one system call.
    if (!corked) {
      corked = true;
      stream.cork();
      process.nextTick(uncork);
    }
    return stream.write(text);
  };
  stream.on("drain", () => {
    // No more than the stream holds: each time that it drains, the reader has taken something.
    let hasRoom = true;
    while (hasRoom && taken < waiting.length) {
      const text = waiting[taken] ?? "";
      waiting[taken] = "";
      taken += 1;
      queuedBytes -= Buffer.byteLength(text);
      hasRoom = put(text);
    }
    // Also where some always wait; not each time, which would move all that wait.
    if (taken * 2 >= waiting.length) {
      waiting.splice(0, taken);
      taken = 0;
    }
    isFull = !hasRoom;
    events.drained();
    if (!hasRoom) events.blocked();
    // It writes what it still holds before it ends.
    if (ended && waiting.length === 0) stream.end();
  });
  return {
    write: (line) => {
      if (ended || !stream.writable) return;
      const text = `${line}\n`;
      if (isFull) {
        waiting.push(text);
        queuedBytes += Buffer.byteLength(text);
        return;
      }
      isFull = !put(text);
      if (isFull) events.blocked();
    },
    end: () => {
      if (ended) return;
      ended = true;
      if (waiting.length === 0) stream.end();
    },
    waitingBytes: () => queuedBytes + stream.writableLength,
  };
}
