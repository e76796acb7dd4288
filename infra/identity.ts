import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Tags } from "./tags.ts";

/** How callers of a service prove who they are. */
export const AuthMode = {
  /** One token for all callers, generated into Secrets Manager. */
  StaticToken: "static-token",
  /** No proof at all: everybody who reaches the load balancer may call. */
  None: "none",
} as const;
export type AuthMode = (typeof AuthMode)[keyof typeof AuthMode];

/** How callers of a service prove who they are. */
export interface Auth {
  /** The kind of proof. */
  mode: AuthMode;
}

/** A generated token and where it is kept. */
export interface StaticToken {
  readonly secret: aws.secretsmanager.Secret;
  readonly version: aws.secretsmanager.SecretVersion;
  /** What a container definition's `valueFrom` takes. Names the version, so that a new token is a new deployment. */
  readonly valueFrom: pulumi.Output<string>;
  /** A command that prints the token. */
  readonly printCommand: pulumi.Output<string>;
}

/** 43 letters and digits carry 256 bits. */
const TOKEN_LENGTH = 43;

/** Generates a token into a secret of its own. Its value is in Pulumi's state, encrypted, and nowhere in plain text. */
export function createStaticToken(
  name: string,
  tags: Tags,
  opts: pulumi.CustomResourceOptions,
): StaticToken {
  const token = new random.RandomPassword(
    `${name}-token`,
    { length: TOKEN_LENGTH, special: false },
    opts,
  );
  const secret = new aws.secretsmanager.Secret(
    `${name}-token`,
    { description: `Bearer token of the MCP service ${name}`, recoveryWindowInDays: 7, tags },
    opts,
  );
  const version = new aws.secretsmanager.SecretVersion(
    `${name}-token`,
    { secretId: secret.id, secretString: token.result },
    opts,
  );
  return {
    secret,
    version,
    valueFrom: pulumi.interpolate`${secret.arn}:::${version.versionId}`,
    printCommand: pulumi.interpolate`aws secretsmanager get-secret-value --region ${secret.region} --secret-id ${secret.arn} --query SecretString --output text`,
  };
}
