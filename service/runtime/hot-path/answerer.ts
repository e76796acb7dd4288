import type { IncomingHttpHeaders } from "node:http";
import type { Caller } from "../caller.ts";
import type { Cancellation } from "../cancellation.ts";
import type { JsonObject } from "../relay.ts";
import type { Answer } from "../protocol/answer.ts";
import type { Exchange, OpenCall } from "../protocol/exchange.ts";
import type { Recognised } from "./recognise.ts";

/** A call on the hot path, as whoever answers sees it. */
export interface HotCall {
  readonly open: OpenCall;
  readonly exchange: Exchange;
  readonly headers: IncomingHttpHeaders;
  /** That the client has gone. */
  readonly leaving: Cancellation;
  /** Sends a notification on the stream of the call, which makes the answer a stream; what the client does not keep up with is left out. */
  notify(method: string, params: JsonObject): void;
}

/** How one request will be answered. */
export interface Plan {
  /** Whether the tool, prompt or resource that is named is offered, so that instruments may know its name. */
  readonly isOffered: boolean;
  /** Must not throw, nor reject. */
  answer(call: HotCall): Answer | Promise<Answer>;
}

/** Who answers what the hot path has recognised. */
export interface Answerer {
  /** How it would answer a request; undefined where it leaves that to the SDK, as with everything that is to be refused. */
  plan(request: Recognised, caller: Caller | undefined): Plan | undefined;
}
