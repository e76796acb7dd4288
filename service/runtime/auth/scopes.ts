import type { ScopeChallengeHandler } from "@modelcontextprotocol/server";
import type { Caller } from "../caller.ts";
import { callerOf } from "./auth-info.ts";

/** How the scopes of this server stand in tokens. */
export interface ScopeNames {
  /** What stands before the scopes that tools declare, such as Cognito's resource server identifier and `/`. */
  readonly prefix: string;
  /** The scopes that every caller needs, as they stand in tokens. */
  readonly required: readonly string[];
}

/** Whether a text is one scope: RFC 6749, 3.3, `scope-token`. */
export function isScope(text: string): boolean {
  return /^[\x21\x23-\x5B\x5D-\x7E]+$/u.test(text);
}

/** Every scope that an operation takes, as tokens and challenges name them, each once. */
export function operationScopes(
  needed: readonly string[],
  { prefix, required }: ScopeNames,
): readonly string[] {
  return [...new Set([...required, ...needed.map((scope) => prefix + scope)])];
}

/** Whether a caller has scopes, as tokens name them. */
export function hasScopes(caller: Caller | undefined, scopes: readonly string[]): boolean {
  // Nobody is asked who they are, or their credential is not limited by scopes.
  if (caller === undefined || caller.scopes === "all") return true;
  const { scopes: granted } = caller;
  return scopes.every((scope) => granted.includes(scope));
}

/**
 * Asks callers whose token is too weak for a tool, prompt or resource to step up (RFC 6750, 3.1). The challenge names every scope of the
 * operation, not only those that are missing: a client asks its authorization server for exactly what it is told.
 *
 * @param needed the scopes that the author declared, without the prefix.
 */
export function scopeChallenge(
  needed: readonly string[],
  names: ScopeNames,
): ScopeChallengeHandler {
  const [first, ...rest] = operationScopes(needed, names);
  return ({ authInfo }) => {
    if (first === undefined || hasScopes(callerOf(authInfo), [first, ...rest])) return undefined;
    return {
      scopes: [first, ...rest],
      errorDescription: "The token does not carry every scope that this operation needs.",
    };
  };
}
