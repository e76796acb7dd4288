import type { Era } from "./message.ts";

/** A client that gives up at once, and one that repeats what may be repeated. */
export const CLIENTS = ["plain", "retrying"] as const;
export type ClientKind = (typeof CLIENTS)[number];

/** One request of a call, as its client saw it. */
export interface Attempt {
  /** The call that it belongs to. */
  readonly call: number;
  readonly client: ClientKind;
  readonly era: Era;
  /** From 1. */
  readonly number: number;
  /** Whether the client will not try again. */
  readonly last: boolean;
  /** Whether the called tool may be run twice. */
  readonly repeatable: boolean;
  readonly traceId: string;
  /** Milliseconds since 1970, of a clock that is never set back. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** 0 where no answer came. */
  readonly status: number;
  readonly sent: boolean;
  readonly retryAfter: string | undefined;
  /** Why it failed, in the client's words; undefined where it did not. */
  readonly problem: string | undefined;
}
