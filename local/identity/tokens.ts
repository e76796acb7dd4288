import { createHash, randomUUID } from "node:crypto";
import type { SigningKeys } from "./signing-keys.ts";
import type { UserPoolClient } from "./user-pool.ts";

/** The one person of every pool on this machine. */
export const USERNAME = "developer";

/** What a person has allowed a client. */
export interface Grant {
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** What the access tokens are bound to (`aud`). */
  readonly resource: string | undefined;
  /** Comes back in the first ID token. */
  readonly nonce: string | undefined;
  /** When the person signed in, in seconds since 1970. */
  readonly signedInAt: number;
  /** What ties all tokens of one sign-in together. */
  readonly originId: string;
}

/** What signs tokens. */
export interface TokenIssuer {
  /** The `iss` of the tokens. */
  readonly issuer: string;
  readonly keys: SigningKeys;
}

/** An access token for the client itself. Cognito never gives these an audience. */
export function machineToken(
  { issuer, keys }: TokenIssuer,
  client: UserPoolClient,
  scopes: readonly string[],
  now: number,
): string {
  return keys.sign("access", {
    sub: client.id,
    token_use: "access",
    scope: scopes.join(" "),
    auth_time: now,
    iss: issuer,
    exp: now + client.accessTokenSeconds,
    iat: now,
    version: 2,
    jti: randomUUID(),
    client_id: client.id,
  });
}

/** An access token for a client that acts for a person. */
export function userAccessToken(
  { issuer, keys }: TokenIssuer,
  client: UserPoolClient,
  grant: Grant,
  now: number,
): string {
  return keys.sign("access", {
    sub: subjectOf(issuer),
    iss: issuer,
    version: 2,
    client_id: client.id,
    ...(grant.resource === undefined ? {} : { aud: grant.resource }),
    origin_jti: grant.originId,
    event_id: randomUUID(),
    token_use: "access",
    scope: grant.scopes.join(" "),
    auth_time: grant.signedInAt,
    exp: now + client.accessTokenSeconds,
    iat: now,
    jti: randomUUID(),
    username: USERNAME,
  });
}

/** A token that says who the person is; for the client, never for a resource server. */
export function idToken(
  { issuer, keys }: TokenIssuer,
  client: UserPoolClient,
  grant: Grant,
  now: number,
): string {
  return keys.sign("id", {
    sub: subjectOf(issuer),
    iss: issuer,
    "cognito:username": USERNAME,
    ...(grant.nonce === undefined ? {} : { nonce: grant.nonce }),
    origin_jti: grant.originId,
    aud: client.id,
    event_id: randomUUID(),
    token_use: "id",
    auth_time: grant.signedInAt,
    exp: now + client.idTokenSeconds,
    iat: now,
    jti: randomUUID(),
  });
}

/** A UUID, as Cognito's subjects are; the same in every run, so that what servers keep by caller is found again. */
export function subjectOf(issuer: string): string {
  const pool = issuer.split("/").at(-1) ?? "";
  const digest = createHash("sha256").update(`${pool}/${USERNAME}`).digest("hex");
  return digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/u, "$1-$2-4$3-8$4-$5");
}
