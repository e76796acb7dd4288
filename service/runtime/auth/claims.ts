import { supportedSignatureAlgorithms } from "aws-jwt-verify/jwt-verifier";
import type { JwtHeader, JwtPayload } from "aws-jwt-verify/jwt-model";
import type { Caller } from "../caller.ts";
import type { OidcConfiguration } from "./configuration.ts";
import type { Refusal } from "./refusal.ts";

/** Which tokens are for this server. */
export type ClaimRules = Pick<
  OidcConfiguration,
  "issuer" | "audiences" | "clientIds" | "bindingScopes" | "clockSkewSeconds"
>;

/** What a token says of itself, if its signature holds. */
export interface Claims {
  /** The id of the key that it says it is signed with. */
  readonly kid: string;
  readonly caller: Caller;
  /** In seconds since 1970, without the clock skew. */
  readonly expiresAt: number;
}

/** What `typ` may be: nothing, the general type, or that of access tokens (RFC 9068, 2.1); others are proofs, events and logouts. */
const TYPES: ReadonlySet<string> = new Set(["jwt", "at+jwt", "application/at+jwt"]);

/**
 * Applies every rule that takes no key. It comes before the signature is checked, so that no token that would be refused in any case makes
 * us ask the issuer for keys.
 *
 * @param now in seconds since 1970.
 */
export function readClaims(
  header: JwtHeader,
  payload: JwtPayload,
  rules: ClaimRules,
  now: number,
): Claims | Refusal {
  if (header["crit"] !== undefined) return "critical";
  if (!supportedSignatureAlgorithms.some((algorithm) => algorithm === header.alg)) {
    return "algorithm";
  }
  const { kid } = header;
  if (kid === undefined) return "keyless";
  if (!isAccessToken(header, payload)) return "type";
  if (payload.iss !== rules.issuer) return "issuer";
  const { exp, nbf } = payload;
  if (exp === undefined) return "unlimited";
  if (exp + rules.clockSkewSeconds < now) return "expired";
  if (nbf !== undefined && nbf - rules.clockSkewSeconds > now) return "early";
  const clientId = text(payload["client_id"]) ?? text(payload["azp"]);
  const scopes = readScopes(payload);
  const unfit = checkAudience(payload.aud, scopes, rules) ?? checkClient(clientId, rules);
  if (unfit !== undefined) return unfit;
  const subject = text(payload.sub);
  const id = callerId(rules.issuer, subject, clientId);
  if (id === undefined) return "anonymous";
  return {
    kid,
    expiresAt: exp,
    caller: {
      id,
      ...(subject === undefined ? {} : { subject }),
      ...(clientId === undefined ? {} : { clientId }),
      scopes,
      claims: payload,
    },
  };
}

/** Two forms, told apart by what follows the issuer: a client may have the name of a user. */
function callerId(
  issuer: string,
  subject: string | undefined,
  clientId: string | undefined,
): string | undefined {
  if (subject !== undefined) return `${issuer}|${subject}`;
  return clientId === undefined ? undefined : `${issuer}#${clientId}`;
}

function isAccessToken(header: JwtHeader, payload: JwtPayload): boolean {
  const type = header["typ"] ?? "JWT";
  const use = payload["token_use"] ?? "access";
  // Cognito's id tokens differ from its access tokens in `token_use` alone.
  return typeof type === "string" && TYPES.has(type.toLowerCase()) && use === "access";
}

function checkAudience(
  audience: JwtPayload["aud"],
  scopes: readonly string[],
  { audiences, bindingScopes = [], clientIds }: ClaimRules,
): Refusal | undefined {
  // Cognito's tokens for machines never name an audience; their client stands for it where the operator says which ones it may be, or a scope of this server's.
  if (audience === undefined) {
    const isBound = clientIds.length > 0 || scopes.some((scope) => bindingScopes.includes(scope));
    return isBound ? undefined : "unbound";
  }
  const own = new Set(audiences.map(withoutSlash));
  const named = typeof audience === "string" ? [audience] : audience;
  return named.some((name) => own.has(withoutSlash(name))) ? undefined : "audience";
}

function checkClient(clientId: string | undefined, { clientIds }: ClaimRules): Refusal | undefined {
  if (clientIds.length === 0) return undefined;
  return clientId !== undefined && clientIds.includes(clientId) ? undefined : "client";
}

/** `scope` is the standard's (RFC 9068, 2.2.3); Okta and Entra ID write `scp`, as a list or a text. */
function readScopes(payload: JwtPayload): readonly string[] {
  const { scope, scp } = payload;
  return [...new Set([scope, scp].flat().flatMap((part) => text(part)?.split(" ") ?? []))].filter(
    (name) => name !== "",
  );
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function withoutSlash(address: string): string {
  return address.replace(/\/$/u, "");
}
