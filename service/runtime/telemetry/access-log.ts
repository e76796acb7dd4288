import type { Logger } from "pino";
import type { Call, Instrument } from "../calls.ts";

/**
 * One line per call, with the message `call`: at level `error` and with the stack where the server itself failed, else at `info`.
 *
 * @param traceIdOf the trace that a call belongs to, if any.
 */
export function createAccessLog(
  log: Logger,
  traceIdOf: (call: Call) => string | undefined,
): Instrument {
  return (call) => {
    const traceId = traceIdOf(call);
    return {
      end: ({ outcome, errorCode, error, durationMilliseconds }) => {
        const line = {
          method: call.method,
          target: call.target,
          era: call.era,
          protocolVersion: call.protocolVersion,
          caller: call.caller?.id,
          outcome,
          errorCode,
          // Microseconds are as fine as it gets; the digits behind them are noise.
          durationMilliseconds: Math.round(durationMilliseconds * 1000) / 1000,
          requestId: call.requestId,
          traceId,
        };
        if (outcome === "internal_error") log.error({ ...line, err: error }, "call");
        else log.info(line, "call");
      },
    };
  };
}
