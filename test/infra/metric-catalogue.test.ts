import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import {
  InstanceManagement,
  type InstanceCapacityFacts,
} from "../../infra/capacity/instance-capacity.ts";
import { platformDashboardBody } from "../../infra/dashboard/platform-dashboard.ts";
import { serviceDashboardBody } from "../../infra/dashboard/service-dashboard.ts";
import { PROGRAMS } from "../engine/programs.ts";
import { faultsOf, readCatalogue, type Catalogue } from "./catalogue.ts";
import { ALTERNATE, GROUP, PLATFORM, SERVICE } from "./dashboard-facts.ts";
import { dashboardSchema } from "./dashboard-schema.ts";
import { DOCUMENTED_METRICS } from "./documented-metrics.ts";
import { writtenMetrics } from "./host-metrics.ts";
import { deploy, type Declared } from "./mocks.ts";
import { metricsOfDashboard, metricsRead } from "./read-metrics.ts";

const FOLDER = join(import.meta.dirname, "..", "engine", "programs");

let catalogue: Catalogue;
before(async () => {
  catalogue = await readCatalogue();
});

const GPU: InstanceCapacityFacts = {
  management: InstanceManagement.ManagedInstances,
  instanceTypes: ["g6.xlarge"],
  spot: false,
  shareGpu: false,
  networkInterfaceTrunking: true,
};

/** Every dashboard that there can be, by what makes it another. */
const DASHBOARDS = {
  "of a service": serviceDashboardBody(SERVICE),
  "of a service whose deployments shift traffic": serviceDashboardBody({
    ...SERVICE,
    targetGroupArnSuffixes: [GROUP, ALTERNATE],
  }),
  "of a service without Container Insights": serviceDashboardBody({
    ...SERVICE,
    targetGroupArnSuffixes: [GROUP, ALTERNATE],
    containerInsights: "disabled",
  }),
  "of a service whose container writes no metrics": serviceDashboardBody({
    ...SERVICE,
    metricServiceName: undefined,
    targetOngoingRequests: undefined,
    containerInsights: "disabled",
  }),
  "of a service on GPUs": serviceDashboardBody({
    ...SERVICE,
    containerInsights: "enhanced",
    gpu: 1,
    capacity: GPU,
  }),
  "of a service on GPUs of an Auto Scaling group": serviceDashboardBody({
    ...SERVICE,
    gpu: 1,
    capacity: { ...GPU, management: InstanceManagement.AutoScalingGroup },
  }),
  "of a platform": platformDashboardBody(PLATFORM),
  "of a platform with a regional web ACL and NAT gateway": platformDashboardBody({
    ...PLATFORM,
    distributionId: undefined,
    webAcl: { webAcl: "mcp-web-acl", rateLimit: "mcp-rate-limit", isGlobal: false },
    natGatewayIds: ["nat-1"],
    regionalNatGateway: true,
  }),
  "of a platform with nothing": platformDashboardBody({
    ...PLATFORM,
    distributionId: undefined,
    webAcl: undefined,
    natGatewayIds: [],
    containerInsights: "disabled",
    hasInstances: false,
    hasGpus: false,
    autoScalingProviders: {},
  }),
};

describe("GIVEN a dashboard WHEN its metrics are looked up THEN somebody publishes each of them", () => {
  for (const [name, body] of Object.entries(DASHBOARDS)) {
    test(name, () => {
      const metrics = metricsOfDashboard(name, dashboardSchema.parse(JSON.parse(body)));
      assert.ok(metrics.length > 10);
      assert.deepEqual(faultsOf(catalogue, metrics), []);
    });
  }
});

describe("GIVEN a program of the repository WHEN what it declares is read THEN somebody publishes each metric of dashboards, alarms and scaling policies", () => {
  for (const { name, run, config } of PROGRAMS) {
    test(name, async () => {
      const prefixed = Object.entries(config).map(([key, value]) => [
        key.includes(":") ? key : `tools:${key}`,
        value,
      ]);
      const { resources } = await deploy(run, {
        config: Object.fromEntries(prefixed) as Record<string, string>,
      });
      assertPublished(resources);
    });
  }
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".ts"))) {
    test(file, async () => {
      const { resources } = await deploy(() => import(join(FOLDER, file)));
      assertPublished(resources);
    });
  }
});

/** Every component of a program has a dashboard, and nothing that is read is read in vain. */
function assertPublished(resources: readonly Declared[]): void {
  const metrics = metricsRead(resources);
  const readers = new Set(metrics.map(({ reader }) => reader));
  for (const { type, name } of resources) {
    if (type.startsWith("pulumi-mcp-service:index:Mcp"))
      assert.ok(readers.has(`aws:cloudwatch/dashboard:Dashboard ${name}`), `${type} ${name}`);
  }
  assert.deepEqual(faultsOf(catalogue, metrics), []);
}

const ALARM: Declared = {
  urn: "urn:pulumi:dev::tools::pulumi-mcp-service:index:McpService$aws:cloudwatch/metricAlarm:MetricAlarm::weather",
  type: "aws:cloudwatch/metricAlarm:MetricAlarm",
  name: "weather",
  parent: "",
  inputs: {},
  secrets: [],
  dependencies: [],
  dependsOn: [],
  ignoreChanges: [],
  deleteBeforeReplace: false,
  retainOnDelete: false,
  replaceOnChanges: [],
  customTimeouts: { create: "", update: "", delete: "" },
  provider: "",
};

function faultsOfResource(type: string, inputs: Declared["inputs"]): string[] {
  const reader = { ...ALARM, type, urn: ALARM.urn.replace(ALARM.type, type), inputs };
  return faultsOf(catalogue, metricsRead([reader]));
}

const healthy = {
  namespace: "AWS/ApplicationELB",
  metricName: "HealthyHostCount",
  dimensions: { TargetGroup: GROUP },
  statistic: "Minimum",
  period: 60,
};

test("GIVEN an alarm on a metric with a dimension too few WHEN it is read THEN it is found", () => {
  const sentence =
    "aws:cloudwatch/metricAlarm:MetricAlarm weather: AWS/ApplicationELB HealthyHostCount {TargetGroup} is published by nobody.";
  assert.deepEqual(faultsOfResource(ALARM.type, healthy), [sentence]);
  const { statistic, ...metric } = healthy;
  assert.deepEqual(
    faultsOfResource(ALARM.type, {
      metricQueries: [
        { id: "h", expression: "FILL(m, 0)" },
        { id: "m", metric: { ...metric, stat: statistic } },
      ],
    }),
    [sentence],
  );
});

test("GIVEN a scaling policy on a metric that nobody publishes WHEN it is read THEN it is found", () => {
  const type = "aws:appautoscaling/policy:Policy";
  assert.deepEqual(
    faultsOfResource(type, {
      targetTrackingScalingPolicyConfiguration: {
        customizedMetricSpecification: {
          namespace: "McpService",
          metricName: "OngoingRequests",
          dimensions: [
            { name: "Service", value: "weather" },
            { name: "Tool", value: "forecast" },
          ],
          statistic: "Average",
        },
      },
    }),
    [`${type} weather: McpService OngoingRequests {Service, Tool} is published by nobody.`],
  );
  assert.deepEqual(
    faultsOfResource(type, {
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageGPUUtilization" },
      },
    }),
    [`${type} weather: predefined ECSServiceAverageGPUUtilization {} is published by nobody.`],
  );
});

/** A dashboard of one graph. */
function faultsOfGraph(metrics: readonly unknown[], label = "Replicas", region = "eu-west-1") {
  return faultsOfResource("aws:cloudwatch/dashboard:Dashboard", {
    dashboardBody: JSON.stringify({
      widgets: [
        {
          type: "metric",
          x: 0,
          y: 0,
          width: 24,
          height: 6,
          properties: { metrics, region, period: 60, yAxis: { left: { label } } },
        },
      ],
    }),
  }).map((sentence) => sentence.replace("aws:cloudwatch/dashboard:Dashboard weather: ", ""));
}

test("GIVEN a graph with a dimension too many, another statistic, unit or region WHEN it is read THEN it is found", () => {
  const dimensions = ["LoadBalancer", "app/x", "TargetGroup", "targetgroup/x"];
  const row = (name: string, stat: string, more: readonly string[] = []) => [
    ["AWS/ApplicationELB", name, ...dimensions, ...more, { stat }],
  ];

  assert.deepEqual(faultsOfGraph(row("HealthyHostCount", "Minimum")), []);
  assert.deepEqual(faultsOfGraph(row("HealthyHostCount", "Minimum", ["Zone", "a"])), [
    "AWS/ApplicationELB HealthyHostCount {LoadBalancer, TargetGroup, Zone} is published by nobody.",
  ]);
  assert.deepEqual(faultsOfGraph(row("RequestCount", "Average")), [
    "AWS/ApplicationELB RequestCount {LoadBalancer, TargetGroup} means nothing as Average.",
  ]);
  assert.deepEqual(faultsOfGraph(row("TargetResponseTime", "p99"), "Milliseconds"), [
    "AWS/ApplicationELB TargetResponseTime {LoadBalancer, TargetGroup} is in Seconds, not in Milliseconds.",
  ]);
  assert.deepEqual(
    faultsOfGraph([
      ["AWS/CloudFront", "Requests", "DistributionId", "E1", "Region", "Global", { stat: "Sum" }],
    ]),
    ["AWS/CloudFront Requests {DistributionId, Region} is in us-east-1 alone."],
  );
});

test("GIVEN a search for a metric that nobody publishes WHEN it is read THEN it is found", () => {
  const search = (expression: string) => faultsOfGraph([[{ expression, label: "Tools" }]]);

  assert.deepEqual(
    search(`SEARCH('{McpService,Service,Tool} MetricName="Calls" Service="weather"', 'Sum')`),
    [],
  );
  assert.deepEqual(
    search(`SEARCH('{McpService,Tool} MetricName="Calls" Tool="forecast"', 'Sum')`),
    ["McpService Calls {Tool} is published by nobody."],
  );
  assert.throws(
    () => search(`SEARCH('{McpService,Tool} MetricName="Calls" Service="weather"', 'Sum')`),
    /^Error: No metric has what this searches for/u,
  );
  assert.throws(
    () => search(`SEARCH('{McpService,Service} MetricName=Calls', 'Sum')`),
    /^Error: CloudWatch cannot read this search/u,
  );
});

test("GIVEN an alarm of ten seconds WHEN it is read THEN the metric must be kept that finely", () => {
  const alarm = (metricName: string, period: number) =>
    faultsOfResource(ALARM.type, {
      namespace: "McpService",
      metricName,
      dimensions: { Service: "weather" },
      statistic: "Average",
      period,
    });

  assert.deepEqual(alarm("OngoingRequests", 10), []);
  assert.deepEqual(alarm("Calls", 60), []);
  assert.deepEqual(alarm("Calls", 10), [
    "aws:cloudwatch/metricAlarm:MetricAlarm weather: McpService Calls {Service} cannot be read every 10 seconds.",
  ]);
});

test("GIVEN the host WHEN it runs for a minute THEN it writes these metrics and no others", async () => {
  const written = (await writtenMetrics()).map(
    ({ namespace, metricName, dimensions, unit, resolution }) =>
      `${namespace} ${metricName} {${dimensions.join(", ")}} ${unit} ${resolution}`,
  );
  assert.deepEqual([...new Set(written)].sort(), [
    "McpService CallDuration {Service, Tool} Milliseconds 60",
    "McpService CallDuration {Service} Milliseconds 60",
    "McpService Calls {Service, Tool} Count 60",
    "McpService Calls {Service} Count 60",
    "McpService Errors {Service, Tool} Count 60",
    "McpService Errors {Service} Count 60",
    "McpService Faults {Service, Tool} Count 60",
    "McpService Faults {Service} Count 60",
    "McpService OngoingRequests {Service} Count 1",
    "McpService Refusals {Reason, Service} Count 60",
    "McpService Refusals {Service} Count 60",
    "McpService Starts {Service} Count 60",
    "McpService UpstreamBreakerOpen {Service, Upstream} Count 60",
    "McpService UpstreamHealthyAddresses {Service, Upstream} Count 60",
    "McpService UpstreamListAge {Service, Upstream} Seconds 60",
    "McpService UpstreamListed {Service, Upstream} Count 60",
    "McpService UpstreamProblems {Service} Count 60",
  ]);
});

test("GIVEN the documented metrics WHEN they are read THEN each stands once, its dimensions sorted, on a page of AWS's", () => {
  const names: string[] = [];
  for (const { page, namespace, names: own, dimensions } of DOCUMENTED_METRICS) {
    assert.match(page, /^[\w-]+(?:\/[\w-]+)+\.html$/u);
    for (const set of dimensions) assert.deepEqual(set, [...set].sort());
    names.push(...own.map((name) => `${namespace} ${name}`));
  }
  assert.deepEqual(names, [...new Set(names)]);
});
