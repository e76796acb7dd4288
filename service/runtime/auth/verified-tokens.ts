import type { Jwk } from "aws-jwt-verify/jwk";
import type { Verdict } from "./verdict.ts";

/** A token that was found good. */
export interface VerifiedToken {
  readonly verdict: Verdict;
  /** The key that it is signed with. */
  readonly kid: string;
  readonly key: Jwk;
  /** In milliseconds since 1970, with the clock skew. */
  readonly goodUntil: number;
}

/** About 10 MB of tokens of the usual size. */
const MOST_TOKENS = 10_000;

/** Tokens that were found good, by their digests: checking a signature again costs twenty times as much. The oldest make room. */
export class VerifiedTokens {
  readonly #tokens = new Map<string, VerifiedToken>();
  readonly #most: number;

  constructor(most = MOST_TOKENS) {
    this.#most = most;
  }

  get(digest: string): VerifiedToken | undefined {
    return this.#tokens.get(digest);
  }

  add(digest: string, token: VerifiedToken): void {
    // Added anew, it is the youngest.
    this.#tokens.delete(digest);
    this.#tokens.set(digest, token);
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size > this.#most && oldest !== undefined) this.#tokens.delete(oldest);
  }

  delete(digest: string): void {
    this.#tokens.delete(digest);
  }
}
