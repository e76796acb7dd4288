import { createPublicKey, hash, type KeyObject } from "node:crypto";
import { JwtParseError } from "aws-jwt-verify/error";
import type { Jwk, SignatureJwk } from "aws-jwt-verify/jwk";
import { decomposeUnverifiedJwt, type DecomposedJwt } from "aws-jwt-verify/jwt";
import { verifyJwtSync } from "aws-jwt-verify/jwt-verifier";
import { readClaims, type ClaimRules, type Claims } from "./claims.ts";
import { KeysUnavailableError, type KeySet } from "./key-set.ts";
import { VerifiedTokens } from "./verified-tokens.ts";
import { refused, type Verdict, type VerifyToken } from "./verdict.ts";

/** Accepts access tokens of the issuer whose keys these are. */
export function verifyOidcTokens(rules: ClaimRules, keys: KeySet): VerifyToken {
  const verified = new VerifiedTokens();
  const toPublicKey = publicKeys();

  async function verify(token: string, digest: string, claims: Claims): Promise<Verdict> {
    const key = await findKey(keys, claims.kid);
    if (key === "unavailable") return { outcome: "unavailable" };
    if (key === undefined) return refused("key");
    try {
      verifyJwtSync(
        token,
        key,
        // The audience has been looked at already: whether it must be there depends on the client.
        { issuer: rules.issuer, audience: null, graceSeconds: rules.clockSkewSeconds },
        toPublicKey,
      );
    } catch {
      // Whatever is wrong, a key of another kind than the algorithm's included: the signature does not hold.
      return refused("signature");
    }
    const verdict: Verdict = {
      outcome: "accepted",
      caller: claims.caller,
      expiresAt: claims.expiresAt,
    };
    const goodUntil = (claims.expiresAt + rules.clockSkewSeconds) * 1000;
    verified.add(digest, { verdict, kid: claims.kid, key, goodUntil });
    return verdict;
  }

  return (token) => {
    const digest = hash("sha256", token, "base64");
    const known = verified.get(digest);
    if (known !== undefined) {
      const isGood = Date.now() <= known.goodUntil && keys.current(known.kid) === known.key;
      if (isGood) return known.verdict;
      verified.delete(digest);
    }
    const decomposed = decompose(token);
    if (decomposed === undefined) return refused("malformed");
    const claims = readClaims(decomposed.header, decomposed.payload, rules, Date.now() / 1000);
    return typeof claims === "string" ? refused(claims) : verify(token, digest, claims);
  };
}

function decompose(token: string): DecomposedJwt | undefined {
  try {
    return decomposeUnverifiedJwt(token);
  } catch (error) {
    if (error instanceof JwtParseError) return undefined;
    throw error;
  }
}

async function findKey(keys: KeySet, kid: string): Promise<Jwk | undefined | "unavailable"> {
  try {
    return await keys.find(kid);
  } catch (error) {
    if (error instanceof KeysUnavailableError) return "unavailable";
    throw error;
  }
}

/** Making a key of its JSON costs more than checking a signature with it. A key that is replaced comes as another object. */
function publicKeys(): (jwk: SignatureJwk) => KeyObject {
  const known = new WeakMap<object, KeyObject>();
  return (jwk) => {
    const key = known.get(jwk) ?? createPublicKey({ key: jwk, format: "jwk" });
    known.set(jwk, key);
    return key;
  };
}
