/**
 * The largest token, in bytes, that is looked at. Access tokens take one or two kilobytes; Node itself refuses headers of more than
 * 16 KiB in all.
 */
export const MAX_TOKEN_BYTES = 8192;

/** Whether a text may be a bearer token: RFC 6750, 2.1, `b64token`. */
export function isToken(text: string): boolean {
  return /^[\w.~+/-]+=*$/u.test(text);
}

const HEADER = "authorization";

/** What a request says of its caller. */
export type Credentials =
  | { readonly kind: "token"; readonly token: string }
  /** No bearer token: nothing, or another scheme. */
  | { readonly kind: "none" }
  /** The header came more than once: whoever is in front of this server may have looked at another one than we would. */
  | { readonly kind: "ambiguous" }
  | { readonly kind: "oversized" }
  /** The scheme is right, and what follows is no token (RFC 6750, 2.1, `b64token`). */
  | { readonly kind: "malformed" };

/**
 * Reads the credentials of a request. Tokens are taken from the header alone, never from the query.
 *
 * @param rawHeaders names and values in turn, as Node gives them: `headers` would hide all but the first of several.
 */
export function readCredentials(rawHeaders: readonly string[]): Credentials {
  let header: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length !== HEADER.length || name.toLowerCase() !== HEADER) continue;
    if (header !== undefined) return { kind: "ambiguous" };
    header = rawHeaders[index + 1];
  }
  // The scheme is case-insensitive (RFC 9110, 11.1).
  const bearer = /^bearer +(?=[^ ])/iu.exec(header ?? "");
  if (header === undefined || bearer === null) return { kind: "none" };
  const token = header.slice(bearer[0].length);
  if (token.length > MAX_TOKEN_BYTES) return { kind: "oversized" };
  return isToken(token) ? { kind: "token", token } : { kind: "malformed" };
}
