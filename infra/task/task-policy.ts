import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentError, check } from "../validation.ts";

/** What a service's containers may do in AWS. */
export interface TaskPolicyStatement {
  /** The actions, such as `s3:GetObject`. */
  actions: pulumi.Input<pulumi.Input<string>[]>;
  /** The ARNs of the resources, such as `arn:aws:s3:::documents/*`; `*` for actions that know no resource. */
  resources: pulumi.Input<pulumi.Input<string>[]>;
}

/** Refuses statements that IAM would refuse, and those that give everything away. */
export function checkTaskPolicy(
  component: string,
  statements: readonly TaskPolicyStatement[] | undefined,
): void {
  for (const [index, { actions, resources }] of (statements ?? []).entries()) {
    const place = `taskPolicy[${index}]`;
    checkList(component, `${place}.actions`, actions, (action) => {
      if (/^[a-z0-9-]+:(?=.*\w)[\w*]+$/iu.test(action)) return;
      throw new ArgumentError(
        component,
        `\`${place}.actions\` has \`${action}\`; give actions of one service each, such as \`s3:GetObject\` or \`s3:Get*\`. All actions of a service, or of` +
          " all services, are more than a container needs.",
      );
    });
    checkList(component, `${place}.resources`, resources, (resource) => {
      if (resource === "*" || /^arn:[\w-]+:[\w-]+:/u.test(resource)) return;
      throw new ArgumentError(
        component,
        `\`${place}.resources\` has \`${resource}\`; give an ARN, or \`*\` for actions that know no resource.`,
      );
    });
  }
}

function checkList(
  component: string,
  argument: string,
  values: pulumi.Input<pulumi.Input<string>[]>,
  test: (value: string) => void,
): void {
  check(values, (list) => {
    if (list.length === 0) {
      throw new ArgumentError(
        component,
        `\`${argument}\` is empty, which IAM refuses; give at least one, or leave the statement out.`,
      );
    }
    for (const value of list) check(value, test);
  });
}

/** Lets the containers of a task do what the statements say, and nothing else. */
export function createTaskPolicy(
  name: string,
  args: { readonly taskRole: aws.iam.Role; readonly statements: readonly TaskPolicyStatement[] },
  opts: pulumi.CustomResourceOptions,
): aws.iam.RolePolicy {
  return new aws.iam.RolePolicy(
    `${name}-task`,
    {
      role: args.taskRole.name,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: args.statements.map(({ actions, resources }) => ({
          Effect: "Allow",
          Action: actions,
          Resource: resources,
        })),
      }),
    },
    opts,
  );
}
