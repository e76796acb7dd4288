import assert from "node:assert/strict";
import { AUDIENCE, usualClaims, type Issuer } from "./issuer.ts";
import { createKey, signingInput, signToken, signWithPublicKey } from "./signing.ts";

export const METADATA = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";

function invalid(description: string): string {
  return `Bearer error="invalid_token", error_description="${description}", scope="mcp", resource_metadata="${METADATA}"`;
}

export const now = () => Math.floor(Date.now() / 1000);

/** A token that must not pass. */
export interface Case {
  readonly given: string;
  readonly token: (issuer: Issuer) => string;
  readonly challenge: string;
  /** What the server has beside the issuer and the required scope. */
  readonly environment?: Record<string, string>;
}

const EXPIRED = invalid("The token has expired.");
const EARLY = invalid("The token is not valid yet.");
const MALFORMED = invalid("The bearer token is malformed.");
const ALGORITHM = invalid("The token is signed by an algorithm that is not accepted.");
const SIGNATURE = invalid("The signature of the token is not valid.");
const TYPE = invalid("The token is not an access token.");
const AUDIENCE_REFUSED = invalid("The token was issued for another server.");
const CLIENT = invalid("The token was issued to a client that is not admitted.");
export const CLIENT_IDS = { AUTH_CLIENT_IDS: "client-1,client-2" };

/** What is wrong with a token, and what the answer says. */
export const REFUSED: readonly Case[] = [
  {
    given: "forged: another's key under the published id",
    token: ({ url }) => signToken(createKey("first"), usualClaims(url)),
    challenge: SIGNATURE,
  },
  {
    given: "changed after it was signed",
    token: (issuer) => {
      const [header, , signature] = issuer.token().split(".");
      const [, claims] = signingInput({}, { ...usualClaims(issuer.url), sub: "admin" }).split(".");
      return [header, claims, signature].join(".");
    },
    challenge: SIGNATURE,
  },
  {
    given: "signed with a key that is not published",
    token: ({ url }) => signToken(createKey("unknown"), usualClaims(url)),
    challenge: invalid("The token is signed with a key that its issuer does not publish."),
  },
  {
    given: "without the id of its key",
    token: (issuer) => issuer.token({}, { kid: undefined }),
    challenge: invalid("The token does not name the key that it is signed with."),
  },
  {
    given: "`alg: none` without a signature",
    token: ({ url }) => `${signingInput({ alg: "none", kid: "first" }, usualClaims(url))}.`,
    challenge: MALFORMED,
  },
  {
    given: "`alg: none` with a signature",
    token: (issuer) => issuer.token({}, { alg: "none" }),
    challenge: ALGORITHM,
  },
  {
    given: "signed by HS256 with the public key",
    token: (issuer) => {
      const [key] = issuer.keys;
      assert.ok(key);
      return signWithPublicKey(key, usualClaims(issuer.url));
    },
    challenge: ALGORITHM,
  },
  {
    given: "by an algorithm of another kind than its key",
    token: (issuer) => issuer.token({}, { alg: "RS256" }),
    challenge: SIGNATURE,
  },
  {
    given: "with a critical extension",
    token: (issuer) => issuer.token({}, { crit: ["b64"], b64: false }),
    challenge: invalid("The token asks for extensions that are not supported."),
  },
  {
    given: "expired beyond the clock skew",
    token: (issuer) => issuer.token({ exp: now() - 31 }),
    challenge: EXPIRED,
  },
  {
    given: "expired without any clock skew",
    token: (issuer) => issuer.token({ exp: now() - 1 }),
    challenge: EXPIRED,
    environment: { AUTH_CLOCK_SKEW_SECONDS: "0" },
  },
  {
    given: "without an expiry",
    token: (issuer) => issuer.token({ exp: undefined }),
    challenge: invalid("The token has no expiry."),
  },
  {
    given: "with an expiry that is no number",
    token: (issuer) => issuer.token({ exp: "never" }),
    challenge: MALFORMED,
  },
  {
    given: "not valid yet",
    token: (issuer) => issuer.token({ nbf: now() + 90 }),
    challenge: EARLY,
  },
  {
    given: "not valid before the end of time",
    token: (issuer) => issuer.token({ nbf: 1e300, exp: 1e301 }),
    challenge: EARLY,
  },
  {
    given: "of another issuer",
    token: (issuer) => issuer.token({ iss: `${issuer.url}x` }),
    challenge: invalid("The token was issued by another authorization server."),
  },
  {
    given: "of the issuer with a slash more",
    token: (issuer) => issuer.token({ iss: `${issuer.url}/` }),
    challenge: invalid("The token was issued by another authorization server."),
  },
  {
    given: "without an issuer",
    token: (issuer) => issuer.token({ iss: undefined }),
    challenge: invalid("The token was issued by another authorization server."),
  },
  {
    given: "for another server",
    token: (issuer) => issuer.token({ aud: "https://other.example.com/mcp" }),
    challenge: AUDIENCE_REFUSED,
  },
  {
    given: "for a path below ours",
    token: (issuer) => issuer.token({ aud: `${AUDIENCE}/admin` }),
    challenge: AUDIENCE_REFUSED,
  },
  {
    given: "for several other servers",
    token: (issuer) => issuer.token({ aud: ["a", "b"] }),
    challenge: AUDIENCE_REFUSED,
  },
  {
    given: "for nobody, by an empty list",
    token: (issuer) => issuer.token({ aud: [] }),
    challenge: AUDIENCE_REFUSED,
    environment: CLIENT_IDS,
  },
  {
    given: "without audience, and no client ids are configured",
    token: (issuer) => issuer.token({ aud: undefined, client_id: "client-1" }),
    challenge: invalid("The token does not name the server that it was issued for."),
  },
  {
    given: "without audience, of another client",
    token: (issuer) => issuer.token({ aud: undefined, client_id: "client-3" }),
    challenge: CLIENT,
    environment: CLIENT_IDS,
  },
  {
    given: "for us, of another client",
    token: (issuer) => issuer.token({ azp: "client-3" }),
    challenge: CLIENT,
    environment: CLIENT_IDS,
  },
  {
    given: "for us, of an unnamed client",
    token: (issuer) => issuer.token(),
    challenge: CLIENT,
    environment: CLIENT_IDS,
  },
  {
    given: "an id token of Cognito",
    token: (issuer) => issuer.token({ token_use: "id" }),
    challenge: TYPE,
  },
  {
    given: "a logout token",
    token: (issuer) => issuer.token({}, { typ: "logout+jwt" }),
    challenge: TYPE,
  },
  {
    given: "of nobody",
    token: (issuer) => issuer.token({ sub: undefined }),
    challenge: invalid("The token names neither a subject nor a client."),
  },
  {
    given: "of more than 8 KiB, although good",
    token: (issuer) => issuer.token({ padding: "x".repeat(8192) }),
    challenge: invalid("The bearer token is longer than 8192 bytes."),
  },
  {
    given: "truncated in its signature",
    token: (issuer) => issuer.token().slice(0, -10),
    challenge: SIGNATURE,
  },
  {
    given: "truncated in its claims",
    token: (issuer) => `${issuer.token().split(".", 2).join(".").slice(0, -10)}.x`,
    challenge: MALFORMED,
  },
  {
    given: "without its signature",
    token: (issuer) => issuer.token().split(".", 2).join("."),
    challenge: MALFORMED,
  },
  { given: "garbage", token: () => "not-a-token", challenge: MALFORMED },
  { given: "garbage of three parts", token: () => "a.b.c", challenge: MALFORMED },
  { given: "no token by its characters", token: () => '{"a":1}', challenge: MALFORMED },
  {
    given: "of claims as deep as they can be",
    token: () =>
      signingInput({ alg: "ES256", kid: "first" }, []).replace(
        /\..*$/u,
        `.${Buffer.from("[".repeat(5500)).toString("base64url")}.x`,
      ),
    challenge: MALFORMED,
  },
];
