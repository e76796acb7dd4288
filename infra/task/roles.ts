import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";

/** The two roles of a task. */
export interface TaskRoles {
  /** What ECS uses to start the containers: it pulls the images, reads the secrets, writes the logs. */
  readonly execution: aws.iam.Role;
  /** The policy of the execution role; a service must come after it. */
  readonly executionPolicy: aws.iam.RolePolicy;
  /** What the containers' own AWS calls use. It may do nothing. */
  readonly task: aws.iam.Role;
}

/** Where a stack is deployed to. */
export interface Deployment {
  readonly partition: pulumi.Input<string>;
  readonly region: pulumi.Input<string>;
  readonly accountId: pulumi.Input<string>;
}

/** Creates the roles of a service's tasks, each with no more than it needs. */
export function createTaskRoles(
  name: string,
  args: {
    readonly deployment: Deployment;
    /** Of the images that are in ECR. */
    readonly repositoryArns: pulumi.Input<string[]>;
    /** What container definitions name as `valueFrom`. */
    readonly secretArns: pulumi.Input<string[]>;
    readonly logGroupArn: pulumi.Input<string>;
    /** The keys that encrypt those secrets, where AWS's own do not. */
    readonly keyArns: pulumi.Input<string[]>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): TaskRoles {
  const { deployment, tags } = args;
  const assumeRolePolicy = pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "ecs-tasks.amazonaws.com" },
        Action: "sts:AssumeRole",
        // Else any account's ECS could be made to use the role for somebody else (ECS guide, "Task IAM role").
        Condition: {
          StringEquals: { "aws:SourceAccount": deployment.accountId },
          ArnLike: {
            "aws:SourceArn": pulumi.interpolate`arn:${deployment.partition}:ecs:${deployment.region}:${deployment.accountId}:*`,
          },
        },
      },
    ],
  });
  const execution = new aws.iam.Role(`${name}-execution`, { assumeRolePolicy, tags }, opts);
  const task = new aws.iam.Role(`${name}-task`, { assumeRolePolicy, tags }, opts);
  const executionPolicy = new aws.iam.RolePolicy(
    `${name}-execution`,
    {
      role: execution.name,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: pulumi
          .all([
            args.repositoryArns,
            args.logGroupArn,
            args.secretArns,
            args.keyArns,
            deployment.region,
          ])
          .apply(([repositoryArns, logGroupArn, secretArns, keyArns, region]) => [
            ...executionStatements(repositoryArns, logGroupArn, secretArns),
            ...keyStatements(keyArns, region),
          ]),
      }),
    },
    opts,
  );
  return { execution, executionPolicy, task };
}

/** What ECS itself may do to start a task; `AmazonECSTaskExecutionRolePolicy` would allow it on every resource. */
export function executionStatements(
  repositoryArns: readonly string[],
  logGroupArn: string,
  secretArns: readonly string[],
): { Effect: "Allow"; Action: string | string[]; Resource: string | string[] }[] {
  const secrets = secretArns.filter((arn) => !isParameter(arn)).map(withoutJsonKey);
  const parameters = secretArns.filter(isParameter);
  return [
    {
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: `${logGroupArn}:*`,
    },
    ...(repositoryArns.length === 0
      ? []
      : [
          // This one action knows no resource.
          { Effect: "Allow" as const, Action: "ecr:GetAuthorizationToken", Resource: "*" },
          {
            Effect: "Allow" as const,
            Action: [
              "ecr:BatchCheckLayerAvailability",
              "ecr:BatchGetImage",
              "ecr:GetDownloadUrlForLayer",
            ],
            Resource: [...new Set(repositoryArns)].sort(),
          },
        ]),
    ...(secrets.length === 0
      ? []
      : [
          {
            Effect: "Allow" as const,
            Action: "secretsmanager:GetSecretValue",
            Resource: [...new Set(secrets)].sort(),
          },
        ]),
    ...(parameters.length === 0
      ? []
      : [
          {
            Effect: "Allow" as const,
            Action: "ssm:GetParameters",
            Resource: [...new Set(parameters)].sort(),
          },
        ]),
  ];
}

/** Lets ECS decrypt secrets where it reads them, and nothing else that the keys encrypt (KMS guide, "kms:ViaService"). */
export function keyStatements(keyArns: readonly string[], region: string): object[] {
  if (keyArns.length === 0) return [];
  return [
    {
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: [...new Set(keyArns)].sort(),
      Condition: {
        StringEquals: {
          "kms:ViaService": ["secretsmanager", "ssm"].map(
            (service) => `${service}.${region}.amazonaws.com`,
          ),
        },
      },
    },
  ];
}

/** Whether a secret is an SSM parameter. */
export function isParameter(arn: string): boolean {
  return arn.split(":")[2] === "ssm";
}

/** A `valueFrom` may go on after the secret's ARN with key, stage and version; permissions name the secret alone. */
function withoutJsonKey(valueFrom: string): string {
  return valueFrom.split(":").slice(0, 7).join(":");
}
