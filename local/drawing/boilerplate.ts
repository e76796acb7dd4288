import type { GraphResource } from "../graph/graph.ts";
import { counted, typeName } from "./labels.ts";

/** What belongs to most stacks and reads alike in all of them: a noun for one, and for many. */
const KINDS: readonly (readonly [types: RegExp, one: string, many: string])[] = [
  [/^aws:cloudwatch\/(?:metric|composite)Alarm:/u, "alarm", "alarms"],
  [/^aws:cloudwatch\/dashboard:/u, "dashboard", "dashboards"],
  [/^aws:cloudwatch\/queryDefinition:/u, "saved query", "saved queries"],
  [/^aws:cloudwatch\/event/u, "event rule or target", "event rules and targets"],
  [/^aws:cloudwatch\/logGroup:/u, "log group", "log groups"],
  [/^aws:sns\//u, "topic or its policy", "topics and their policies"],
  [/^aws:iam\//u, "role or policy", "roles and policies"],
  [
    /^aws:ec2\/securityGroup:|^aws:vpc\/securityGroup/u,
    "security group or rule",
    "security groups and rules",
  ],
  [/^aws:secretsmanager\/|^random:/u, "secret or its value", "secrets and their values"],
  [/^aws:s3\//u, "bucket or its settings", "buckets and their settings"],
  [/^aws:efs\//u, "part of a file system", "parts of file systems"],
  [/^aws:cognito\//u, "part of a user pool", "parts of user pools"],
  [/^aws:ec2\/launchTemplate:/u, "launch template", "launch templates"],
];

/** "8 alarms, 4 roles and policies, 1 aws.appautoscaling.Target". */
export function boilerplate(resources: readonly GraphResource[]): string {
  const kinds = Map.groupBy(resources, ({ type }) =>
    KINDS.findIndex(([types]) => types.test(type)),
  );
  const known = KINDS.flatMap(([, one, many], index) => {
    const count = kinds.get(index)?.length ?? 0;
    return count === 0 ? [] : [counted(count, one, many)];
  });
  const others = [...Map.groupBy(kinds.get(-1) ?? [], ({ type }) => typeName(type))].map(
    ([type, members]) => `${members.length} ${type}`,
  );
  return [...known, ...others].join(", ");
}
