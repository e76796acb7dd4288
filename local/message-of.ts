import { LocalError } from "./graph/graph.ts";

/** Mistakes of the user are sentences; anything else is one of ours, and its stack belongs into a report. */
export function messageOf(error: unknown): string {
  if (error instanceof LocalError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
