import { verify, type KeyObject } from "node:crypto";
import { z } from "zod";
import type { TokenClaim, TokenValidation } from "../graph/rule-actions.ts";

/** Finds an issuer's public key; undefined where it has none with that id. */
export type FindKey = (endpoint: string, keyId: string) => Promise<KeyObject | undefined>;

/** RS256 alone. AWS does not say what it does without a key id, or with a critical header that it cannot know: both are refused here. */
const joseHeader = z.object({
  alg: z.literal("RS256"),
  kid: z.string(),
  crit: z.undefined().optional(),
});

const payload = z.looseObject({
  iss: z.string(),
  exp: z.number(),
  nbf: z.number().optional(),
  iat: z.number().optional(),
});

/**
 * Whether a request has a token that a load balancer lets through (ELB guide, "Verify JWTs").
 *
 * @param authorization the header as it came.
 * @param nowSeconds since 1970; AWS names no leeway, so there is none.
 * @throws {KeySetError} where the issuer's keys cannot be had.
 */
export async function hasValidToken(
  authorization: string | undefined,
  validation: TokenValidation,
  findKey: FindKey,
  nowSeconds: number,
): Promise<boolean> {
  const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/iu.exec(authorization ?? "")?.[1];
  const [encodedHeader = "", encodedPayload = "", signature = ""] = token?.split(".") ?? [];
  const header = joseHeader.safeParse(decoded(encodedHeader)).data;
  const claims = payload.safeParse(decoded(encodedPayload)).data;
  if (header === undefined || claims === undefined) return false;
  const key = await findKey(validation.jwksEndpoint, header.kid);
  if (key === undefined) return false;
  const signed = Buffer.from(`${encodedHeader}.${encodedPayload}`);
  return (
    verify("RSA-SHA256", signed, key, Buffer.from(signature, "base64url")) &&
    claims.iss === validation.issuer &&
    nowSeconds < claims.exp &&
    (claims.nbf ?? 0) <= nowSeconds &&
    (claims.iat ?? 0) <= nowSeconds &&
    validation.claims.every((claim) => holds(claim, claims[claim.name]))
  );
}

/** AWS does not say whether one of several values is enough; all of them are asked for here. */
function holds({ format, values }: TokenClaim, given: unknown): boolean {
  switch (format) {
    case "single-string":
      return typeof given === "string" && values.every((value) => value === given);
    case "string-array":
      return Array.isArray(given) && values.every((value) => given.includes(value));
    case "space-separated-values": {
      const parts = typeof given === "string" ? given.split(" ") : [];
      return values.every((value) => parts.includes(value));
    }
  }
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString()) as unknown;
  } catch {
    return undefined;
  }
}
