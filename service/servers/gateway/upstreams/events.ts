/**
 * How one attempt at an upstream ended.
 *
 * - `ok`: with a result or a JSON-RPC error;
 * - `refused`: the connection was not made, so nothing was sent;
 * - `busy`: 429 or 503 with `Retry-After`, so nothing has run;
 * - `broken`: the connection or the stream ended before the answer did, or a proxy gave 502, 503 or 504;
 * - `server_error`: another 5xx;
 * - `invalid_answer`: something that is no answer to the request;
 * - `credentials`: the gateway could not prove who it is;
 * - `timeout`, `cancelled`: nobody waited any longer.
 */
export type AttemptOutcome =
  | "ok"
  | "refused"
  | "busy"
  | "broken"
  | "server_error"
  | "invalid_answer"
  | "credentials"
  | "timeout"
  | "cancelled";

/** One attempt of one request. */
export interface AttemptEvent {
  readonly upstream: string;
  /** Host and port. */
  readonly address: string;
  /** The JSON-RPC method, or the HTTP method for an application without MCP. */
  readonly method: string;
  readonly outcome: AttemptOutcome;
  readonly durationMilliseconds: number;
  /** 1 for the first. */
  readonly attempt: number;
}

/** What happens at upstreams, for metrics and logs. Listeners must not throw. */
export interface UpstreamEvents {
  /** An attempt has ended. */
  attempt?(event: AttemptEvent): void;
  /** A breaker has changed. */
  breaker?(event: {
    readonly upstream: string;
    readonly from: BreakerState;
    readonly to: BreakerState;
  }): void;
  /** An address was taken out of use, or put back. */
  address?(event: {
    readonly upstream: string;
    readonly address: string;
    readonly healthy: boolean;
  }): void;
  /** A request was not tried again because too many others are. */
  retryBudgetSpent?(event: { readonly upstream: string; readonly method: string }): void;
}

/** `open`: calls fail at once; `half-open`: a probe is under way. */
export type BreakerState = "closed" | "open" | "half-open";
