import { MAX_TOKEN_BYTES } from "./credentials.ts";

/**
 * Why a token is refused, as `error_description` tells the client: ASCII without quotes and backslashes (RFC 6750, 3). They tell nothing
 * that the sender of the token does not know.
 */
export const REFUSALS = {
  unknown: "The bearer token is not valid for this server.",
  malformed: "The bearer token is malformed.",
  oversized: `The bearer token is longer than ${MAX_TOKEN_BYTES} bytes.`,
  algorithm: "The token is signed by an algorithm that is not accepted.",
  critical: "The token asks for extensions that are not supported.",
  keyless: "The token does not name the key that it is signed with.",
  type: "The token is not an access token.",
  issuer: "The token was issued by another authorization server.",
  unlimited: "The token has no expiry.",
  expired: "The token has expired.",
  early: "The token is not valid yet.",
  audience: "The token was issued for another server.",
  unbound: "The token does not name the server that it was issued for.",
  client: "The token was issued to a client that is not admitted.",
  anonymous: "The token names neither a subject nor a client.",
  key: "The token is signed with a key that its issuer does not publish.",
  signature: "The signature of the token is not valid.",
} as const;

export type Refusal = keyof typeof REFUSALS;
