import type { CacheHint, ClientCapabilities } from "@modelcontextprotocol/server";
import type { Logger } from "pino";
import type { Outcome } from "./calls.ts";
import type { Caller } from "./caller.ts";
import type { Cancellation } from "./cancellation.ts";

export type { Cancellation } from "./cancellation.ts";

/** A JSON object as it came: its fields are for somebody else to understand. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The methods that a relay passes on; it answers everything else by itself, from {@link Offers}. */
export type RelayedMethod = "tools/call" | "prompts/get" | "resources/read" | "completion/complete";

/** What a relay offers one caller, as the lists of the protocol have it. */
export interface Offers {
  readonly tools: readonly JsonObject[];
  readonly resources: readonly JsonObject[];
  readonly resourceTemplates: readonly JsonObject[];
  readonly prompts: readonly JsonObject[];
  /** Whether arguments of prompts and resource templates can be completed. */
  readonly completions: boolean;
  /** What a model should know before it uses the server. */
  readonly instructions?: string;
  /** Whom clients are told that they talk to. Default: whom the definition names. */
  readonly server?: { readonly name: string; readonly title?: string; readonly version: string };
  /** For how long, and by whom, the lists may be kept. `ttlMs` may run down while the offers stay the same object: read it for every answer. */
  readonly cache: Required<CacheHint>;
}

/** A request to pass on. */
export interface RelayRequest {
  readonly method: RelayedMethod;
  /** As the client sent them, `_meta` included; `inputResponses` and `requestState` are part of them, and are not touched. */
  readonly params: JsonObject;
  /** The JSON of `params.arguments` as it came, where it is at hand: whoever passes the arguments on unchanged need not write it anew. */
  readonly argumentsText?: string;
  /** The `Mcp-Param-…` headers of the request, in lower case: they belong to the arguments. */
  readonly parameterHeaders: Readonly<Record<string, string>>;
}

/** What a relay knows of the call that a request belongs to. */
export interface RelayContext {
  readonly log: Logger;
  /** Aborts when the client goes away, the call is cancelled, or it takes longer than `CALL_TIMEOUT_SECONDS`. */
  readonly signal: AbortSignal;
  /** The same without the signal, which costs as much as the rest of a call and is only made where it is read. */
  readonly cancellation: Cancellation;
  readonly caller: Caller | undefined;
  /** The bearer token of the caller, for token exchange alone: it never goes to an upstream. */
  readonly callerToken: string | undefined;
  readonly era: "modern" | "legacy";
  readonly protocolVersion: string;
  /** Nothing for a client of the 2025 revisions: asking it something takes a connection that a stateless server has not. */
  readonly clientCapabilities: ClientCapabilities;
  /** Trace context for whoever is asked next: `traceparent`, `tracestate`, `baggage`, as many as there are. */
  readonly carrier: Readonly<Record<string, string>>;
  /** Passes `params` of a `notifications/progress` on, whatever its token; undefined where the client did not ask for progress. */
  readonly progress: ((params: JsonObject) => void) | undefined;
  /** Passes `params` of a `notifications/message` on; undefined where the client did not ask for them. */
  readonly message: ((params: JsonObject) => void) | undefined;
}

/** Why a relay has no result; the message is for the client. */
export class RelayError extends Error {
  override readonly name = "RelayError";
  /** The code of the JSON-RPC error. */
  readonly code: number;
  readonly data: unknown;
  /** How the call ended, for logs and metrics. */
  readonly outcome: Outcome;
  /** 503 where nothing has been run, so that the same request may be sent again; the answer then has `Retry-After`. Default: 200. */
  readonly status: 200 | 503;

  constructor(
    message: string,
    given: {
      readonly code: number;
      readonly data?: unknown;
      readonly outcome: Outcome;
      readonly status?: 200 | 503;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: given.cause });
    this.code = given.code;
    this.data = given.data;
    this.outcome = given.outcome;
    this.status = given.status ?? 200;
  }
}

/** Answers requests of the protocol by asking another server. */
export interface Relay {
  /**
   * Whether calls of tools and prompts that are not offered are passed on, too, since the relay knows better why they are not there: it may
   * not have been told yet what another replica has listed. Default: no, they are answered with -32602.
   */
  readonly passesUnknown?: boolean;
  /**
   * Called before `offers` where a list or the description of the server is asked for. It gives a promise only where something that belongs to this
   * caller alone has to be asked for first; that never rejects, and does not take longer than a few seconds.
   */
  prepare?(
    context: Pick<RelayContext, "caller" | "callerToken" | "carrier">,
  ): Promise<void> | undefined;
  /** What this caller may use now, in a fixed order: the same object as long as nothing has changed for those who may use the same. */
  offers(caller: Caller | undefined): Offers;
  /** The scopes that some of what it offers asks of callers, without the prefix (`AUTH_SCOPE_PREFIX`): clients read them in the metadata of the endpoint. Default: none. */
  scopes?(): readonly string[];
  /**
   * Passes a request on.
   *
   * @returns the result as the upstream gave it. Its `resultType` may be `input_required`.
   * @throws {RelayError} for everything that is no result; whatever else it throws is an internal error, whose message no client sees.
   */
  send(request: RelayRequest, context: RelayContext): Promise<JsonObject>;
  /** Called with all resources whose changes clients of this replica want to know, whenever these become others. */
  watchResources?(uris: ReadonlySet<string>): void;
}
