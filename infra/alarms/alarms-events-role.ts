import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Deployment } from "../task/roles.ts";
import type { Tags } from "../tags.ts";

/** The role with which EventBridge tells a topic, and its policy; a target must come after the policy. */
export interface EventsRole {
  readonly role: aws.iam.Role;
  readonly policy: aws.iam.RolePolicy;
}

/**
 * Lets EventBridge publish to a topic for these rules. A role and not the topic's policy (EventBridge guide, "Using resource-based policies": a topic takes
 * either), so that the topic of somebody else needs no statement for EventBridge.
 */
export function createEventsRole(
  name: string,
  args: {
    readonly ruleArns: readonly pulumi.Input<string>[];
    readonly topicArn: pulumi.Input<string>;
    readonly deployment: Deployment;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): EventsRole {
  const { topicArn, deployment, tags } = args;
  const role = new aws.iam.Role(
    `${name}-events`,
    {
      description: `EventBridge tells of the deployments and tasks of ${name}`,
      assumeRolePolicy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sts:AssumeRole",
            // Else another account's rule could use it (EventBridge guide, "Cross-service confused deputy prevention").
            Condition: {
              StringEquals: { "aws:SourceAccount": deployment.accountId },
              ArnEquals: { "aws:SourceArn": [...args.ruleArns] },
            },
          },
        ],
      }),
      tags,
    },
    opts,
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-events`,
    {
      role: role.name,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "sns:Publish", Resource: topicArn }],
      }),
    },
    opts,
  );
  return { role, policy };
}
