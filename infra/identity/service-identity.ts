import * as pulumi from "@pulumi/pulumi";
import { createCognitoIdentity } from "./cognito.ts";
import type { TokenValidation } from "../ingress/edge-validation.ts";
import { createGeneratedSecret, printCommand } from "./generated-secret.ts";
import { AuthMode, authMode, type Auth } from "./identity.ts";
import { oidcEnvironment } from "./oidc.ts";
import type { Tags } from "../tags.ts";
import type { UserPoolFacts } from "./user-pool.ts";

/** What tells callers how to prove who they are; every text is empty where the mode has no such thing. */
export interface IdentityOutputs {
  readonly issuer: pulumi.Output<string>;
  readonly tokenEndpoint: pulumi.Output<string>;
  readonly clientId: pulumi.Output<string>;
  /** A Pulumi secret. */
  readonly clientSecret: pulumi.Output<string>;
  readonly signInClientId: pulumi.Output<string>;
  readonly scope: pulumi.Output<string>;
  readonly tokenCommand: pulumi.Output<string>;
  readonly tokenSecretArn: pulumi.Output<string>;
}

/** How callers of a service prove who they are, and what the container needs to check it. */
export interface ServiceIdentity {
  /** The `AUTH_…` variables; nothing here is a secret. */
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  /** The variables that are secrets, as a container definition's `valueFrom` takes them. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
  /** What tasks cannot start without. */
  readonly dependsOn: readonly pulumi.Resource[];
  /** What the load balancer could check; undefined where there are no such tokens. */
  readonly tokenValidation: TokenValidation | undefined;
  readonly outputs: IdentityOutputs;
}

const NOTHING: IdentityOutputs = {
  issuer: pulumi.output(""),
  tokenEndpoint: pulumi.output(""),
  clientId: pulumi.output(""),
  clientSecret: pulumi.secret(""),
  signInClientId: pulumi.output(""),
  scope: pulumi.output(""),
  tokenCommand: pulumi.output(""),
  tokenSecretArn: pulumi.output(""),
};

/** The first of all generations. */
export const FIRST_GENERATION = 1;

/** Creates what a mode takes: clients of the user pool, a token, or nothing. */
export function createServiceIdentity(
  name: string,
  args: {
    readonly auth: Auth | undefined;
    readonly userPool: pulumi.Output<UserPoolFacts>;
    readonly url: pulumi.Output<string>;
    readonly region: pulumi.Input<string>;
    readonly kmsKeyArn: pulumi.Output<string>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): ServiceIdentity {
  const { auth = {}, userPool, url, region, tags } = args;
  const generation = auth.generation ?? FIRST_GENERATION;
  const nothing = { secrets: {}, dependsOn: [], tokenValidation: undefined, outputs: NOTHING };
  switch (authMode(auth)) {
    case AuthMode.Cognito: {
      const cognito = createCognitoIdentity(
        name,
        { auth, generation, userPool, url, region },
        opts,
      );
      return {
        ...nothing,
        environment: oidcVariables(auth, cognito.environment),
        tokenValidation: cognito.tokenValidation,
        outputs: {
          ...NOTHING,
          issuer: userPool.issuer,
          tokenEndpoint: userPool.tokenEndpoint,
          clientId: cognito.clientId,
          clientSecret: cognito.clientSecret,
          signInClientId: cognito.signInClientId,
          scope: cognito.scope,
          tokenCommand: cognito.tokenCommand,
        },
      };
    }
    case AuthMode.Oidc:
      return {
        ...nothing,
        environment: oidcVariables(auth, oidcEnvironment(auth)),
        tokenValidation:
          auth.issuer === undefined || auth.jwksUri === undefined
            ? undefined
            : { issuer: auth.issuer, jwksUri: auth.jwksUri, claims: [] },
        outputs: {
          ...NOTHING,
          issuer: pulumi.output(auth.issuer ?? ""),
          scope: pulumi.output(auth.requiredScopes ?? []).apply((scopes) => scopes.join(" ")),
        },
      };
    case AuthMode.StaticToken: {
      const description = `Bearer tokens of the MCP service ${name}: the current one, the next, the previous`;
      const { kmsKeyArn } = args;
      const token = createGeneratedSecret(
        `${name}-token`,
        { description, generation, kmsKeyArn, tags },
        opts,
      );
      return {
        ...nothing,
        environment: { AUTH_MODE: "static-token" },
        secrets: { AUTH_STATIC_TOKENS: token.valueFrom },
        dependsOn: [token.version],
        outputs: {
          ...NOTHING,
          tokenCommand: printCommand(token),
          tokenSecretArn: token.secret.arn,
        },
      };
    }
    case AuthMode.None:
      return { ...nothing, environment: { AUTH_MODE: "none" } };
  }
}

/** The container makes no difference between Cognito and other issuers. */
function oidcVariables(
  { clockSkewSeconds }: Auth,
  variables: Readonly<Record<string, pulumi.Input<string>>>,
): Record<string, pulumi.Input<string>> {
  return {
    AUTH_MODE: "oidc",
    ...variables,
    ...(clockSkewSeconds === undefined
      ? {}
      : { AUTH_CLOCK_SKEW_SECONDS: pulumi.output(clockSkewSeconds).apply(String) }),
  };
}
