import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Tags } from "./tags.ts";

/** A generated value and where it is kept. */
export interface GeneratedSecret {
  readonly secret: aws.secretsmanager.Secret;
  readonly version: aws.secretsmanager.SecretVersion;
  /** What a container definition's `valueFrom` takes. Names the version, so that a new value is a new deployment. */
  readonly valueFrom: pulumi.Output<string>;
}

/** 43 letters and digits carry 256 bits. */
const VALUE_LENGTH = 43;

/**
 * Generates a value into a secret of its own. It is in Pulumi's state, encrypted, and nowhere in plain text.
 *
 * @param name of all three resources.
 */
export function createGeneratedSecret(
  name: string,
  args: { readonly description: string; readonly tags: Tags },
  opts: pulumi.CustomResourceOptions,
): GeneratedSecret {
  const value = new random.RandomPassword(name, { length: VALUE_LENGTH, special: false }, opts);
  const secret = new aws.secretsmanager.Secret(
    name,
    { description: args.description, recoveryWindowInDays: 7, tags: args.tags },
    opts,
  );
  const version = new aws.secretsmanager.SecretVersion(
    name,
    { secretId: secret.id, secretString: value.result },
    opts,
  );
  return {
    secret,
    version,
    valueFrom: pulumi.interpolate`${secret.arn}:::${version.versionId}`,
  };
}

/** A command that prints the value. */
export function printCommand({ secret }: GeneratedSecret): pulumi.Output<string> {
  return pulumi.interpolate`aws secretsmanager get-secret-value --region ${secret.region} --secret-id ${secret.arn} --query SecretString --output text`;
}
