import * as pulumi from "@pulumi/pulumi";
import type { TokenValidation } from "../ingress/edge-validation.ts";
import type { Auth } from "./identity.ts";
import { createMachineClients } from "./machine-client.ts";
import { checkAddress, createResourceServer, type ServiceApi } from "./resource-server.ts";
import { checkSignInAddress, createSignInClient } from "./sign-in-client.ts";
import { accessTokenCommand } from "./token-command.ts";
import type { UserPoolFacts } from "./user-pool.ts";
import { ArgumentError } from "../validation.ts";

/** How long an access token is good, in minutes, unless the service says otherwise. */
const ACCESS_TOKEN_MINUTES = 60;

/** What a service is to a user pool, and what its container and its callers are told of it. */
export interface CognitoIdentity {
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  readonly tokenValidation: TokenValidation;
  readonly scope: pulumi.Output<string>;
  /** Of the client for machines that is in use. */
  readonly clientId: pulumi.Output<string>;
  readonly clientSecret: pulumi.Output<string>;
  /** Empty without a sign-in. */
  readonly signInClientId: pulumi.Output<string>;
  readonly tokenCommand: pulumi.Output<string>;
}

/** Makes a service an API of the platform's user pool, with a client for machines, and one for people where they may sign in. */
export function createCognitoIdentity(
  name: string,
  args: {
    readonly auth: Auth;
    readonly generation: number;
    readonly userPool: pulumi.Output<UserPoolFacts>;
    readonly url: pulumi.Output<string>;
    readonly region: pulumi.Input<string>;
  },
  opts: pulumi.CustomResourceOptions,
): CognitoIdentity {
  const { auth, generation, userPool, url, region } = args;
  const { signIn } = auth;
  userPool.id.apply(checkHasUserPool);
  url.apply((known) => {
    checkAddress("McpService", known);
    if (signIn !== undefined) checkSignInAddress("McpService", known);
  });
  const api = createResourceServer(
    name,
    { userPoolId: userPool.id, url, scopes: auth.scopes ?? {} },
    opts,
  );
  const client = {
    userPoolId: userPool.id,
    scopes: api.scopes,
    accessTokenMinutes: auth.accessTokenMinutes ?? ACCESS_TOKEN_MINUTES,
  };
  const machines = createMachineClients(name, { ...client, generation }, opts);
  const people =
    signIn === undefined ? undefined : createSignInClient(name, { ...client, signIn }, opts);
  const [machine] = machines;
  const clientIds = [...machines, ...(people === undefined ? [] : [people])].map(({ id }) => id);
  return {
    environment: environmentOf(userPool.issuer, url, api, clientIds),
    tokenValidation: tokenValidationOf(userPool.issuer, api),
    scope: api.callScope,
    clientId: machine.id,
    clientSecret: pulumi.secret(machine.clientSecret),
    signInClientId: people?.id ?? pulumi.output(""),
    tokenCommand: accessTokenCommand({
      region,
      userPoolId: userPool.id,
      clientId: machine.id,
      tokenEndpoint: userPool.tokenEndpoint,
    }),
  };
}

function checkHasUserPool(id: string): void {
  if (id !== "") return;
  throw new ArgumentError(
    "McpService",
    "`auth.mode` is `cognito`, the default, but the platform has no user pool: its `createUserPool` is false, or its `natGateways` is `none`. Give it one," +
      " or set `auth.mode` to `oidc`, `static-token` or `none`.",
  );
}

function environmentOf(
  issuer: pulumi.Output<string>,
  url: pulumi.Output<string>,
  api: ServiceApi,
  clientIds: readonly pulumi.Output<string>[],
): Record<string, pulumi.Input<string>> {
  return {
    AUTH_ISSUER: issuer,
    AUTH_AUDIENCES: url,
    // Tokens for machines have no audience: their client stands for it.
    AUTH_CLIENT_IDS: pulumi.all([...clientIds]).apply((ids) => ids.join(",")),
    AUTH_REQUIRED_SCOPES: api.callScope,
    AUTH_SCOPE_PREFIX: api.scopePrefix,
    // Cognito has no RFC 8414 document, and does not say that it knows PKCE.
    AUTH_AUTHORIZATION_SERVER_METADATA: "self",
  };
}

/** The scope names the service, and only its clients get it: a list of clients would say no more, and the format takes one value alone. */
function tokenValidationOf(issuer: pulumi.Output<string>, api: ServiceApi): TokenValidation {
  return {
    issuer,
    jwksUri: pulumi.interpolate`${issuer}/.well-known/jwks.json`,
    claims: [
      { name: "token_use", format: "single-string", value: "access" },
      { name: "scope", format: "space-separated-values", value: api.callScope },
    ],
  };
}
