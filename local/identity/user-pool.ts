/** A Cognito user pool, as far as OAuth sees it. */
export interface UserPool {
  /** Such as `eu-central-1_Ab12Cd34E`. */
  readonly id: string;
  /** What its tokens have as `iss` on AWS. */
  readonly issuer: string;
  /** Whether tokens for people can be bound to a resource (`aud`). Lite pools cannot. */
  readonly bindsResources: boolean;
  /** Undefined for a pool that exists already: only Cognito knows what else it holds. */
  readonly name: string | undefined;
  readonly domains: readonly UserPoolDomain[];
  readonly resourceServers: readonly ResourceServer[];
  readonly clients: readonly UserPoolClient[];
}

/** Where a pool's OAuth endpoints are. */
export interface UserPoolDomain {
  /** A prefix, or a whole host name. */
  readonly domain: string;
  /** What clients call on AWS, such as `https://mcp.auth.eu-central-1.amazoncognito.com`. */
  readonly origin: string;
}

/** An API that tokens are for. */
export interface ResourceServer {
  readonly identifier: string;
  /** Without the identifier. */
  readonly scopeNames: readonly string[];
}

/** How a client gets tokens. */
export const OAuthFlow = { Code: "code", ClientCredentials: "client_credentials" } as const;
export type OAuthFlow = (typeof OAuthFlow)[keyof typeof OAuthFlow];

/** An application that asks for tokens. */
export interface UserPoolClient {
  readonly name: string;
  readonly id: string;
  /** Undefined for a public client. */
  readonly secret: string | undefined;
  readonly flows: readonly OAuthFlow[];
  readonly scopes: readonly string[];
  readonly callbackUrls: readonly string[];
  readonly accessTokenSeconds: number;
  readonly idTokenSeconds: number;
  readonly refreshTokenSeconds: number;
  /** For how long a refresh token that was replaced goes on to work. Undefined: none is ever replaced. */
  readonly rotationGraceSeconds: number | undefined;
}

/** The scopes that every pool has; `aws.cognito.signin.user.admin` is that of Cognito's own API. */
export const STANDARD_SCOPES: readonly string[] = [
  "openid",
  "email",
  "phone",
  "profile",
  "aws.cognito.signin.user.admin",
];

/** A pool's place in Cognito's regional endpoint: the `endpoint` of the resource, without the scheme. */
export function userPoolEndpoint(id: string): string {
  return `cognito-idp.${regionOf(id)}.${suffixOf(id)}/${id}`;
}

/** Where the OAuth endpoints of a prefix, or of a domain of one's own, are on AWS. */
export function domainOrigin(poolId: string, domain: string): string {
  if (domain.includes(".")) return `https://${domain}`;
  return `https://${domain}.auth.${regionOf(poolId)}.amazoncognito.com`;
}

function regionOf(id: string): string {
  return id.split("_")[0] ?? "";
}

function suffixOf(id: string): string {
  return id.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}
