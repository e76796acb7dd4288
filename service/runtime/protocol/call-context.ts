import type { ServerContext } from "@modelcontextprotocol/server";
import type { CallContext } from "../context.ts";
import { readAnswers } from "../input-required.ts";
import type { Logger } from "../log.ts";
import type { Exchange } from "./exchange.ts";
import { declaredCapabilities } from "./request-meta.ts";

/** What an author's function gets, made from what the SDK gives. */
export function callContext(
  { mcpReq }: ServerContext,
  exchange: Exchange,
  signal: AbortSignal,
): CallContext {
  const log = exchange.calls.get(mcpReq.id)?.log ?? exchange.log;
  const progressToken = mcpReq._meta?.progressToken;
  const isDeaf = (): boolean => signal.aborted || exchange.isCongested();
  return {
    log,
    signal,
    caller: exchange.caller,
    clientCapabilities: declaredCapabilities(mcpReq.envelope ?? {}),
    answers: readAnswers(mcpReq.inputResponses),
    state: mcpReq.requestState(),
    progress: async (update) => {
      if (progressToken === undefined) return;
      await tell({ log, isDeaf }, "progress", () =>
        mcpReq.notify({
          method: "notifications/progress",
          params: { progressToken, ...update },
        }),
      );
    },
    // The protocol deprecates it in favour of traces; clients that show it to people will be around for years.
    logToClient: (level, data) =>
      // eslint-disable-next-line @typescript-eslint/no-deprecated
      tell({ log, isDeaf }, "log message", () => mcpReq.log(level, data)),
  };
}

/** Whom a function tells how far it is. */
export interface Listener {
  readonly log: Logger;
  /** Whether it has gone, or does not keep up. */
  isDeaf(): boolean;
}

/**
 * Tells the client something. What it does not keep up with is left out: it would wait in this replica's memory. A client that leaves between
 * the check and the write is no error: its call is being aborted anyway.
 */
export async function tell(
  listener: Listener,
  what: string,
  send: () => Promise<void> | void,
): Promise<void> {
  if (listener.isDeaf()) return;
  try {
    await send();
  } catch (error) {
    listener.log.debug({ err: error }, `${what} not delivered`);
  }
}
