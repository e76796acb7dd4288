import assert from "node:assert/strict";
import { test } from "node:test";
import { createAccessLogs } from "../../../infra/ingress/access-logs.ts";
import { deploy, valueOf } from "../mocks.ts";

const logs = () =>
  deploy(() => createAccessLogs("edge", { retentionInDays: 14, tags: { team: "blue" } }, {}));

const inputsOf = async (type: string): Promise<unknown> => (await logs()).only(type).inputs;

test("GIVEN access logs WHEN their bucket is declared THEN it is private, encrypted, and forgets", async () => {
  const declaration = await logs();
  const bucket = "edge-access-logs-id";

  assert.deepEqual(declaration.inventory(), [
    "aws:s3/bucket:Bucket edge-access-logs",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration edge-access-logs",
    "aws:s3/bucketPolicy:BucketPolicy edge-access-logs",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock edge-access-logs",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration edge-access-logs",
  ]);
  assert.deepEqual(await inputsOf("aws:s3/bucket:Bucket"), {
    forceDestroy: true,
    tags: { team: "blue" },
  });
  assert.deepEqual(await inputsOf("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"), {
    bucket,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  assert.deepEqual(
    await inputsOf(
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    ),
    { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
  );
  assert.deepEqual(
    await inputsOf("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"),
    {
      bucket,
      rules: [
        {
          id: "expire",
          status: "Enabled",
          filter: { prefix: "" },
          expiration: { days: 14 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
      ],
    },
  );
});

test("GIVEN access logs WHEN their bucket's policy is declared THEN load balancers of this account and region alone write, and nobody in plain text", async () => {
  const declaration = await logs();
  const { inputs, dependsOn } = declaration.only("aws:s3/bucketPolicy:BucketPolicy");

  assert.deepEqual(dependsOn, [
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock edge-access-logs",
  ]);
  assert.deepEqual(JSON.parse(String(inputs["policy"])), {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
        Action: "s3:PutObject",
        Resource: "arn:aws:s3:::edge-access-logs/AWSLogs/123456789012/*",
        Condition: {
          ArnLike: {
            "aws:SourceArn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/*",
          },
        },
      },
      {
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: ["arn:aws:s3:::edge-access-logs", "arn:aws:s3:::edge-access-logs/*"],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
  assert.equal(await valueOf(declaration.result.bucket), "edge-access-logs");
});
