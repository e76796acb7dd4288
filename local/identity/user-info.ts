import type { RunningPool } from "./running-pool.ts";
import { USERNAME } from "./tokens.ts";

/** What the userInfo endpoint says of a token: the person, or why not. */
export type UserInfo =
  | { readonly kind: "person"; readonly claims: Readonly<Record<string, string>> }
  | { readonly kind: "refused"; readonly status: 400 | 401; readonly challenge: string };

/** Whose token it is (Cognito developer guide, "userInfo endpoint"). */
export function userInfo(running: RunningPool, authorization: string | undefined): UserInfo {
  const [, token] = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/iu.exec(authorization ?? "") ?? [];
  if (token === undefined) {
    return {
      kind: "refused",
      status: 400,
      challenge:
        'error="invalid_request", error_description="Bad OAuth2 request at UserInfo Endpoint"',
    };
  }
  const claims = running.keys.claimsOf(token);
  const isGood =
    claims?.["token_use"] === "access" &&
    Number(claims["exp"]) > running.now &&
    String(claims["scope"]).split(" ").includes("openid");
  if (!isGood) {
    return {
      kind: "refused",
      status: 401,
      challenge:
        'error="invalid_token", error_description="Access token is expired, disabled, or deleted, or the user has globally signed out."',
    };
  }
  return { kind: "person", claims: { sub: String(claims["sub"]), username: USERNAME } };
}
