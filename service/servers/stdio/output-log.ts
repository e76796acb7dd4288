import type { Logger } from "../../runtime/log.ts";
import type { Clock } from "../../runtime/telemetry/clock.ts";

/** Where a line of a child came from: `notification` is one of the protocol that no call could be told of. */
export type OutputSource = "stderr" | "stdout" | "notification";

export type OutputLevel = "debug" | "info" | "warn" | "error";

/** Logs what a child says beside the protocol. */
export type OutputLog = (source: OutputSource, level: OutputLevel, text: string) => void;

const WINDOW_MILLISECONDS = 1000;

/** The longest text that is logged, in characters; the rest of it is cut. CloudWatch takes 256 KiB, people a lot less. */
const LONGEST = 8192;

/**
 * Logs the lines of one child as far as they are few: of those above the limit there is a count, once a second.
 *
 * @param options.redact takes out what logs must not have.
 */
export function createOutputLog(
  log: Logger,
  options: {
    readonly clock: Clock;
    readonly linesPerSecond: number;
    readonly redact: (text: string) => string;
  },
): OutputLog {
  const { clock, linesPerSecond, redact } = options;
  let logged = 0;
  let dropped = 0;
  let isOpen = false;
  const closeWindow = (): void => {
    isOpen = false;
    logged = 0;
    if (dropped === 0) return;
    log.warn({ lines: dropped, linesPerSecond }, "lines of the stdio server were dropped");
    dropped = 0;
  };
  return (source, level, text) => {
    if (!isOpen) {
      isOpen = true;
      clock.after(WINDOW_MILLISECONDS, closeWindow);
    }
    if (logged >= linesPerSecond) {
      dropped += 1;
      return;
    }
    logged += 1;
    // Redacted before it is cut: half a secret is one that nothing recognises.
    const clean = redact(text);
    const shown = clean.length > LONGEST ? `${clean.slice(0, LONGEST)}…` : clean;
    log[level]({ source, text: shown }, "stdio server");
  };
}
