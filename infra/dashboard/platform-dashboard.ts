import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createDashboard, type LateParts } from "./dashboard-resource.ts";
import { dashboardBody, type Text } from "./dashboard.ts";
import { capacity, clusterTasks, ofServices } from "./cluster-graphs.ts";
import {
  connections,
  distribution,
  loadBalancerErrors,
  loadBalancerRequests,
  loadBalancerResponseTime,
  natGateways,
  webAcl,
  zones,
} from "./edge-graphs.ts";
import { ALL_RULES } from "../observability/network-metrics.ts";
import type { PlatformDashboardFacts, WebAclFacts } from "./platform-dashboard-facts.ts";
import { RATE_LIMIT_RULE, WebAclScope } from "../ingress/web-acl.ts";

/** The dashboard of a platform, from what callers notice down to what may be the cause. */
export function platformDashboardBody(facts: PlatformDashboardFacts): string {
  return dashboardBody(facts.region, [
    { height: 3, widgets: [introduction(facts)] },
    {
      height: 6,
      widgets: [
        loadBalancerRequests(facts),
        loadBalancerErrors(facts),
        loadBalancerResponseTime(facts),
      ],
    },
    { height: 6, widgets: zones(facts) },
    { height: 6, widgets: ofServices(facts) },
    { height: 6, widgets: [...distribution(facts), ...webAcl(facts)] },
    { height: 6, widgets: [connections(facts), ...natGateways(facts)] },
    { height: 6, widgets: clusterTasks(facts) },
    { height: 6, widgets: capacity(facts) },
  ]);
}

function introduction(facts: PlatformDashboardFacts): Text {
  return {
    markdown: [
      `# Platform ${facts.name}`,
      `${facts.origin} · cluster \`${facts.clusterName}\` · what to do: \`docs/runbook.md\` of pulumi-mcp-service. Every service has a dashboard of its own.`,
      "",
      "Pulumi writes this dashboard; changes that are made here are lost.",
    ].join("\n"),
  };
}

/** Under which names a web ACL is measured. */
export function webAclFacts(webAcl: aws.wafv2.WebAcl): LateParts<WebAclFacts> {
  return {
    webAcl: webAcl.visibilityConfig.metricName,
    rateLimit: webAcl.rules.apply(
      (rules = []) =>
        rules.find(({ name }) => name === RATE_LIMIT_RULE)?.visibilityConfig.metricName ??
        ALL_RULES,
    ),
    isGlobal: webAcl.scope.apply((scope) => scope === WebAclScope.CloudFront),
  };
}

/** The dashboard of a platform; its body is one output. */
export function createPlatformDashboard(
  name: string,
  args: LateParts<Omit<PlatformDashboardFacts, "name">>,
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.Dashboard {
  return createDashboard(
    name,
    {
      kind: "platform",
      region: pulumi.output(args.region),
      body: pulumi
        .output(args)
        .apply((facts) => platformDashboardBody({ ...(facts as PlatformDashboardFacts), name })),
    },
    opts,
  );
}
