import * as pulumi from "@pulumi/pulumi";
import type { DirectRoutingFacts } from "./direct-routing.ts";
import type { AuthMode } from "../identity/identity.ts";

/** What a gateway needs to know of a service behind it; get it from `McpService.endpoint`. */
export interface McpServiceEndpoint {
  /** The address for clients, through the load balancer. */
  url: string;
  /** The name under which tasks of the VPC find the replicas; empty unless the service is `discoverable`. */
  hostName: string;
  /** The port of the replicas. */
  port: number;
  /** The path of the MCP endpoint. */
  path: string;
  /** The VPC of the replicas. */
  vpcId: string;
  /** The security group of the replicas. */
  securityGroupId: string;
  /** How callers prove who they are. */
  authMode: AuthMode;
  /** What the tokens of callers have as `iss`; empty without an issuer. */
  issuer: string;
  /** Where clients get access tokens; empty unless they come from Cognito. */
  tokenEndpoint: string;
  /** The id of the client by which machines get access tokens; empty unless they come from Cognito. */
  clientId: string;
  /** The ARN of the secret that holds that client's secret; empty unless the service is `discoverable` and tokens come from Cognito. */
  clientSecretArn: string;
  /** The scopes that every caller needs, separated by spaces; empty where there are none. */
  scope: string;
  /** The ARN of the secret that holds the bearer tokens, the current one first; empty unless the mode is `static-token`. */
  tokenSecretArn: string;
  /** The longest that a call may take, in seconds. */
  longestCallSeconds: number;
  /** The names of the tools, as far as the program declares them or the server is a bundled one; empty where they are unknown. */
  declaredTools: string[];
  /** How a gateway sends calls straight to the service. */
  directRouting: DirectRoutingFacts;
}

/** An endpoint before all of it is known. */
export type EndpointParts = {
  readonly [Part in keyof McpServiceEndpoint]: pulumi.Input<McpServiceEndpoint[Part]>;
};

/** An endpoint as one output. What is known of it can be read in a preview, even where another part is not known yet. */
export function endpointOf(parts: EndpointParts): pulumi.Output<McpServiceEndpoint> {
  return pulumi.output(parts);
}
