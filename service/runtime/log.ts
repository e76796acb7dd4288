import { pino, stdSerializers, stdTimeFunctions, type DestinationStream, type Logger } from "pino";
import type { Replica } from "./replica.ts";
import { standardOutput } from "./standard-output.ts";

export type { Logger } from "pino";

/**
 * A logger of JSON lines, each with the service, the replica and its zone.
 *
 * @param destination Default: standard output. What is not read from there in time is lost, and the log says how much it was.
 */
export function createLogger(
  service: string,
  replica: Replica,
  level: string,
  destination: DestinationStream = standardOutput,
): Logger {
  const log = pino(
    {
      level,
      base: { service, replica: replica.id, zone: replica.zone },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label: string) => ({ level: label }) },
      serializers: { err: serializeError },
      // Nothing here logs headers; a tool's author might.
      redact: ["authorization", "headers.authorization", "req.headers.authorization"],
    },
    destination,
  );
  if (destination === standardOutput) {
    standardOutput.onLoss((lines) => {
      log.warn({ lines }, "lines were lost: standard output was not read in time");
    });
  }
  return log;
}

/** What authors throw may be anything, a getter that throws included; writing it down must not fail. */
function serializeError(error: unknown): unknown {
  try {
    // It leaves alone what is no error, whatever its type says.
    return stdSerializers.err(error as Error);
  } catch {
    return { type: "Error", message: "The error cannot be shown: reading it throws." };
  }
}
