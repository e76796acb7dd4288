import type * as pulumi from "@pulumi/pulumi";
import { checkOidc } from "./oidc.ts";
import { checkScopes } from "./resource-server.ts";
import { checkSignIn, type SignIn } from "./sign-in-client.ts";
import { ArgumentError, check, oneOf, wholeNumberBetween } from "../validation.ts";

/** How callers of a service prove who they are. */
export const AuthMode = {
  /** By access tokens of the platform's Cognito user pool. */
  Cognito: "cognito",
  /** By access tokens of any other OpenID Connect or OAuth 2.0 authorization server. */
  Oidc: "oidc",
  /** By one token for all callers, generated into Secrets Manager. */
  StaticToken: "static-token",
  /** No proof at all: everybody who reaches the load balancer may call. */
  None: "none",
} as const;
export type AuthMode = (typeof AuthMode)[keyof typeof AuthMode];

/** Which authorization server a service names to its clients. */
export const AuthorizationServerMetadata = {
  /** The issuer. */
  Issuer: "issuer",
  /** The service itself, which then serves the issuer's discovery document with what MCP clients miss in it. */
  Self: "self",
} as const;
export type AuthorizationServerMetadata =
  (typeof AuthorizationServerMetadata)[keyof typeof AuthorizationServerMetadata];

/** How callers of a service prove who they are, and what their tokens must say. */
export interface Auth {
  /**
   * The kind of proof.
   * Default: `cognito`, since its tokens expire, tell callers apart, and can be had by machines and by people.
   */
  mode?: AuthMode;
  /**
   * Which generation of generated secrets is in use, from 1 on: of the key that seals state in every mode, and of the token or the client for
   * machines where there is one. A step to the next number makes new ones; those of the generation before are accepted until the step after.
   * Default: 1. From 2 on Cognito keeps two clients for machines, each about 6 USD a month.
   */
  generation?: number;
  /**
   * Scopes of the service beside `call`, which every caller has, by their names, each with a sentence about it; tools ask for them by these
   * names. With `cognito`.
   * Default: none.
   */
  scopes?: Record<string, pulumi.Input<string>>;
  /**
   * How long an access token is good, in minutes, 5 to 1440. With `cognito`, where a token for a machine costs about 0.00225 USD: clients that keep
   * theirs get one for each of these times.
   * Default: 60.
   */
  accessTokenMinutes?: pulumi.Input<number>;
  /**
   * A client by which people sign in, in the pool's own pages. With `cognito`. Up to 10000 people a month cost nothing, further ones 0.015 USD each.
   * Default: none; machines alone get tokens.
   */
  signIn?: SignIn;
  /** What tokens have as `iss`, to the letter. Required with `oidc`. */
  issuer?: pulumi.Input<string>;
  /**
   * Where the issuer's keys are. With `oidc`; required there for `edgeTokenValidation`.
   * Default: what the issuer's discovery document says.
   */
  jwksUri?: pulumi.Input<string>;
  /**
   * One of these must be in a token's `aud`. With `oidc`.
   * Default: the service's `url`.
   */
  audiences?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The clients whose tokens are accepted, then also those without `aud`. With `oidc`.
   * Default: every client of the issuer, but no token without `aud`.
   */
  clientIds?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The scopes that every caller needs, as they stand in tokens. With `oidc`.
   * Default: none.
   */
  requiredScopes?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * What stands before a tool's scopes in tokens, such as `api://weather/`. With `oidc`.
   * Default: nothing.
   */
  scopePrefix?: pulumi.Input<string>;
  /**
   * Which authorization server clients are told of. With `oidc`; `self` is for issuers that MCP clients refuse, since they do not say that they
   * know PKCE.
   * Default: `issuer`.
   */
  authorizationServerMetadata?: AuthorizationServerMetadata;
  /**
   * By how much clocks may differ when a token expires, in seconds, 0 to 300. With `cognito` and `oidc`.
   * Default: 30.
   */
  clockSkewSeconds?: pulumi.Input<number>;
  /**
   * Whether the load balancer refuses bad tokens before they reach a replica; the service checks all the same. With `cognito` and `oidc`, on a
   * platform with a name and a certificate of its own. Clients with a token that has expired get a 401 that does not say where to get another.
   * Default: false.
   */
  edgeTokenValidation?: boolean;
}

/** The mode of a service. */
export function authMode(auth: Auth | undefined): AuthMode {
  return auth?.mode ?? AuthMode.Cognito;
}

/** The arguments that mean something in some modes alone. */
const MODES_OF: Readonly<Record<Exclude<keyof Auth, "mode" | "generation">, readonly AuthMode[]>> =
  {
    scopes: [AuthMode.Cognito],
    accessTokenMinutes: [AuthMode.Cognito],
    signIn: [AuthMode.Cognito],
    issuer: [AuthMode.Oidc],
    jwksUri: [AuthMode.Oidc],
    audiences: [AuthMode.Oidc],
    clientIds: [AuthMode.Oidc],
    requiredScopes: [AuthMode.Oidc],
    scopePrefix: [AuthMode.Oidc],
    authorizationServerMetadata: [AuthMode.Oidc],
    clockSkewSeconds: [AuthMode.Cognito, AuthMode.Oidc],
    edgeTokenValidation: [AuthMode.Cognito, AuthMode.Oidc],
  };

const MOST_GENERATIONS = 1_000_000;

/** Refuses what the mode would not heed, what Cognito would refuse, and what the container would not start with. */
export function checkAuth(component: string, auth: Auth = {}): void {
  const mode = authMode(auth);
  check(mode, oneOf(component, "auth.mode", AuthMode));
  check(auth.generation, wholeNumberBetween(component, "auth.generation", 1, MOST_GENERATIONS));
  refuseIdle(component, auth, mode);
  check(
    auth.clockSkewSeconds,
    wholeNumberBetween(component, "auth.clockSkewSeconds", 0, 300, "seconds"),
  );
  check(
    auth.accessTokenMinutes,
    wholeNumberBetween(component, "auth.accessTokenMinutes", 5, 1440, "minutes"),
  );
  checkScopes(component, auth.scopes);
  checkSignIn(component, auth.signIn);
  check(
    auth.authorizationServerMetadata,
    oneOf(component, "auth.authorizationServerMetadata", AuthorizationServerMetadata),
  );
  if (mode === AuthMode.Oidc) checkOidc(component, auth);
}

function refuseIdle(component: string, auth: Auth, mode: AuthMode): void {
  for (const argument of Object.keys(MODES_OF) as (keyof typeof MODES_OF)[]) {
    const modes = MODES_OF[argument];
    if (auth[argument] === undefined || auth[argument] === false || modes.includes(mode)) continue;
    throw new ArgumentError(
      component,
      `\`auth.${argument}\` is given, but \`auth.mode\` is \`${mode}\`, where it would change nothing. Leave it out, or set \`auth.mode\` to` +
        ` ${modes.map((each) => `\`${each}\``).join(" or ")}.`,
    );
  }
}
