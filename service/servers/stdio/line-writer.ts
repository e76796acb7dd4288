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
  /** Lines of this turn of the event loop that are not with the stream yet. */
  let gathered = "";
  let isGathering = false;
  /** @returns whether the stream takes more. */
  const put = (text: string): boolean =>
    // A text of ASCII alone is copied as it is, which takes a fraction of encoding it.
    stream.write(text, Buffer.byteLength(text) === text.length ? "latin1" : "utf8");
  const send = (text: string): void => {
    isFull = !put(text);
    if (isFull) events.blocked();
  };
  const flush = (): void => {
    const text = gathered;
    gathered = "";
    if (text !== "" && stream.writable) send(text);
  };
  const endTurn = (): void => {
    isGathering = false;
    flush();
  };
  /** As many of the lines that wait as make what the stream holds. */
  const takeWaiting = (): string => {
    let texts = "";
    while (taken < waiting.length && texts.length < stream.writableHighWaterMark) {
      const text = waiting[taken] ?? "";
      waiting[taken] = "";
      taken += 1;
      queuedBytes -= Buffer.byteLength(text);
      texts += text;
    }
    return texts;
  };
  stream.on("drain", () => {
    // No more than the stream holds: each time that it drains, the reader has taken something.
    let hasRoom = true;
    while (hasRoom && taken < waiting.length) hasRoom = put(takeWaiting());
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
      if (isGathering) {
        gathered += text;
        if (gathered.length >= stream.writableHighWaterMark) flush();
        return;
      }
      // A reader that has nothing to do begins at once; what follows in the same turn of the event loop goes out with one system call.
      isGathering = true;
      setImmediate(endTurn);
      send(text);
    },
    end: () => {
      if (ended) return;
      ended = true;
      flush();
      if (waiting.length === 0) stream.end();
    },
    waitingBytes: () => queuedBytes + gathered.length + stream.writableLength,
  };
}
