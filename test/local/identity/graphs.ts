import type { Graph, GraphResource } from "../../../local/graph/graph.ts";

/** The address that a program declares for its service, and what it is on this machine. */
export const DECLARED = "https://mcp.example.com/mcp";
export const POOL_ID = "eu-central-1_Ab12Cd34E";
export const MACHINE_ID = "machine1234567890abcdefghi";
export const PERSON_ID = "person1234567890abcdefghij";
export const SECRET = "0123456789abcdef0123456789abcdef0123456789abcdef012";
export const CALLBACK = "http://127.0.0.1:8765/callback";

type Inputs = Readonly<Record<string, unknown>>;

/** A resource of Cognito. */
export function resource(
  type: string,
  name: string,
  id: string,
  inputs: Inputs,
  more: Partial<GraphResource> = {},
): GraphResource {
  const token = `aws:cognito/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type}`;
  return {
    urn: `urn:${name}`,
    type: token,
    name,
    parent: "",
    inputs,
    outputs: {},
    id,
    dependencies: [],
    ignoreChanges: [],
    ...more,
  };
}

export function graphOf(...resources: readonly GraphResource[]): Graph {
  return { project: "test", stack: "dev", region: "eu-central-1", resources, outputs: {} };
}

export const pool = (inputs: Inputs = {}): GraphResource =>
  resource("UserPool", "platform", POOL_ID, inputs);

export const domain = (inputs: Inputs = {}): GraphResource =>
  resource("UserPoolDomain", "platform-domain", "mcp-1a2b3c", {
    domain: "mcp-1a2b3c",
    userPoolId: POOL_ID,
    managedLoginVersion: 2,
    ...inputs,
  });

export const server = (inputs: Inputs = {}): GraphResource =>
  resource("ResourceServer", "weather", `${POOL_ID}|${DECLARED}`, {
    userPoolId: POOL_ID,
    identifier: DECLARED,
    scopes: [
      { scopeName: "call", scopeDescription: "Call tools." },
      { scopeName: "read", scopeDescription: "Read forecasts." },
    ],
    ...inputs,
  });

export const machine = (inputs: Inputs = {}, more: Partial<GraphResource> = {}): GraphResource =>
  resource(
    "UserPoolClient",
    "weather-machine",
    MACHINE_ID,
    {
      userPoolId: POOL_ID,
      generateSecret: true,
      allowedOauthFlows: ["client_credentials"],
      allowedOauthFlowsUserPoolClient: true,
      allowedOauthScopes: [`${DECLARED}/call`, `${DECLARED}/read`],
      ...inputs,
    },
    { outputs: { clientSecret: SECRET }, dependencies: ["urn:weather"], ...more },
  );

export const person = (inputs: Inputs = {}, more: Partial<GraphResource> = {}): GraphResource =>
  resource(
    "UserPoolClient",
    "weather-person",
    PERSON_ID,
    {
      userPoolId: POOL_ID,
      allowedOauthFlows: ["code"],
      allowedOauthFlowsUserPoolClient: true,
      allowedOauthScopes: ["openid", "email", `${DECLARED}/call`],
      callbackUrls: [CALLBACK],
      supportedIdentityProviders: ["COGNITO"],
      ...inputs,
    },
    { dependencies: ["urn:weather"], ...more },
  );

export const branding = (): GraphResource =>
  resource("ManagedLoginBranding", "weather-branding", "branding", {
    userPoolId: POOL_ID,
    clientId: PERSON_ID,
  });

/** A platform with one service that machines and people may call. */
export const whole = (): Graph =>
  graphOf(pool(), domain(), server(), machine(), person(), branding());
