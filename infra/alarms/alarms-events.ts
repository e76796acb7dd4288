import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createEventsRole } from "./alarms-events-role.ts";
import { withRunbook, type RunbookEntry } from "./alarms.ts";
import type { Deployment } from "../task/roles.ts";
import type { Tags } from "../tags.ts";

/** What ECS tells when it cannot place or start tasks (ECS guide, "Service action events"). */
const NOT_PLACED = [
  "ECS_OPERATION_THROTTLED",
  "SERVICE_TASK_CONFIGURATION_FAILURE",
  "SERVICE_TASK_PLACEMENT_FAILURE",
  "SERVICE_TASK_START_IMPAIRED",
];

/** A rule, and what is said of its events. */
export interface EventNotice {
  readonly rule: aws.cloudwatch.EventRule;
  /** Paths in the event, by the names that the text uses. */
  readonly paths: Readonly<Record<string, string>>;
  /** With the names in angle brackets. */
  readonly text: string;
  readonly runbook: RunbookEntry;
}

/**
 * The rules for what no metric tells: a deployment that was given up, and tasks that find no place or do not start. One of each for all services of a
 * cluster, which are known by the beginning of their ARNs: so the rules are there before the first service is.
 */
export function createEventRules(
  name: string,
  args: {
    readonly clusterArn: pulumi.Input<string>;
    readonly clusterName: pulumi.Input<string>;
    readonly deployment: Deployment;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): EventNotice[] {
  const { deployment, tags } = args;
  const rule = (
    suffix: string,
    description: string,
    eventPattern: pulumi.Output<string>,
  ): aws.cloudwatch.EventRule =>
    new aws.cloudwatch.EventRule(`${name}-${suffix}`, { description, eventPattern, tags }, opts);
  const serviceArns = pulumi.interpolate`arn:${deployment.partition}:ecs:${deployment.region}:${deployment.accountId}:service/${args.clusterName}/`;
  return [
    {
      rule: rule(
        "deployment-failed",
        `ECS has given up a deployment of a service of ${name}.`,
        pulumi.jsonStringify({
          source: ["aws.ecs"],
          "detail-type": ["ECS Deployment State Change"],
          // These events do not tell the cluster.
          resources: [{ prefix: serviceArns }],
          detail: { eventName: ["SERVICE_DEPLOYMENT_FAILED"] },
        }),
      ),
      paths: { service: "$.resources[0]", reason: "$.detail.reason", time: "$.time" },
      text: "ECS has given up the deployment of <service> at <time>: <reason>. It goes back to the last revision that was complete; the fault stays until the next deployment.",
      runbook: "deployment-failed",
    },
    {
      rule: rule(
        "tasks-not-placed",
        `ECS cannot place or start tasks of a service of ${name}.`,
        pulumi.jsonStringify({
          source: ["aws.ecs"],
          "detail-type": ["ECS Service Action"],
          detail: { clusterArn: [args.clusterArn], eventName: NOT_PLACED },
        }),
      ),
      paths: {
        service: "$.resources[0]",
        event: "$.detail.eventName",
        reason: "$.detail.reason",
        time: "$.time",
      },
      text: "ECS cannot place or start tasks of <service> at <time>: <event> <reason>. Replicas that run go on serving.",
      runbook: "tasks-not-placed",
    },
  ];
}

/** Has a topic told of events, in a text that says what to do. */
export function notify(
  name: string,
  notices: readonly EventNotice[],
  args: {
    readonly topicArn: pulumi.Input<string>;
    readonly deployment: Deployment;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): void {
  if (notices.length === 0) return;
  const ruleArns = notices.map(({ rule }) => rule.arn);
  const { role, policy } = createEventsRole(name, { ruleArns, ...args }, opts);
  for (const { rule, paths, text, runbook } of notices) {
    new aws.cloudwatch.EventTarget(
      `${name}-${runbook}`,
      {
        rule: rule.name,
        arn: args.topicArn,
        roleArn: role.arn,
        inputTransformer: {
          inputPaths: { ...paths },
          // A text, as JSON has it: without the quotes EventBridge would take it for an object.
          inputTemplate: `"${withRunbook(text, runbook)}"`,
        },
      },
      { ...opts, dependsOn: policy },
    );
  }
}
