import type { Caller } from "./caller.ts";

/** One JSON-RPC request that reached a server. */
export interface Call {
  /** The JSON-RPC method, such as `tools/call`; `unknown` where the protocol has none of that name. */
  readonly method: string;
  /** The tool or prompt that is called, or the resource that is read, if the server has it: so there are only so many. */
  readonly target?: string;
  /** The protocol revision that the request speaks. */
  readonly protocolVersion: string;
  readonly era: "modern" | "legacy";
  /** Undefined where nobody has to prove who they are. */
  readonly caller: Caller | undefined;
  /** What `X-Request-Id` tells the client. */
  readonly requestId: string;
  /** The JSON-RPC id. */
  readonly id: string | number;
  /**
   * Trace context as it came: `traceparent`, `tracestate`, `baggage` from `_meta` or else from the headers, and the header
   * `x-amzn-trace-id`. As many of them as there were; checked by nobody yet.
   */
  readonly carrier: Readonly<Record<string, string>>;
  /** The trace that its span belongs to, as 32 hexadecimal digits: set by the instrument that opens one, before those behind it see the call. */
  traceId?: string;
}

/**
 * How a call ended.
 *
 * - `ok`: with a result;
 * - `input_required`: with questions for the client;
 * - `tool_error`: the tool said so, on purpose;
 * - `invalid_arguments`: the arguments do not satisfy the tool's schema;
 * - `timeout`: it took longer than `CALL_TIMEOUT_SECONDS`;
 * - `internal_error`: the server's fault;
 * - `protocol_error`: answered with a JSON-RPC error that is the client's;
 * - `cancelled`: the client left or cancelled.
 */
export type Outcome =
  | "ok"
  | "input_required"
  | "tool_error"
  | "invalid_arguments"
  | "timeout"
  | "internal_error"
  | "protocol_error"
  | "cancelled";

/** The end of a call. */
export interface CallEnd {
  readonly outcome: Outcome;
  /** The code of the JSON-RPC error, where it ended with one. */
  readonly errorCode?: number;
  /** What the server's own code threw, for logs alone. */
  readonly error?: unknown;
  readonly durationMilliseconds: number;
}

/** Something that watches calls: the access log, metrics, traces. It must not throw. */
export type Instrument = (call: Call) => ActiveCall;

/** A call as an instrument sees it. */
export interface ActiveCall {
  /** Runs the work of the call inside whatever the instrument makes current, such as a span. */
  run?<T>(work: () => T): T;
  /** Runs the function of the tool that is called, at most once and inside `run`; left out where the instrument does not look at it. */
  readonly runTool?: <T>(tool: () => Promise<T>) => Promise<T>;
  /** Trace context for whoever is asked next, so that what they do belongs to the call; left out where the instrument has none of its own. */
  carrier?(): Call["carrier"];
  /** Called once. */
  end(end: CallEnd): void;
}
