/** Every argument about identity, for tools that look at graphs: four services, one of each mode. */
import {
  AuthMode,
  AuthorizationServerMetadata,
  Exposure,
  McpPlatform,
  McpServer,
  McpService,
} from "../../../infra/index.ts";

const platform = new McpPlatform("mcp", {
  exposure: Exposure.Domain,
  domainName: "mcp.example.com",
  hostedZoneId: "Z0123456789ABCDEFGHIJ",
  createUserPool: true,
  userPoolDeletionProtection: true,
}).handle;

/** For machines and people, whose bad tokens end at the load balancer. */
export const notes = new McpService("notes", {
  platform,
  server: McpServer.Weather,
  path: "/notes/mcp",
  auth: {
    mode: AuthMode.Cognito,
    generation: 2,
    scopes: { write: "Change notes" },
    accessTokenMinutes: 15,
    signIn: {
      callbackUrls: [
        "https://claude.ai/api/mcp/auth_callback",
        "http://localhost:6274/oauth/callback",
      ],
    },
    clockSkewSeconds: 10,
    edgeTokenValidation: true,
  },
}).tokenCommand;

export const other = new McpService("other", {
  platform,
  server: McpServer.Weather,
  path: "/other/mcp",
  auth: {
    mode: AuthMode.Oidc,
    issuer: "https://login.example.com/realms/tools",
    jwksUri: "https://login.example.com/realms/tools/keys",
    audiences: ["api://other"],
    clientIds: ["agent"],
    requiredScopes: ["api://other/call"],
    scopePrefix: "api://other/",
    authorizationServerMetadata: AuthorizationServerMetadata.Self,
    edgeTokenValidation: true,
  },
}).scope;

export const shared = new McpService("shared", {
  platform,
  server: McpServer.Weather,
  path: "/shared/mcp",
  auth: { mode: AuthMode.StaticToken, generation: 3 },
}).tokenSecretArn;

export const open = new McpService("open", {
  platform,
  server: McpServer.Weather,
  path: "/open/mcp",
  auth: { mode: AuthMode.None },
}).url;
