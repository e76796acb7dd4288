import type { JSONRPCErrorResponse } from "@modelcontextprotocol/server";
import type { ActiveCall, Call, CallEnd, Outcome } from "../calls.ts";
import type { Caller } from "../caller.ts";
import type { Logger } from "../log.ts";
import type { JsonObject } from "../relay.ts";
import type { RpcError } from "./answer.ts";

/** One HTTP request on its way through the protocol, and what is known of the calls in it. */
export interface Exchange {
  readonly era: Call["era"];
  readonly caller: Caller | undefined;
  readonly requestId: string;
  readonly log: Logger;
  /** By JSON-RPC id: a batch of 2025-03-26 holds several. */
  readonly calls: Map<string | number, OpenCall>;
  /** The author's functions that have been started: those that are deaf to their signal go on after their call has ended. */
  readonly working: Set<Promise<unknown>>;
  /** Whether the client does not keep up with what it is told. */
  isCongested(): boolean;
  /** Whether a call has begun in it. */
  called: boolean;
  /** Settles with the first message that goes out: it is given where that says that nothing has been run. Only relays say so. */
  readonly refusal?: PromiseWithResolvers<JSONRPCErrorResponse | undefined>;
}

/** What a relay has to say to a call, in the place of what the SDK would. */
export type RelayedAnswer =
  | { readonly result: JsonObject }
  /** Refused: nothing has been run. */
  | { readonly error: RpcError; readonly isRefused: boolean };

/** A call that has not ended. */
export interface OpenCall {
  readonly call: Call;
  /** The call as its instruments see it. */
  readonly active: readonly ActiveCall[];
  readonly params: Readonly<Record<string, unknown>>;
  readonly log: Logger;
  /** What goes out in the place of what the SDK says. */
  answer?: RelayedAnswer;
  /** What the adapter knows better than the message that goes out: a tool's failure says only `isError`. */
  verdict?: { readonly outcome: Outcome; readonly error?: unknown };
  end(end: Omit<CallEnd, "durationMilliseconds">): void;
}
