import { symbols, type Logger } from "pino";
import type { ActiveCall, Call, CallEnd, Instrument } from "../calls.ts";

/**
 * One line per call, with the message `call`: at level `error` and with the stack where the server itself failed, else at `info`.
 *
 * @param traceIdOf the trace that a call belongs to, if any.
 */
export function createAccessLog(
  log: Logger,
  traceIdOf: (call: Call) => string | undefined,
): Instrument {
  const write = lineWriter(log);
  return (call) => new AccessLine(log, write, call, traceIdOf(call));
}

/** A class for the reason that an `OpenCall` is one. */
class AccessLine implements ActiveCall {
  readonly #log: Logger;
  readonly #write: ((fields: string) => void) | undefined;
  readonly #call: Call;
  readonly #traceId: string | undefined;

  constructor(
    log: Logger,
    write: ((fields: string) => void) | undefined,
    call: Call,
    traceId: string | undefined,
  ) {
    this.#log = log;
    this.#write = write;
    this.#call = call;
    this.#traceId = traceId;
  }

  end({ outcome, errorCode, error, durationMilliseconds }: CallEnd): void {
    const { method, target, era, protocolVersion, caller, requestId } = this.#call;
    const line = {
      method,
      target,
      era,
      protocolVersion,
      caller: caller?.id,
      outcome,
      errorCode,
      // Microseconds are as fine as it gets; the digits behind them are noise.
      durationMilliseconds: Math.round(durationMilliseconds * 1000) / 1000,
      requestId,
      traceId: this.#traceId,
    };
    if (outcome === "internal_error") this.#log.error({ ...line, err: error }, MESSAGE);
    else if (this.#write === undefined) this.#log.info(line, MESSAGE);
    else if (this.#log.isLevelEnabled("info")) this.#write(JSON.stringify(line));
  }
}

const MESSAGE = "call";

/**
 * Writes a line as the logger would, in half of the time, which on a busy replica is as much as a tool of its own takes: there is nothing to redact in it,
 * no error to take apart, and no level to choose. Undefined where the logger is not made as `createLogger` makes it; a test holds both to each other.
 */
function lineWriter(log: Logger): ((fields: string) => void) | undefined {
  const inner = log as unknown as Readonly<Record<symbol, unknown>>;
  const bindings = inner[symbols.chindingsSym];
  const stream = inner[symbols.streamSym];
  if (typeof bindings !== "string" || !isStream(stream)) return undefined;
  const time = isoTime();
  return (fields) => {
    stream.write(
      `{"level":"info","time":"${time()}"${bindings},${fields.slice(1, -1)},"msg":"${MESSAGE}"}\n`,
    );
  };
}

function isStream(value: unknown): value is { write(line: string): unknown } {
  return (
    typeof value === "object" &&
    value !== null &&
    "write" in value &&
    typeof value.write === "function"
  );
}

/** The time, written down once for each millisecond. */
function isoTime(): () => string {
  let last = NaN;
  let text = "";
  return () => {
    const now = Date.now();
    if (now !== last) {
      last = now;
      text = new Date(now).toISOString();
    }
    return text;
  };
}
