import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { generationName, secretGenerations } from "./rotation.ts";
import type { Tags } from "../tags.ts";

/** Generated values and where they are kept, separated by commas: the current one first. */
export interface GeneratedSecret {
  readonly secret: aws.secretsmanager.Secret;
  readonly version: aws.secretsmanager.SecretVersion;
  /** What a container definition's `valueFrom` takes. Names the version, so that a new value is a new deployment. */
  readonly valueFrom: pulumi.Output<string>;
}

/** 43 letters and digits carry 256 bits. */
const VALUE_LENGTH = 43;

/**
 * Generates the values of a generation into one secret. They are in Pulumi's state, encrypted, and nowhere in plain text.
 *
 * @param name of the secret, its version and the first generation's value.
 */
export function createGeneratedSecret(
  name: string,
  args: {
    readonly description: string;
    readonly generation: number;
    /** The key that encrypts it; where there is none, or it is empty, the one of Secrets Manager. */
    readonly kmsKeyArn?: pulumi.Output<string>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): GeneratedSecret {
  const values = secretGenerations(args.generation).map(
    (generation) =>
      new random.RandomPassword(
        generationName(name, generation),
        { length: VALUE_LENGTH, special: false },
        opts,
      ).result,
  );
  const secret = new aws.secretsmanager.Secret(
    name,
    {
      description: args.description,
      recoveryWindowInDays: 7,
      ...(args.kmsKeyArn === undefined
        ? {}
        : { kmsKeyId: args.kmsKeyArn.apply((arn) => (arn === "" ? undefined : arn)) }),
      tags: args.tags,
    },
    opts,
  );
  const version = new aws.secretsmanager.SecretVersion(
    name,
    { secretId: secret.id, secretString: pulumi.all(values).apply((known) => known.join(",")) },
    opts,
  );
  return {
    secret,
    version,
    valueFrom: pulumi.interpolate`${secret.arn}:::${version.versionId}`,
  };
}

/** A command that prints the current value. */
export function printCommand({ secret }: GeneratedSecret): pulumi.Output<string> {
  return pulumi.interpolate`aws secretsmanager get-secret-value --region ${secret.region} --secret-id ${secret.arn} --query SecretString --output text | cut -d , -f 1`;
}
