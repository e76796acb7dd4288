import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { CallContext } from "../context.ts";
import { readAnswers } from "../input-required.ts";
import type { Exchange } from "./exchange.ts";

/** What an author's function gets, made from what the SDK gives. */
export function callContext(
  { mcpReq }: ServerContext,
  exchange: Exchange,
  signal: AbortSignal,
): CallContext {
  const log = exchange.calls.get(mcpReq.id)?.log ?? exchange.log;
  const progressToken = mcpReq._meta?.progressToken;
  /** What a client does not keep up with is left out: it would wait in this replica's memory. A client that leaves between the check and the write is no error: its call is being aborted anyway. */
  const tell = async (what: string, send: () => Promise<void>): Promise<void> => {
    if (signal.aborted || exchange.isCongested()) return;
    try {
      await send();
    } catch (error) {
      log.debug({ err: error }, `${what} not delivered`);
    }
  };
  return {
    log,
    signal,
    caller: exchange.caller,
    clientCapabilities: capabilitiesOf(mcpReq.envelope),
    answers: readAnswers(mcpReq.inputResponses),
    state: mcpReq.requestState(),
    progress: async (update) => {
      if (progressToken === undefined) return;
      await tell("progress", () =>
        mcpReq.notify({
          method: "notifications/progress",
          params: { progressToken, ...update },
        }),
      );
    },
    // The protocol deprecates it in favour of traces; clients that show it to people will be around for years.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    logToClient: (level, data) => tell("log message", () => mcpReq.log(level, data)),
  };
}

/** Typed by what the SDK has validated before it calls. */
function capabilitiesOf(envelope: object | undefined): ClientCapabilities {
  const declared = envelope as Record<string, ClientCapabilities | undefined> | undefined;
  return declared?.[CLIENT_CAPABILITIES_META_KEY] ?? {};
}
