import type * as pulumi from "@pulumi/pulumi";

/** What a gateway finds at an address. */
export const UpstreamKind = {
  /** An MCP server. */
  Mcp: "mcp",
  /** A plain HTTP application; `tools` says which of its operations are tools. */
  Http: "http",
  /** A plain HTTP application with an OpenAPI document, whose operations are tools. */
  OpenApi: "openapi",
} as const;
export type UpstreamKind = (typeof UpstreamKind)[keyof typeof UpstreamKind];

/** How a gateway proves to an upstream who it is. */
export const UpstreamAuthMode = {
  /** Not at all. */
  None: "none",
  /** By a secret in a header. */
  Header: "header",
  /** By an access token of its own, which it gets with a client's id and secret (RFC 6749, 4.4). */
  ClientCredentials: "client-credentials",
  /** By a token in the caller's name, which it gets for the caller's token (RFC 8693). */
  TokenExchange: "token-exchange",
  /** By AWS's signature, with the role of its tasks. */
  SigV4: "sigv4",
} as const;
export type UpstreamAuthMode = (typeof UpstreamAuthMode)[keyof typeof UpstreamAuthMode];

/** How a gateway proves to an upstream who it is. The caller's own token never goes there. */
export interface UpstreamAuth {
  /**
   * The kind of proof.
   * Default: `none`.
   */
  mode?: UpstreamAuthMode;
  /**
   * The header that carries the secret, as it is. With `header`.
   * Default: `Authorization`, with `Bearer ` before the secret.
   */
  header?: string;
  /**
   * The ARN of the Secrets Manager secret that holds the header's value, or the client's secret. Required with `header`, `client-credentials` and
   * `token-exchange`.
   */
  secretArn?: pulumi.Input<string>;
  /** Where access tokens are to be had. Required with `client-credentials` and `token-exchange`. */
  tokenEndpoint?: pulumi.Input<string>;
  /** The id of the client. Required with `client-credentials` and `token-exchange`. */
  clientId?: pulumi.Input<string>;
  /**
   * The scopes to ask for, separated by spaces. With `client-credentials` and `token-exchange`.
   * Default: none, what the authorization server gives by itself.
   */
  scope?: pulumi.Input<string>;
  /**
   * The `audience` to ask for. With `token-exchange`.
   * Default: none.
   */
  audience?: pulumi.Input<string>;
  /**
   * The `resource` to ask for (RFC 8707). With `client-credentials` and `token-exchange`.
   * Default: none.
   */
  resource?: pulumi.Input<string>;
  /** The name of the AWS service in the signature, such as `bedrock-agentcore` or `execute-api`. Required with `sigv4`. */
  service?: string;
  /**
   * The region in the signature. With `sigv4`.
   * Default: that of the stack.
   */
  region?: pulumi.Input<string>;
}

/** Who may list and call some of a gateway's tools: whoever has all of the scopes, and one of the values of each claim. */
export interface ToolRule {
  /** The tools, by the names that clients see; `*` stands for any characters. */
  tools: string[];
  /**
   * The scopes, by their names, without what stands before them in tokens: with `cognito` those of `auth.scopes`.
   * Default: none.
   */
  scopes?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Values of claims, by the names of the claims: a caller needs one of each.
   * Default: none.
   */
  claims?: Record<string, string[]>;
}

/** A tool that is one operation of a plain HTTP application. */
export interface HttpTool {
  /** The name, before prefix and aliases: 1 to 64 letters, digits, `_`, `-` and `.`. */
  name: string;
  /** What the tool does, for the model. */
  description: string;
  /** `GET`, `POST`, `PUT`, `PATCH` or `DELETE`. */
  method: string;
  /** The path below the upstream's address, such as `/orders/{id}`: what stands in braces is taken from the arguments. */
  path: string;
  /**
   * The names of the arguments that go into the query; the rest is the body.
   * Default: with `GET` and `DELETE` all that are not in the path, else none.
   */
  query?: string[];
  /**
   * The name of the argument that is the whole body, such as a JSON string; the rest goes into the query. Not with `GET`.
   * Default: all arguments that are in neither path nor query, as an object.
   */
  body?: string;
  /**
   * The JSON Schema of the arguments, as JSON text.
   * Default: any object.
   */
  inputSchema?: string;
}

/** What a gateway makes of what an upstream offers, and how it asks. */
export interface UpstreamSettings {
  /**
   * What stands before `__` and the name of each tool: a letter or digit, then up to 30 letters, digits, `_` and `-`.
   * Default: the name of the upstream.
   */
  prefix?: string;
  /**
   * Whether names are as the upstream has them, without a prefix. They must then differ from those of all others.
   * Default: false.
   */
  unprefixed?: boolean;
  /**
   * The tools that are offered, by the upstream's own names; `*` stands for any characters.
   * Default: all.
   */
  allow?: string[];
  /**
   * The tools that are not offered, by the upstream's own names; `*` stands for any characters.
   * Default: none.
   */
  deny?: string[];
  /**
   * Other names for tools, before the prefix, by the upstream's own names.
   * Default: none.
   */
  aliases?: Record<string, string>;
  /**
   * Who may list and call which tools; what no rule names is everybody's who may call the gateway.
   * Default: none.
   */
  rules?: ToolRule[];
  /**
   * How the gateway proves who it is.
   * Default: for a service of the program as that service's `auth` demands, else not at all. A service with `oidc` needs it.
   */
  auth?: UpstreamAuth;
  /**
   * How long a call may take, in seconds, 1 to 3600.
   * Default: the `longestCallSeconds` of a service of the program, else 60.
   */
  timeoutSeconds?: pulumi.Input<number>;
  /**
   * The same for single tools, by the upstream's own names.
   * Default: none.
   */
  toolTimeouts?: Record<string, number>;
  /**
   * The tools whose calls may be sent again when their answer was lost, by the upstream's own names; `*` stands for any characters. Lists, reads and
   * prompts always are.
   * Default: none, since a call may have had an effect.
   */
  idempotentTools?: string[];
  /**
   * The requests that each replica of the gateway sends at once, 1 to 10000; more are answered 503 with `Retry-After`.
   * Default: 1000.
   */
  maxOngoingRequests?: pulumi.Input<number>;
}

/** An MCP server or an HTTP application elsewhere, behind a gateway. */
export interface GatewayUpstream extends UpstreamSettings {
  /** The address: of the MCP endpoint, or what the paths of an HTTP application are appended to. Without TLS only in private networks. */
  url: pulumi.Input<string>;
  /**
   * What is there.
   * Default: `mcp`.
   */
  kind?: UpstreamKind;
  /** The operations that are tools. Required with `http`. */
  tools?: HttpTool[];
  /** Where the OpenAPI document is. Required with `openapi`. */
  documentUrl?: pulumi.Input<string>;
  /**
   * Whether each address of the host name is a replica, which the gateway then watches and balances over by itself.
   * Default: false, somebody else balances.
   */
  balanceOverAddresses?: boolean;
  /**
   * The names of its tools: names that collide are then found at preview.
   * Default: unknown; with `http` those of `tools`.
   */
  declaredTools?: string[];
}

/** A way out for the tasks of a gateway, beside HTTPS. */
export interface EgressRule {
  /** The port, 1 to 65535. */
  port: pulumi.Input<number>;
  /**
   * The security group of what is reached; let the gateway's tasks in there yourself.
   * Default: none. Exactly one of `securityGroupId` and `cidrBlock` is given.
   */
  securityGroupId?: pulumi.Input<string>;
  /**
   * The network of what is reached, such as `10.8.0.0/16`.
   * Default: none.
   */
  cidrBlock?: pulumi.Input<string>;
}
