import type { UpstreamAuth } from "../../upstream-configuration.ts";
import type { CompleteSurroundings } from "../surroundings.ts";
import type { Credentials } from "./credentials.ts";
import { Secret } from "./secret.ts";
import { TokenCache } from "./token-cache.ts";
import { TokenEndpoint } from "./token-endpoint.ts";

const PREFIX = "Bearer ";

/** The gateway's own token, by the client credentials grant (RFC 6749, 4.4; `resource`: RFC 8707). */
export function clientCredentials(
  auth: Extract<UpstreamAuth, { mode: "client-credentials" }>,
  surroundings: CompleteSurroundings,
): Credentials {
  const secret = new Secret(auth.clientSecret, surroundings);
  const endpoint = new TokenEndpoint({ ...auth, secret }, surroundings);
  const cache = new TokenCache(surroundings.clock, 1);
  const fetch = (): ReturnType<TokenEndpoint["token"]> =>
    endpoint.token({
      grant_type: "client_credentials",
      scope: auth.scope,
      resource: auth.resource,
    });
  return {
    perCaller: false,
    identity: () => "",
    headers: () => {
      const token = cache.get("", fetch);
      return typeof token === "string"
        ? { authorization: PREFIX + token }
        : token.then((value) => ({ authorization: PREFIX + value }));
    },
    refused: (given) => cache.refused("", (given.authorization ?? "").slice(PREFIX.length)),
    close: () => endpoint.close(),
  };
}
