import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";

/** Where access logs go. */
export interface AccessLogs {
  readonly bucket: pulumi.Output<string>;
  /** The load balancer must come after the bucket's policy: ELB writes a test object when logging is turned on. */
  readonly policy: pulumi.Resource;
}

/** A bucket that ELB alone writes to, with keys that S3 manages: ELB refuses those of KMS (ELB guide, "Access logs"). */
export function createAccessLogs(
  name: string,
  args: { readonly retentionInDays: pulumi.Input<number>; readonly tags: Tags },
  opts: pulumi.CustomResourceOptions,
): AccessLogs {
  const suffixed = `${name}-access-logs`;
  const bucket = new aws.s3.Bucket(
    suffixed,
    // What is in it expires by itself; without this, `pulumi destroy` would stop at the first log file.
    { forceDestroy: true, tags: args.tags },
    opts,
  );
  const closed = new aws.s3.BucketPublicAccessBlock(
    suffixed,
    {
      bucket: bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    opts,
  );
  new aws.s3.BucketServerSideEncryptionConfiguration(
    suffixed,
    {
      bucket: bucket.id,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    },
    opts,
  );
  new aws.s3.BucketLifecycleConfiguration(
    suffixed,
    {
      bucket: bucket.id,
      rules: [
        {
          id: "expire",
          status: "Enabled",
          filter: { prefix: "" },
          expiration: { days: args.retentionInDays },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
      ],
    },
    opts,
  );
  const policy = new aws.s3.BucketPolicy(
    suffixed,
    {
      bucket: bucket.id,
      policy: pulumi
        .all([
          bucket.arn,
          aws.getCallerIdentityOutput({}, opts).accountId,
          aws.getRegionOutput({}, opts).region,
          aws.getPartitionOutput({}, opts).partition,
        ])
        .apply(([arn, accountId, region, partition]) =>
          JSON.stringify(bucketPolicy(arn, { accountId, region, partition })),
        ),
    },
    // Both change what the bucket allows; S3 answers the second of two such requests at once with a conflict.
    pulumi.mergeOptions(opts, { dependsOn: [closed] }),
  );
  return { bucket: bucket.bucket, policy };
}

/** Lets ELB write the logs of this account's load balancers, and nobody use the bucket in plain text. */
export function bucketPolicy(
  arn: string,
  where: { readonly accountId: string; readonly region: string; readonly partition: string },
): object {
  const { accountId, region, partition } = where;
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
        Action: "s3:PutObject",
        Resource: `${arn}/AWSLogs/${accountId}/*`,
        Condition: {
          // Else another account's load balancer could be told to write here, did it guess the path.
          ArnLike: {
            "aws:SourceArn": `arn:${partition}:elasticloadbalancing:${region}:${accountId}:loadbalancer/*`,
          },
        },
      },
      {
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  };
}
