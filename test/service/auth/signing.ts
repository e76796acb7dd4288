import {
  createHmac,
  generateKeyPairSync,
  sign,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";

/** A key of an issuer. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: "RS256" | "ES256" | "EdDSA";
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** As the issuer publishes it. */
  readonly jwk: JsonWebKey & { readonly kid: string };
}

export function createKey(kid: string, algorithm: SigningKey["algorithm"] = "ES256"): SigningKey {
  const { privateKey, publicKey } = generate(algorithm);
  const jwk = { ...publicKey.export({ format: "jwk" }), kid, alg: algorithm, use: "sig" };
  return { kid, algorithm, privateKey, publicKey, jwk };
}

function generate(algorithm: SigningKey["algorithm"]): {
  privateKey: KeyObject;
  publicKey: KeyObject;
} {
  switch (algorithm) {
    case "RS256":
      return generateKeyPairSync("rsa", { modulusLength: 2048 });
    case "ES256":
      return generateKeyPairSync("ec", { namedCurve: "P-256" });
    case "EdDSA":
      return generateKeyPairSync("ed25519");
  }
}

/** A token of those claims, with a true signature. */
export function signToken(key: SigningKey, claims: object, header: object = {}): string {
  const input = signingInput(
    { alg: key.algorithm, kid: key.kid, typ: "at+jwt", ...header },
    claims,
  );
  const signature = sign(
    key.algorithm === "EdDSA" ? null : "sha256",
    Buffer.from(input),
    key.algorithm === "ES256" ? { key: key.privateKey, dsaEncoding: "ieee-p1363" } : key.privateKey,
  );
  return `${input}.${signature.toString("base64url")}`;
}

/** A token that is signed with the public key as if it were a shared secret: what a verifier that believes `alg` would accept. */
export function signWithPublicKey(key: SigningKey, claims: object): string {
  const input = signingInput({ alg: "HS256", kid: key.kid }, claims);
  const secret = key.publicKey.export({ type: "spki", format: "pem" });
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

/** Header and claims as a token holds them. */
export function signingInput(header: object, claims: object): string {
  return [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
}
