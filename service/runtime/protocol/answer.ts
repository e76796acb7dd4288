import { INTERNAL_ERROR } from "@modelcontextprotocol/server";
import type { Outcome } from "../calls.ts";
import type { JsonObject } from "../relay.ts";

/** The `error` of a JSON-RPC answer. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** What a call is answered with, complete but for what JSON-RPC puts around it. */
export type Answer =
  | {
      readonly kind: "result";
      readonly result: JsonObject;
      /** Its JSON in one line, where it is at hand. */
      readonly written?: string | Buffer | undefined;
      readonly outcome: Outcome;
    }
  /** A result that has been written down before. */
  | { readonly kind: "text"; readonly result: string }
  /** The same of one that is too large to be encoded for each call: a text, and bytes behind it. */
  | { readonly kind: "bytes"; readonly begin: string; readonly rest: Buffer }
  | {
      readonly kind: "error";
      readonly error: RpcError;
      /** 503 where nothing has been run. */
      readonly status: 200 | 503;
      readonly outcome: Outcome;
      /** What was thrown, for logs alone. */
      readonly cause?: unknown;
    };

/** What a client is told instead of a result that is no JSON. */
export const UNWRITABLE: RpcError = { code: INTERNAL_ERROR, message: "Internal server error" };
