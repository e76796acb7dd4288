import type { Request as Incoming, Response as Outgoing } from "express";
import type { Caller } from "../caller.ts";
import type { Logger } from "../log.ts";
import { internalError } from "../protocol/incoming.ts";
import type { Telemetry } from "../telemetry/instruments.ts";
import type { Answerer, Plan } from "./answerer.ts";
import { serveHotCall } from "./hot-call.ts";
import { recognise } from "./recognise.ts";

/** What the hot path works with. */
export interface HotPathOptions {
  /** Who answers; undefined where nobody does, so that everything goes to the SDK. */
  readonly answerer: () => Answerer | undefined;
  readonly callTimeoutSeconds: number;
  /** After how long without a word a sign of life is due. */
  readonly quietMilliseconds: number;
  readonly log: Logger;
  readonly telemetry: Pick<Telemetry, "instruments" | "traceIdOf">;
}

/** An admitted request, whose body is known. */
export interface Admitted {
  readonly request: Incoming;
  readonly response: Outgoing;
  readonly body: unknown;
  readonly caller: Caller | undefined;
  readonly requestId: string;
  /** Gives the room back that the request takes. */
  readonly release: () => void;
}

/** Answers the common requests in front of the SDK, which builds a server for each request it gets. */
export interface HotPath {
  /** Takes a request that it knows in every field. @returns false where it does not: nothing has happened then. */
  take(admitted: Admitted): boolean;
  /** Cuts the calls that are still open. */
  close(): void;
}

export function createHotPath(options: HotPathOptions): HotPath {
  const open = new Set<Outgoing>();
  return {
    take: (admitted) => {
      const { request, response, body, caller } = admitted;
      const answerer = options.answerer();
      if (answerer === undefined) return false;
      const recognised = recognise(request.headers, body);
      if (recognised === undefined) return false;
      let plan: Plan | undefined;
      try {
        plan = answerer.plan(recognised, caller);
      } catch {
        // The SDK's way meets the same failure, and knows how to say so.
        return false;
      }
      if (plan === undefined) return false;
      open.add(response);
      response.once("close", () => open.delete(response));
      serveHotCall({ ...options, ...admitted, recognised, plan }).catch((error: unknown) => {
        options.log.error({ err: error }, "a call could not be served");
        admitted.release();
        if (response.headersSent) response.destroy();
        else response.status(500).json(internalError(body));
      });
      return true;
    },
    close: () => {
      for (const response of open) response.destroy();
    },
  };
}
