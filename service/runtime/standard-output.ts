import type { Writable } from "node:stream";

/** Where lines go: whole, in their order, and without anybody waiting for whoever reads them. */
export interface LineOutput {
  /** Takes a line with its end. It never throws and never blocks: lines that are not read in time are lost. */
  write(line: string): void;
  /** Resolves when what was written has been taken, or will not be by anybody. */
  flush(): Promise<void>;
  /** Has a function told how many lines were lost, once everything behind them has been taken. The last function counts. */
  onLoss(tell: (lines: number) => void): void;
}

/** How much waits for a slow reader at most, in characters: 4 Mi, about 10 000 calls of the access log. */
const MOST_WAITING = 4 * 1024 * 1024;

/**
 * Lines on a stream that may be slow, or whose reader may die: then they are dropped, and the process goes on.
 *
 * @param open gives the stream when the first line comes.
 */
export function createLineOutput(open: () => Writable, mostWaiting = MOST_WAITING): LineOutput {
  let stream: Writable | undefined;
  let isBroken = false;
  let lost = 0;
  let tell: (lines: number) => void = () => undefined;
  const opened = (): Writable => {
    if (stream !== undefined) return stream;
    stream = open();
    // EPIPE and the like; without a listener it would end the process.
    stream.on("error", () => {
      isBroken = true;
    });
    stream.on("drain", () => {
      if (lost === 0) return;
      const lines = lost;
      lost = 0;
      tell(lines);
    });
    return stream;
  };
  return {
    write: (line) => {
      if (isBroken) return;
      const target = opened();
      if (target.writableLength + line.length > mostWaiting) lost += 1;
      else target.write(line);
    },
    flush: () =>
      new Promise((resolve) => {
        if (stream === undefined || isBroken) resolve();
        else
          stream.write("", () => {
            resolve();
          });
      }),
    onLoss: (listener) => {
      tell = listener;
    },
  };
}

/**
 * The standard output of the process, for everything that writes to it: one stream keeps lines of different writers apart, those of
 * `console.log` included. Node's own stream, not pino's, because it waits for a full pipe in the event loop: pino's either sleeps the whole
 * process until there is room, or holds a thread that exit waits for; and it costs no more (4 µs a line, as measured beside 5 to 8).
 */
export const standardOutput: LineOutput = createLineOutput(() => process.stdout);
