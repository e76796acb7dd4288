import { OAuthError } from "./oauth-error.ts";
import type { UserPoolClient } from "./user-pool.ts";

/** The claims that these stand for are in the ID token, which comes with `openid` alone. */
const OF_ID_TOKENS: readonly string[] = ["email", "phone", "profile"];

/**
 * The scopes that a request gets: those that it names, or all of the client. Cognito's guide says in one place that a scope of somebody else
 * is ignored, in another that the request fails; it fails here, so that nobody relies on the kinder reading.
 */
export function requestedScopes(
  client: UserPoolClient,
  text: string | undefined,
): readonly string[] {
  const scopes = [...new Set((text ?? "").split(" ").filter((scope) => scope !== ""))];
  if (scopes.length === 0) return client.scopes;
  const foreign = scopes.find((scope) => !client.scopes.includes(scope));
  if (foreign !== undefined) {
    throw new OAuthError(
      "invalid_scope",
      `The client \`${client.name}\` has no scope \`${foreign}\`. It has \`${client.scopes.join(" ")}\`.`,
    );
  }
  const lonely = scopes.find((scope) => OF_ID_TOKENS.includes(scope));
  if (lonely !== undefined && !scopes.includes("openid")) {
    throw new OAuthError(
      "invalid_scope",
      `The scope \`${lonely}\` comes with \`openid\` alone. Ask for both.`,
    );
  }
  return scopes;
}
