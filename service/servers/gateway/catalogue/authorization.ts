import { createHash } from "node:crypto";
import type { Caller } from "../../../runtime/caller.ts";

/** What is another thing in each token that a caller gets with the same rights: times, ids (RFC 7519, 4.1), and Entra ID's own. */
const OF_ONE_TOKEN: ReadonlySet<string> = new Set([
  ...["exp", "iat", "nbf", "jti", "auth_time"],
  ...["aio", "rh", "uti"],
]);

const known = new WeakMap<Caller, string>();

/**
 * Tells apart whom private lists belong to. The specification says the authorization context (2026-07-28, `cacheScope`), which is more than the user:
 * with another client, other scopes or for another organisation, the same user may be listed something else.
 */
export function authorizationOf(caller: Caller): string {
  let authorization = known.get(caller);
  if (authorization === undefined) {
    const { id, clientId, scopes, claims } = caller;
    const lasting = Object.entries(claims).filter(([name]) => !OF_ONE_TOKEN.has(name));
    authorization = createHash("sha256")
      .update(JSON.stringify([id, clientId, scopes, lasting]))
      .digest("base64url");
    known.set(caller, authorization);
  }
  return authorization;
}
