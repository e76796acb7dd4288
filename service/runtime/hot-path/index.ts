import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "../caller.ts";
import { internalError } from "../protocol/incoming.ts";
import type { Answerer, Plan } from "./answerer.ts";
import { ServingCall, type HotSurroundings } from "./hot-call.ts";
import { recognise, type Recognised } from "./recognise.ts";

/** What the hot path works with. */
export interface HotPathOptions extends Omit<HotSurroundings, "closed"> {
  /** Who answers; undefined where nobody does, so that everything goes to the SDK. */
  readonly answerer: () => Answerer | undefined;
  /** Whether anything is answered here at all. */
  readonly isUsed: boolean;
}

/** An admitted request, whose body is known. */
export interface Admitted {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly recognised: Recognised;
  readonly caller: Caller | undefined;
  readonly requestId: string;
  /** Gives the room back that the request takes. */
  readonly release: () => void;
}

/** Answers the common requests in front of the SDK, which builds a server for each request it gets. */
export interface HotPath {
  /** Knows a request in every field, or does not. @param argumentsText the JSON of `params.arguments` as it came, where that is at hand. */
  recognise(
    request: IncomingMessage,
    body: unknown,
    argumentsText?: string,
  ): Recognised | undefined;
  /** Takes a request that is known in every field. @returns false where it is better left to the SDK: nothing has happened then. */
  take(admitted: Admitted): boolean;
  /** Cuts the calls that are still open. */
  close(): void;
}

/** Tells the client, unless a part of an answer has gone out. */
function fail({ response, recognised, requestId, release }: Admitted): void {
  release();
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(500, { "X-Request-Id": requestId, "Content-Type": "application/json" });
  response.end(JSON.stringify(internalError(recognised)));
}

export function createHotPath(options: HotPathOptions): HotPath {
  const open = new Set<ServingCall>();
  const surroundings: HotSurroundings = { ...options, closed: (call) => open.delete(call) };
  return {
    recognise: ({ headers }, body, argumentsText) =>
      options.isUsed ? recognise(headers, body, argumentsText) : undefined,
    take: (admitted) => {
      const { recognised, caller } = admitted;
      let plan: Plan | undefined;
      try {
        plan = options.answerer()?.plan(recognised, caller);
      } catch {
        // The SDK's way meets the same failure, and knows how to say so.
        return false;
      }
      if (plan === undefined) return false;
      const failed = (error: unknown): void => {
        options.log.error({ err: error }, "a call could not be served");
        fail(admitted);
      };
      try {
        const call = new ServingCall({ ...admitted, plan }, surroundings);
        open.add(call);
        call.serve().catch(failed);
      } catch (error) {
        failed(error);
      }
      return true;
    },
    close: () => {
      for (const call of open) call.cut();
    },
  };
}
