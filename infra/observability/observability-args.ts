import type * as pulumi from "@pulumi/pulumi";
import { checkAlarmEmail, checkTopicArn } from "../alarms/alarms-topic.ts";
import { ContainerInsights } from "./container-insights.ts";
import { Exposure } from "../ingress/exposure.ts";
import { checkKeyArn } from "./log-group.ts";
import { GLOBAL_REGION } from "./network-metrics.ts";
import { ArgumentError, check, oneOf } from "../validation.ts";

/** The arguments of a platform about what an operator sees, and is told. */
export interface ObservabilityArguments {
  /**
   * Whether CloudWatch watches what services share: the load balancer, the NAT gateways, the instances, and CloudFront where it stands before the load
   * balancer. Services have alarms of their own.
   * Default: true; about 0.80 USD a month over three zones, 0.10 more for each capacity of instances.
   */
  alarms?: boolean;
  /**
   * Whether the platform has a CloudWatch dashboard: the load balancer, its zones, CloudFront, the web ACL, the NAT gateways, the instances, and all services
   * side by side. Services have dashboards of their own.
   * Default: true; CloudWatch gives an account three dashboards, and takes 3 USD a month for each further one.
   */
  dashboard?: boolean;
  /**
   * The ARN of an SNS topic of yours that alarms and events tell, in the same region. Its policy must let `cloudwatch.amazonaws.com` publish; that of
   * another account's topic must let this account's roles publish, too, as which events come. If it has a key, the key's policy must let
   * `cloudwatch.amazonaws.com` use it, and the account's roles where they come through SNS (`kms:ViaService`); the key of SNS itself (`alias/aws/sns`) does
   * not let CloudWatch.
   * Default: a topic of the platform's own, which costs nothing and which nobody has subscribed to: see `alarmEmail`.
   */
  alarmTopicArn?: pulumi.Input<string>;
  /**
   * The ARN of an SNS topic of yours in us-east-1, for the alarm on CloudFront's errors: its metrics are there, and an alarm tells no topic of another
   * region. Only where `exposure` is `assigned`.
   * Default: a topic of the platform's own there; none where `alarmTopicArn` is given, but that topic if it is in us-east-1.
   */
  cloudFrontAlarmTopicArn?: pulumi.Input<string>;
  /**
   * The address that the platform's own topics write to. SNS asks it for its consent first, once for each topic; nothing arrives until somebody has
   * followed the link.
   * Default: none; subscribe to `handle.alarmTopicArn`.
   */
  alarmEmail?: pulumi.Input<string>;
  /**
   * The ARN of a KMS key of the same region that encrypts the logs and the generated secrets. Its policy must let CloudWatch Logs use it, which cannot be
   * checked before: `logs.<region>.amazonaws.com` needs `kms:Encrypt*`, `kms:Decrypt*`, `kms:ReEncrypt*`, `kms:GenerateDataKey*` and `kms:Describe*`, best
   * with the condition `ArnLike` `kms:EncryptionContext:aws:logs:arn` `arn:aws:logs:<region>:<account>:log-group:*`. Without it `pulumi up` fails at the log
   * group. Tasks may decrypt with it through Secrets Manager alone.
   * Default: none; AWS encrypts both with keys of its own. A key costs 1 USD a month.
   */
  kmsKeyArn?: pulumi.Input<string>;
  /**
   * What ECS measures beyond the processor and memory of each service, which are free.
   * Default: `disabled`: alarms and scaling read none of it, and dashboards do without; `enabled` is about 9 USD a month for each service. GPUs are seen
   * with `enhanced` alone, on ECS Managed Instances.
   */
  containerInsights?: ContainerInsights;
}

/** Refuses what AWS would refuse, and what nobody would ever hear of. */
export function checkObservability(
  component: string,
  args: ObservabilityArguments,
  exposure: Exposure,
): void {
  check(args.containerInsights, oneOf(component, "containerInsights", ContainerInsights));
  checkTopicArn(component, "alarmTopicArn", args.alarmTopicArn);
  checkTopicArn(component, "cloudFrontAlarmTopicArn", args.cloudFrontAlarmTopicArn, GLOBAL_REGION);
  checkAlarmEmail(component, args.alarmEmail);
  check(args.kmsKeyArn, (arn) => {
    checkKeyArn(component, "kmsKeyArn", arn);
  });
  if (args.alarmEmail !== undefined && args.alarmTopicArn !== undefined) {
    throw new ArgumentError(
      component,
      "`alarmEmail` is given beside `alarmTopicArn`: the topic is yours, and so are its subscriptions. Leave one of them out.",
    );
  }
  if (args.cloudFrontAlarmTopicArn === undefined) return;
  if (exposure !== Exposure.Assigned || args.alarms === false) {
    throw new ArgumentError(
      component,
      `\`cloudFrontAlarmTopicArn\` is given, but ${args.alarms === false ? "`alarms` is false" : `\`exposure\` is \`${exposure}\`, without CloudFront`}: nothing` +
        " would be published there. Leave it out.",
    );
  }
}
