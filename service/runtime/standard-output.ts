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
 * What a pipe takes whole or not at all, in bytes (PIPE_BUF of Linux; POSIX demands 512): more in one piece might be cut in the middle of a
 * line where the process ends before its reader has made room.
 */
const WHOLE = 4096;

/**
 * Lines on a stream that may be slow, or whose reader may die: then they are dropped, and the process goes on. Those of one turn of the event
 * loop go out together, as many as a pipe takes whole: a system call for each costs a busy replica a twentieth of its time.
 *
 * @param open gives the stream when the first line comes.
 * @param atExit has a function called when the process ends, at a time when only what is done at once still is.
 */
export function createLineOutput(
  open: () => Writable,
  mostWaiting = MOST_WAITING,
  atExit: (handOver: () => void) => void = () => undefined,
): LineOutput {
  let stream: Writable | undefined;
  let gathered = "";
  let gatheredBytes = 0;
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
  const handOver = (): void => {
    if (gatheredBytes === 0) return;
    const lines = gathered;
    gathered = "";
    gatheredBytes = 0;
    if (!isBroken) opened().write(lines);
  };
  atExit(handOver);
  return {
    write: (line) => {
      if (isBroken) return;
      if (opened().writableLength + gathered.length + line.length > mostWaiting) {
        lost += 1;
        return;
      }
      const bytes = Buffer.byteLength(line);
      if (gatheredBytes + bytes > WHOLE) handOver();
      if (gatheredBytes === 0) setImmediate(handOver);
      gathered += line;
      gatheredBytes += bytes;
    },
    flush: () =>
      new Promise((resolve) => {
        handOver();
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
export const standardOutput: LineOutput = createLineOutput(
  () => process.stdout,
  MOST_WAITING,
  (handOver) => process.on("exit", handOver),
);
