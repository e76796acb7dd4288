import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { keyStatements, type Deployment } from "../task/roles.ts";

/** What a gateway may read: its own parameters, the secrets that they name, and nothing else. */
export function upstreamStatements(
  place: { readonly partition: string; readonly region: string; readonly accountId: string },
  parameterPath: string,
  secretArns: readonly string[],
  keyArns: readonly string[],
): object[] {
  const parameters = `arn:${place.partition}:ssm:${place.region}:${place.accountId}:parameter${parameterPath.replace(/\/$/u, "")}`;
  return [
    {
      Effect: "Allow",
      Action: "ssm:GetParametersByPath",
      // The path is asked about as it is sent, with a slash at its end or without (Systems Manager guide, "Restricting access to parameters").
      Resource: [parameters, `${parameters}/*`],
    },
    ...(secretArns.length === 0
      ? []
      : [
          {
            Effect: "Allow",
            Action: "secretsmanager:GetSecretValue",
            Resource: secretArns,
          },
          ...keyStatements(keyArns, place.region),
        ]),
  ];
}

/** The same of what is known later. */
export function lateUpstreamStatements(
  deployment: Deployment,
  parameterPath: string,
  secretArns: pulumi.Input<string[]>,
  keyArns: pulumi.Input<string[]>,
): pulumi.Output<object[]> {
  return pulumi
    .all([pulumi.output(deployment), secretArns, keyArns])
    .apply(([place, secrets, keys]) => upstreamStatements(place, parameterPath, secrets, keys));
}

/** Lets the containers of a gateway read what they need. */
export function createUpstreamPolicy(
  name: string,
  taskRoleName: pulumi.Input<string>,
  statements: pulumi.Output<object[]>,
  opts: pulumi.CustomResourceOptions,
): aws.iam.RolePolicy {
  return new aws.iam.RolePolicy(
    `${name}-upstreams`,
    {
      role: taskRoleName,
      policy: pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements }),
    },
    opts,
  );
}
