import type { Caller } from "../caller.ts";
import type { Refusal } from "./refusal.ts";

/** What became of a token. */
export type Verdict =
  | {
      readonly outcome: "accepted";
      readonly caller: Caller;
      /** In seconds since 1970; undefined for a token that does not expire. */
      readonly expiresAt: number | undefined;
    }
  | { readonly outcome: "refused"; readonly refusal: Refusal }
  /** Nobody can tell: what it takes is out of reach. */
  | { readonly outcome: "unavailable" };

/** Tells good tokens from others. What it can tell at once comes at once, not as a promise. */
export type VerifyToken = (token: string) => Verdict | Promise<Verdict>;

export function refused(refusal: Refusal): Verdict {
  return { outcome: "refused", refusal };
}
