import { pino, stdTimeFunctions, type DestinationStream, type Logger } from "pino";
import type { Replica } from "./replica.ts";

export type { Logger } from "pino";

/** A logger of JSON lines on standard output, each with the service, the replica and its zone. */
export function createLogger(
  service: string,
  replica: Replica,
  level: string,
  destination?: DestinationStream,
): Logger {
  const options = {
    level,
    base: { service, replica: replica.id, zone: replica.zone },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    // Nothing here logs headers; a tool's author might.
    redact: ["authorization", "headers.authorization", "req.headers.authorization"],
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
