import { createHash } from "node:crypto";
import type { UpstreamAuth } from "../../upstream-configuration.ts";
import { AttemptFailure } from "../failure.ts";
import type { CompleteSurroundings } from "../surroundings.ts";
import type { CredentialContext, Credentials } from "./credentials.ts";
import { Secret } from "./secret.ts";
import { TokenCache } from "./token-cache.ts";
import { TokenEndpoint } from "./token-endpoint.ts";

const PREFIX = "Bearer ";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
/** So many callers at a time; a token takes one to two kilobytes. */
const CAPACITY = 2000;

/** A token for the upstream in the caller's name, in exchange for the caller's (RFC 8693). The caller's own goes to the token endpoint alone. */
export function tokenExchange(
  auth: Extract<UpstreamAuth, { mode: "token-exchange" }>,
  surroundings: CompleteSurroundings,
): Credentials {
  const secret = new Secret(auth.clientSecret, surroundings);
  const endpoint = new TokenEndpoint({ ...auth, secret }, surroundings);
  const cache = new TokenCache(surroundings.clock, CAPACITY);

  function subject({ callerToken }: CredentialContext): string {
    if (callerToken !== undefined) return callerToken;
    throw new AttemptFailure("can only be asked for a caller with a token", {
      reason: "credentials",
      mayHaveRun: false,
    });
  }

  return {
    perCaller: true,
    identity: (context) => digest(subject(context)),
    headers: (_request, context) => {
      const subjectToken = subject(context);
      const token = cache.get(digest(subjectToken), () =>
        endpoint.token({
          grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
          subject_token: subjectToken,
          subject_token_type: ACCESS_TOKEN,
          requested_token_type: ACCESS_TOKEN,
          scope: auth.scope,
          audience: auth.audience,
          resource: auth.resource,
        }),
      );
      return typeof token === "string"
        ? { authorization: PREFIX + token }
        : token.then((value) => ({ authorization: PREFIX + value }));
    },
    refused: (given, context) =>
      cache.refused(digest(subject(context)), (given.authorization ?? "").slice(PREFIX.length)),
    close: () => endpoint.close(),
  };
}

/** Tokens of callers are not kept, not even as keys. */
function digest(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
