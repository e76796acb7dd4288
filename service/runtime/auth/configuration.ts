import { z } from "zod";
import { ConfigurationError } from "../configuration-error.ts";
import { list, readVariables, wholeNumber, type Environment } from "../environment.ts";
import { isScope } from "./scopes.ts";
import { isToken, MAX_TOKEN_BYTES } from "./credentials.ts";

/** How callers prove who they are. */
export type AuthConfiguration =
  | { readonly mode: "none" }
  | { readonly mode: "static-token"; readonly tokens: readonly string[] }
  | OidcConfiguration;

/** Callers bring access tokens of an OpenID Connect or OAuth 2.0 authorization server. */
export interface OidcConfiguration {
  readonly mode: "oidc";
  /** What `iss` must be, to the letter. */
  readonly issuer: string;
  /** Where the issuer's keys are. Default: what its discovery document says. */
  readonly jwksUri?: string;
  /** One of these must be in `aud`; a slash at the end does not count. Default: the public address. */
  readonly audiences: readonly string[];
  /** The clients whose tokens are accepted, those without `aud` included. Default: every client, but no token without `aud`. */
  readonly clientIds: readonly string[];
  /** Scopes that name this server as `aud` would: a token without `aud` that carries one of them is accepted. Default: none. */
  readonly bindingScopes?: readonly string[];
  /** The scopes that every caller needs, as they stand in tokens. Default: none. */
  readonly requiredScopes: readonly string[];
  /** What stands before a tool's scopes in tokens. Default: nothing. */
  readonly scopePrefix: string;
  /** By how much clocks may differ, in seconds, 0–300. Default 30. */
  readonly clockSkewSeconds: number;
  /**
   * Which authorization server the metadata names: the issuer, or this server, which then serves the issuer's discovery document with what
   * MCP clients miss in it. Default: the issuer.
   */
  readonly authorizationServerMetadata: "issuer" | "self";
}

/** Shorter tokens can be guessed: 16 characters of a generated token carry about 95 bits. */
const SHORTEST_TOKEN = 16;

const address = z.string().refine(isSafeAddress, {
  error: "is not an https address without fragment (http is for loopback hosts only)",
});

export const scopes = list.refine((names) => names.every(isScope), {
  error: "holds something that is no scope: separate scopes by commas",
});

export const scopePrefix = z.string().refine((prefix) => prefix === "" || isScope(prefix), {
  error: "holds characters that no scope may hold",
});

const schema = z.object({
  AUTH_MODE: z
    .enum(["static-token", "oidc", "none"], "is neither `static-token`, `oidc` nor `none`")
    .default("static-token"),
  AUTH_STATIC_TOKENS: list,
  AUTH_ISSUER: address
    .refine((issuer) => !issuer.includes("?"), { error: "has a query, which no issuer may have" })
    .optional(),
  AUTH_JWKS_URI: address.optional(),
  AUTH_AUDIENCES: list,
  AUTH_CLIENT_IDS: list,
  AUTH_REQUIRED_SCOPES: scopes,
  AUTH_SCOPE_PREFIX: scopePrefix.default(""),
  AUTH_CLOCK_SKEW_SECONDS: wholeNumber(0, 300, 30),
  AUTH_AUTHORIZATION_SERVER_METADATA: z
    .enum(["issuer", "self"], "is neither `issuer` nor `self`")
    .default("issuer"),
});

type Variables = z.output<typeof schema>;

const SECRETS: ReadonlySet<string> = new Set(["AUTH_STATIC_TOKENS"]);

/** The variables that mean something in one mode alone. */
const OIDC_VARIABLES = Object.keys(schema.shape).filter(
  (name) => name !== "AUTH_MODE" && name !== "AUTH_STATIC_TOKENS",
);

/**
 * Reads the `AUTH_…` variables of the container contract.
 *
 * @param publicUrl the address that clients use: the default audience.
 * @throws {ConfigurationError} that names every variable that is wrong, its value and the way out.
 */
export function readAuth(environment: Environment, publicUrl: URL): AuthConfiguration {
  const variables = readVariables(schema, environment, SECRETS);
  const mode = variables.AUTH_MODE;
  if (mode === "oidc") return readOidc(variables, publicUrl);
  const idle = OIDC_VARIABLES.find((name) => environment[name] !== undefined);
  if (idle !== undefined) {
    throw new ConfigurationError(
      `\`${idle}\` is set while \`AUTH_MODE\` is \`${mode}\`: it would change nothing. Set \`AUTH_MODE\` to \`oidc\`, or unset \`${idle}\`.`,
    );
  }
  const tokens = variables.AUTH_STATIC_TOKENS;
  if (mode === "none") {
    refuseTokens(mode, tokens);
    return { mode };
  }
  checkTokens(tokens);
  return { mode, tokens };
}

function readOidc(variables: Variables, publicUrl: URL): OidcConfiguration {
  refuseTokens("oidc", variables.AUTH_STATIC_TOKENS);
  const { AUTH_ISSUER: issuer, AUTH_JWKS_URI: jwksUri, AUTH_AUDIENCES: audiences } = variables;
  if (issuer === undefined) {
    throw new ConfigurationError(
      "`AUTH_ISSUER` is not set while `AUTH_MODE` is `oidc`. Give it the `iss` of the tokens that callers send," +
        " such as `https://cognito-idp.eu-central-1.amazonaws.com/<pool>`.",
    );
  }
  return {
    mode: "oidc",
    issuer,
    ...(jwksUri === undefined ? {} : { jwksUri }),
    audiences: audiences.length === 0 ? [publicUrl.href] : audiences,
    clientIds: variables.AUTH_CLIENT_IDS,
    requiredScopes: variables.AUTH_REQUIRED_SCOPES,
    scopePrefix: variables.AUTH_SCOPE_PREFIX,
    clockSkewSeconds: variables.AUTH_CLOCK_SKEW_SECONDS,
    authorizationServerMetadata: variables.AUTH_AUTHORIZATION_SERVER_METADATA,
  };
}

function refuseTokens(mode: "none" | "oidc", tokens: readonly string[]): void {
  if (tokens.length === 0) return;
  throw new ConfigurationError(
    `\`AUTH_STATIC_TOKENS\` is set while \`AUTH_MODE\` is \`${mode}\`: nobody would be asked for the token. Unset one of them.`,
  );
}

function checkTokens(tokens: readonly string[]): void {
  if (tokens.length === 0) {
    throw new ConfigurationError(
      "`AUTH_STATIC_TOKENS` is not set while `AUTH_MODE` is `static-token`. Give it the token that callers send" +
        " (several, separated by commas, while one is being replaced), or set `AUTH_MODE` to `none` to serve everybody.",
    );
  }
  if (tokens.some((token) => token.length < SHORTEST_TOKEN)) {
    throw new ConfigurationError(
      `A token in \`AUTH_STATIC_TOKENS\` has fewer than ${SHORTEST_TOKEN} characters and could be guessed. Use a longer one.`,
    );
  }
  if (tokens.some((token) => Buffer.byteLength(token) > MAX_TOKEN_BYTES)) {
    throw new ConfigurationError(
      `A token in \`AUTH_STATIC_TOKENS\` is longer than ${MAX_TOKEN_BYTES} bytes, which no request may carry. Use a shorter one.`,
    );
  }
  if (!tokens.every(isToken)) {
    throw new ConfigurationError(
      "A token in `AUTH_STATIC_TOKENS` holds characters that no request may carry (RFC 6750, 2.1). Use one of letters, digits and" +
        " `-._~+/` alone; `=` may stand at its end.",
    );
  }
}

/** Whether what an address gives can be trusted: keys that came over a network as plain HTTP could be anybody's. */
export function isSafeAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.hash !== "" || url.username !== "" || url.password !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/u.test(hostname);
}
