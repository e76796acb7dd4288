import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { taskFamily } from "../task/task.ts";

/** A question that is asked at night, in the language of CloudWatch Logs Insights; the fields are those that the host writes (docs/container.md). */
export interface LogQuery {
  /** What it is called in the folder of the platform. */
  readonly title: string;
  /** Its commands, without the pipes between them. */
  readonly commands: readonly string[];
}

/** What stands for an id in a query that looks for one. */
const PLACEHOLDER = "PUT-THE-ID-HERE";

export const LOG_QUERIES: readonly LogQuery[] = [
  {
    title: "Errors by tool",
    commands: [
      'filter msg = "call" and outcome in ["internal_error", "timeout", "tool_error"]',
      "stats count(*) as calls, count_distinct(replica) as replicas, max(@timestamp) as latest by service, method, target, outcome, err.message",
      "sort calls desc",
    ],
  },
  {
    title: "Slowest calls",
    commands: [
      'filter msg = "call"',
      "fields @timestamp, service, method, target, durationMilliseconds, outcome, replica, zone, requestId, traceId",
      "sort durationMilliseconds desc",
      "limit 50",
    ],
  },
  {
    title: "One request across replicas",
    commands: [
      `filter requestId = "${PLACEHOLDER}" or traceId = "${PLACEHOLDER}"`,
      "fields @timestamp, service, replica, level, msg, method, target, outcome, errorCode, durationMilliseconds, caller, err.message",
      "sort @timestamp asc",
    ],
  },
  {
    title: "Refused requests",
    commands: [
      'filter msg = "request refused"',
      "stats count(*) as requests by bin(5m), service, status, reason, method",
      "sort requests desc",
    ],
  },
  {
    title: "Starts and ends of replicas",
    commands: [
      'filter msg in ["ready", "draining", "drained", "drain failed", "uncaught exception"]',
      "fields @timestamp, service, replica, zone, level, msg, err.message",
      "sort @timestamp desc",
      "limit 200",
    ],
  },
];

/** Saves the queries beside the log group that they search, in a folder of the platform; they cost nothing until they run (0.005 USD for each GB searched). */
export function createLogQueries(
  name: string,
  args: { readonly logGroupName: pulumi.Input<string> },
  opts: pulumi.CustomResourceOptions,
): void {
  for (const { title, commands } of LOG_QUERIES) {
    new aws.cloudwatch.QueryDefinition(
      `${name}-${title.toLowerCase().replaceAll(" ", "-")}`,
      {
        // The name is the folder, too, and unique in an account and region.
        name: `${taskFamily(name)}/${title}`,
        logGroupNames: [args.logGroupName],
        queryString: commands.join("\n| "),
      },
      opts,
    );
  }
}
