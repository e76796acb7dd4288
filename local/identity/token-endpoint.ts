import { createHash } from "node:crypto";
import { authenticateClient } from "./client-authentication.ts";
import { OAuthError, parameter, required } from "./oauth-error.ts";
import { requestedScopes } from "./requested-scopes.ts";
import type { CodeGrant, RunningPool } from "./running-pool.ts";
import { idToken, machineToken, userAccessToken, type Grant } from "./tokens.ts";
import { OAuthFlow, type UserPoolClient } from "./user-pool.ts";

/** What the token endpoint answers with. */
export interface TokenResponse {
  readonly access_token: string;
  readonly id_token?: string;
  readonly refresh_token?: string;
  readonly token_type: "Bearer";
  /** In seconds. */
  readonly expires_in: number;
}

/**
 * Gives tokens (Cognito developer guide, "Token endpoint").
 *
 * @throws {OAuthError} where Cognito would give none.
 */
export function exchange(
  running: RunningPool,
  parameters: URLSearchParams,
  authorization: string | undefined,
): TokenResponse {
  const grantType = required(parameters, "grant_type");
  switch (grantType) {
    case "client_credentials":
    case "authorization_code":
    case "refresh_token": {
      const client = authenticateClient(running.pool, parameters, authorization);
      checkFlow(client, grantType);
      return GRANTS[grantType](running, client, parameters);
    }
    default:
      throw new OAuthError("unsupported_grant_type", "Cognito does not know that `grant_type`.");
  }
}

type GrantType = "client_credentials" | "authorization_code" | "refresh_token";

const GRANTS: Readonly<
  Record<
    GrantType,
    (running: RunningPool, client: UserPoolClient, parameters: URLSearchParams) => TokenResponse
  >
> = {
  client_credentials: grantToClient,
  authorization_code: redeemCode,
  refresh_token: refresh,
};

function checkFlow(client: UserPoolClient, grantType: GrantType): void {
  const flow = grantType === "client_credentials" ? OAuthFlow.ClientCredentials : OAuthFlow.Code;
  if (client.flows.includes(flow)) return;
  throw new OAuthError(
    "unauthorized_client",
    `The client \`${client.name}\` has no flow \`${flow}\`.`,
  );
}

/** `resource` binds tokens of people alone; Cognito does not read it here. */
function grantToClient(
  running: RunningPool,
  client: UserPoolClient,
  parameters: URLSearchParams,
): TokenResponse {
  const scopes = requestedScopes(client, parameter(parameters, "scope"));
  return {
    access_token: machineToken(running, client, scopes, running.now),
    expires_in: client.accessTokenSeconds,
    token_type: "Bearer",
  };
}

function redeemCode(
  running: RunningPool,
  client: UserPoolClient,
  parameters: URLSearchParams,
): TokenResponse {
  const code = required(parameters, "code");
  const redirectUri = required(parameters, "redirect_uri");
  const grant = running.codes.redeem(code);
  if (grant?.clientId !== client.id) {
    throw new OAuthError(
      "invalid_grant",
      "The code was never issued to that client, has been redeemed, or is older than five minutes.",
    );
  }
  if (grant.redirectUri !== redirectUri) {
    throw new OAuthError(
      "unauthorized_client",
      "The `redirect_uri` is not that of the authorization request.",
      "invalid_redirect",
    );
  }
  checkVerifier(grant, parameter(parameters, "code_verifier"));
  checkResource(running, grant);
  return {
    ...tokensFor(running, client, grant),
    // A nonce is that of one authorization request: it comes back once.
    refresh_token: running.refreshTokens.issue(
      { ...grant, nonce: undefined },
      running.in(client.refreshTokenSeconds),
    ),
  };
}

function checkVerifier({ codeChallenge }: CodeGrant, verifier: string | undefined): void {
  if (codeChallenge === undefined && verifier === undefined) return;
  const challenge =
    verifier === undefined ? undefined : createHash("sha256").update(verifier).digest("base64url");
  if (challenge !== undefined && challenge === codeChallenge) return;
  throw new OAuthError(
    "invalid_grant",
    "The `code_verifier` does not fit the `code_challenge` of the authorization request.",
  );
}

/**
 * The guide allows any URL, but users report `invalid_grant` unless a resource server has it as its identifier, to the letter
 * (github.com/PrefectHQ/fastmcp/pull/2149): what works here must work there.
 */
function checkResource({ pool }: RunningPool, { resource }: CodeGrant): void {
  if (resource === undefined) return;
  if (pool.resourceServers.some(({ identifier }) => identifier === resource)) return;
  // The resource servers of a pool that exists already are not all known.
  if (pool.name === undefined) return;
  throw new OAuthError(
    "invalid_grant",
    `No resource server of the pool has the identifier \`${resource}\`, which the authorization request named as its \`resource\`.`,
  );
}

function refresh(
  running: RunningPool,
  client: UserPoolClient,
  parameters: URLSearchParams,
): TokenResponse {
  const token = required(parameters, "refresh_token");
  const found = running.refreshTokens.find(token);
  if (found?.meaning.clientId !== client.id) {
    throw new OAuthError(
      "invalid_grant",
      "The refresh token was never issued to that client, has been replaced, or has expired.",
    );
  }
  const tokens = tokensFor(running, client, found.meaning);
  if (client.rotationGraceSeconds === undefined) return tokens;
  running.refreshTokens.shorten(token, running.in(client.rotationGraceSeconds));
  // For what is left of the first one's time: a session does not outlive it.
  return { ...tokens, refresh_token: running.refreshTokens.issue(found.meaning, found.expiresAt) };
}

function tokensFor(running: RunningPool, client: UserPoolClient, grant: Grant): TokenResponse {
  const { now } = running;
  return {
    access_token: userAccessToken(running, client, grant, now),
    ...(grant.scopes.includes("openid") ? { id_token: idToken(running, client, grant, now) } : {}),
    expires_in: client.accessTokenSeconds,
    token_type: "Bearer",
  };
}
