import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Deployment } from "../task/roles.ts";
import type { Tags } from "../tags.ts";
import { ArgumentError, check } from "../validation.ts";

/** Refuses what is not an address to which SNS could send. */
export function checkAlarmEmail(
  component: string,
  alarmEmail: pulumi.Input<string> | undefined,
): void {
  check(alarmEmail, (address) => {
    if (/^[^\s@]+@[^\s@]+$/u.test(address)) return;
    throw new ArgumentError(
      component,
      `\`alarmEmail\` is \`${address}\`; give an address such as \`on-call@example.com\`.`,
    );
  });
}

/**
 * Refuses what is not a topic, and FIFO topics, which nobody could subscribe an address to.
 *
 * @param region of the alarm: it tells no topic of another one ("Invalid region … specified", terraform-provider-aws).
 */
export function checkTopicArn(
  component: string,
  argument: string,
  topicArn: pulumi.Input<string> | undefined,
  region?: string,
): void {
  check(topicArn, (arn) => {
    const [prefix, , service, topicRegion, , topic = ""] = arn.split(":");
    if (prefix !== "arn" || service !== "sns" || topic === "" || topic.endsWith(".fifo")) {
      throw new ArgumentError(
        component,
        `\`${argument}\` is \`${arn}\`; give the ARN of a standard SNS topic, such as \`arn:aws:sns:us-east-1:123456789012:alarms\`.`,
      );
    }
    if (region === undefined || topicRegion === region) return;
    throw new ArgumentError(
      component,
      `\`${argument}\` is a topic of ${topicRegion ?? ""}, but the alarm on CloudFront's errors lives in ${region} and notifies no other region. Give a` +
        " topic of that region.",
    );
  });
}

/**
 * A topic for alarms and events of this account. Not encrypted with a key: CloudWatch may not use that of SNS (`alias/aws/sns`), whose policy nobody can
 * change, and with a customer's key whose policy forgets `cloudwatch.amazonaws.com` alarms would be lost without a word; they hold no secrets. Whoever must
 * have one gives a topic.
 */
export function createAlarmTopic(
  name: string,
  args: {
    readonly email: pulumi.Input<string> | undefined;
    readonly deployment: Deployment;
    /** Where the topic is, if not where the stack is. */
    readonly region?: string;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const placed = args.region === undefined ? {} : { region: args.region };
  const topic = new aws.sns.Topic(name, { ...placed, tags: args.tags }, opts);
  const policy = new aws.sns.TopicPolicy(
    name,
    {
      ...placed,
      arn: topic.arn,
      policy: pulumi
        .all([topic.arn, pulumi.output(args.deployment)])
        .apply(([arn, { partition, region, accountId }]) =>
          JSON.stringify(topicPolicy(arn, { partition, region: args.region ?? region, accountId })),
        ),
    },
    opts,
  );
  if (args.email !== undefined) {
    new aws.sns.TopicSubscription(
      name,
      { ...placed, topic: topic.arn, protocol: "email", endpoint: args.email },
      opts,
    );
  }
  // Whoever publishes comes after the policy that allows it.
  return pulumi.all([topic.arn, policy.id]).apply(([arn]) => arn);
}

/** Lets the alarms of this account publish; else anybody's could be pointed here. Events come with a role of their own. */
export function topicPolicy(
  topicArn: string,
  from: { readonly partition: string; readonly region: string; readonly accountId: string },
): object {
  const { partition, region, accountId } = from;
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: topicArn,
        Condition: {
          StringEquals: { "aws:SourceAccount": accountId },
          ArnLike: {
            "aws:SourceArn": `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:*`,
          },
        },
      },
    ],
  };
}
