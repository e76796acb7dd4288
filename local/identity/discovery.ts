/** Where the OAuth endpoints of a pool are. */
export interface PoolAddresses {
  /** The `iss` of the tokens. */
  readonly issuer: string;
  /** What stands before `/oauth2/…`. */
  readonly domain: string;
}

/** The discovery document, with what Cognito's has and without what it lacks: PKCE methods, grant types, registration. */
export function discoveryDocument({ issuer, domain }: PoolAddresses): Record<string, unknown> {
  return {
    authorization_endpoint: `${domain}/oauth2/authorize`,
    id_token_signing_alg_values_supported: ["RS256"],
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: ["code", "token"],
    scopes_supported: ["openid", "email", "phone", "profile"],
    subject_types_supported: ["public"],
    token_endpoint: `${domain}/oauth2/token`,
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    userinfo_endpoint: `${domain}/oauth2/userInfo`,
  };
}
