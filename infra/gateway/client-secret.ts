import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";

/**
 * Keeps the secret of a service's client for machines where a gateway reads it.
 *
 * @returns the ARN of the secret, once it has its value.
 */
export function createClientSecret(
  name: string,
  args: {
    readonly value: pulumi.Output<string>;
    /** The key that encrypts it; where it is empty, the one of Secrets Manager. */
    readonly kmsKeyArn: pulumi.Output<string>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const secret = new aws.secretsmanager.Secret(
    `${name}-machine`,
    {
      description: `The secret of the client by which a gateway gets tokens for the MCP service ${name}`,
      recoveryWindowInDays: 7,
      kmsKeyId: args.kmsKeyArn.apply((arn) => (arn === "" ? undefined : arn)),
      tags: args.tags,
    },
    opts,
  );
  const version = new aws.secretsmanager.SecretVersion(
    `${name}-machine`,
    { secretId: secret.id, secretString: args.value },
    opts,
  );
  return pulumi.all([secret.arn, version.versionId]).apply(([arn]) => arn);
}
