import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createDashboard, type LateParts } from "./dashboard-resource.ts";
import { dashboardBody, type LogTable, type Text } from "./dashboard.ts";
import { gpuWidgets } from "./gpu-graph.ts";
import { isSearchable } from "./metric-search.ts";
import {
  deployments,
  healthyTargets,
  ongoingRequests,
  replicas,
  utilization,
} from "./replica-graphs.ts";
import type { ServiceDashboardFacts } from "./service-dashboard-facts.ts";
import {
  callDuration,
  calls,
  errors,
  failedCalls,
  refusals,
  requests,
  responseTime,
  shares,
  tools,
} from "./traffic-graphs.ts";
import { upstreamGraphs } from "./upstream-graphs.ts";
import { ArgumentError, check } from "../validation.ts";

/** Refuses names of metrics that a dashboard could not find tools by. */
export function checkDashboardVariables(
  component: string,
  environment: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined,
): void {
  check(environment, (all) => {
    check(all["OTEL_SERVICE_NAME"], (serviceName) => {
      if (isSearchable(serviceName)) return;
      throw new ArgumentError(
        component,
        `\`environment.OTEL_SERVICE_NAME\` is \`${serviceName}\`, by which the dashboard searches for the tools of the service, and CloudWatch searches` +
          " for no apostrophe. Give at most 255 characters without one, or set `dashboard` to false.",
      );
    });
  });
}

/** The dashboard of a service, from what callers notice down to what may be the cause. */
export function serviceDashboardBody(facts: ServiceDashboardFacts): string {
  const host = facts.metricServiceName;
  return dashboardBody(facts.region, [
    { height: 4, widgets: [introduction(facts)] },
    { height: 6, widgets: [requests(facts), ...(host === undefined ? [] : [calls(host)])] },
    {
      height: 6,
      widgets: [
        errors(facts),
        ...(host === undefined ? [] : [failedCalls(host), refusals(host)]),
        shares(facts),
      ],
    },
    {
      height: 6,
      widgets: [responseTime(facts), ...(host === undefined ? [] : [callDuration(host)])],
    },
    {
      height: 6,
      widgets: [
        ...(host === undefined ? [] : [ongoingRequests(facts, host)]),
        replicas(facts),
        healthyTargets(facts),
      ],
    },
    { height: 6, widgets: [utilization(facts), ...gpuWidgets(facts), ...deployments(facts)] },
    { height: 6, widgets: host === undefined ? [] : upstreamGraphs(host, facts.upstreams) },
    { height: 8, widgets: host === undefined ? [] : tools(host) },
    { height: 8, widgets: [recentErrors(facts)] },
  ]);
}

function introduction(facts: ServiceDashboardFacts): Text {
  return {
    markdown: [
      `# MCP service ${facts.name}`,
      `${facts.url} · ECS service \`${facts.serviceName}\` of the cluster \`${facts.clusterName}\` · what to do: \`docs/runbook.md\` of pulumi-mcp-service`,
      "",
      `Deployments and events: \`${facts.eventsCommand}\`  `,
      `Logs: \`aws logs tail ${facts.logGroupName} --log-stream-name-prefix ${facts.name}/ --follow --region ${facts.region}\``,
      "",
      "Pulumi writes this dashboard; changes that are made here are lost.",
    ].join("\n"),
  };
}

/** The host's lines say how bad they are; another container's may not. Lines of metrics have names like `Errors` in them. */
function recentErrors(facts: ServiceDashboardFacts): LogTable {
  return {
    title: "Latest errors",
    logGroupName: facts.logGroupName,
    query: [
      "fields @timestamp, level, target, outcome, msg, err.message, requestId, @logStream, @message",
      `filter @logStream like /^${facts.name}\\//`,
      'filter level in ["error", "fatal"] or outcome = "timeout" or (not ispresent(level) and @message like /(?i)(error|exception|fatal)/' +
        " and @message not like /CloudWatchMetrics/)",
      "sort @timestamp desc",
      "limit 50",
    ],
  };
}

/** The dashboard of a service; its body is one output. */
export function createServiceDashboard(
  name: string,
  args: LateParts<Omit<ServiceDashboardFacts, "name">>,
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.Dashboard {
  return createDashboard(
    name,
    {
      kind: "service",
      region: pulumi.output(args.region),
      body: pulumi
        .output(args)
        .apply((facts) => serviceDashboardBody({ ...(facts as ServiceDashboardFacts), name })),
    },
    opts,
  );
}
