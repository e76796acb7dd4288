import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";
import { ArgumentError, check } from "../validation.ts";

/** Refuses what is not the ARN of a key: an alias may point elsewhere tomorrow, and policies name keys alone. */
export function checkKeyArn(component: string, argument: string, arn: string): void {
  if (/^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/u.test(arn)) return;
  throw new ArgumentError(
    component,
    `\`${argument}\` is \`${arn}\`; give the ARN of a KMS key, such as \`arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab\`,` +
      " not its id or an alias.",
  );
}

/** The same of an argument that may be known only later. */
export function checkKeyArns(
  component: string,
  argument: string,
  arns: pulumi.Input<pulumi.Input<string>[]> | undefined,
): void {
  check(arns, (list) => {
    for (const arn of list)
      check(arn, (known) => {
        checkKeyArn(component, argument, known);
      });
  });
}

/** A log group that forgets, encrypted with a key of the user's where there is one; CloudWatch Logs encrypts the others with its own. */
export function createLogGroup(
  name: string,
  args: {
    /** Where AWS demands one. */
    readonly name?: pulumi.Input<string>;
    readonly retentionInDays: pulumi.Input<number>;
    readonly kmsKeyArn: pulumi.Input<string> | undefined;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.LogGroup {
  return new aws.cloudwatch.LogGroup(
    name,
    {
      ...(args.name === undefined ? {} : { name: args.name }),
      retentionInDays: args.retentionInDays,
      ...(args.kmsKeyArn === undefined ? {} : { kmsKeyId: args.kmsKeyArn }),
      tags: args.tags,
    },
    opts,
  );
}
