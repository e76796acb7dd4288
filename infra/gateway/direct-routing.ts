import * as pulumi from "@pulumi/pulumi";
import { AuthMode, authMode, type Auth } from "../identity/identity.ts";
import { CALL_SCOPE } from "../identity/resource-server.ts";
import { DEFAULT_PATH } from "../ingress/routing.ts";

/** How calls of a gateway's clients reach a service without the hop through the gateway: the gateway's load balancer rules send them here. */
export interface DirectRouting {
  /** What the gateway puts before `__` and the names of the service's tools: its name in `services`, or `prefix` in `serviceSettings`. */
  prefix: string;
  /**
   * The gateway's `path`, where these calls come. It differs from the service's own.
   * Default: `/mcp`.
   */
  path?: string;
  /**
   * The gateway's `hostName`.
   * Default: none, as that of a gateway without one.
   */
  hostName?: string;
}

/** What a gateway needs to send calls straight to a service; all texts are empty where the service is not declared for it. */
export interface DirectRoutingFacts {
  /** What stands before `__` and the names of the service's tools. */
  prefix: string;
  /** The path of the gateway. */
  path: string;
  /** The host name of the gateway; empty where it has none. */
  hostName: string;
  /** Who may call, as text to compare: the gateway must say the same. */
  access: string;
  /** The ARN of the service's target group, once its replicas know of the gateway. */
  targetGroupArn: string;
  /** The ARN of the listener that leads there. */
  listenerArn: string;
}

/** The facts of a service that is not declared for it. */
export const NO_DIRECT_ROUTING: DirectRoutingFacts = {
  prefix: "",
  path: "",
  hostName: "",
  access: "",
  targetGroupArn: "",
  listenerArn: "",
};

/** What decides on who may call, beside the address. */
export interface Access {
  readonly auth?: Auth;
  readonly allowedHosts?: pulumi.Input<pulumi.Input<string>[]>;
  readonly allowedOrigins?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Who may call, as text: two of the same text let the same callers through. */
export function accessOf({
  auth = {},
  allowedHosts,
  allowedOrigins,
}: Access): pulumi.Output<string> {
  const { audiences, clientIds, requiredScopes } = auth;
  return pulumi
    .output({
      mode: authMode(auth),
      issuer: auth.issuer,
      jwksUri: auth.jwksUri,
      scopePrefix: auth.scopePrefix,
      clockSkewSeconds: auth.clockSkewSeconds,
      lists: [audiences, clientIds, requiredScopes, allowedHosts, allowedOrigins],
    })
    .apply(({ lists, ...rest }) =>
      JSON.stringify({ ...rest, lists: lists.map((list) => [...(list ?? [])].sort()) }),
    );
}

/** The variables that tell a container of a gateway whose calls come straight to it. */
export function directEnvironment(
  routing: DirectRouting | undefined,
  auth: Auth = {},
  platformOrigin: pulumi.Input<string>,
): Record<string, pulumi.Input<string>> {
  if (routing === undefined) return {};
  const { prefix, path = DEFAULT_PATH, hostName } = routing;
  const url =
    hostName === undefined
      ? pulumi.interpolate`${platformOrigin}${path}`
      : pulumi.output(`https://${hostName}${path}`);
  return {
    MCP_DIRECT_URL: url,
    MCP_TOOL_PREFIX: prefix,
    ...directAuth(auth, url),
  };
}

/** Where tokens of the gateway's callers differ from those of the service's own. */
function directAuth(auth: Auth, url: pulumi.Output<string>): Record<string, pulumi.Input<string>> {
  switch (authMode(auth)) {
    case AuthMode.Cognito:
      return {
        // It names the gateway, and only the gateway's clients get it: their ids are not known before the gateway is.
        AUTH_DIRECT_REQUIRED_SCOPES: pulumi.interpolate`${url}/${CALL_SCOPE}`,
        AUTH_DIRECT_SCOPE_PREFIX: pulumi.interpolate`${url}/`,
      };
    case AuthMode.Oidc:
      return {
        AUTH_DIRECT_AUDIENCES: pulumi
          .output(auth.audiences ?? [])
          .apply((audiences) => audiences.join(",")),
      };
    case AuthMode.StaticToken:
    case AuthMode.None:
      return {};
  }
}
