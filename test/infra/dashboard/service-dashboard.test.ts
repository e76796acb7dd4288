import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { ContainerInsights } from "../../../infra/observability/container-insights.ts";
import { AuthMode, InstanceManagement, McpServer, McpService } from "../../../infra/index.ts";
import {
  checkDashboardVariables,
  createServiceDashboard,
  serviceDashboardBody,
} from "../../../infra/dashboard/service-dashboard.ts";
import type { ServiceDashboardFacts } from "../../../infra/dashboard/service-dashboard-facts.ts";
import { ALTERNATE, GROUP, SERVICE } from "../dashboard-facts.ts";
import { dashboardSchema } from "../dashboard-schema.ts";
import { assertRefused, deploy } from "../mocks.ts";
import { HANDLE } from "../platform-handle.ts";
import { bodyOf } from "../read-metrics.ts";

const TYPE = "aws:cloudwatch/dashboard:Dashboard";

function widgetsOf(changes: Partial<ServiceDashboardFacts> = {}) {
  return dashboardSchema.parse(JSON.parse(serviceDashboardBody({ ...SERVICE, ...changes })))
    .widgets;
}

/** The titles of its graphs and tables, row by row. */
function titlesOf(changes: Partial<ServiceDashboardFacts> = {}): string[][] {
  const rows = new Map<number, string[]>();
  for (const { y, type, properties } of widgetsOf(changes)) {
    const title = type === "text" ? "(text)" : (properties.title ?? "");
    rows.set(y, [...(rows.get(y) ?? []), title]);
  }
  return [...rows.values()];
}

function graphOf(title: string, changes: Partial<ServiceDashboardFacts> = {}) {
  const found = widgetsOf(changes).find(({ properties }) =>
    "title" in properties ? properties.title === title : false,
  );
  assert.ok(found?.type === "metric", title);
  return found.properties;
}

const HOST = "tools-dev-weather";

test("GIVEN a service WHEN its dashboard is built THEN it goes from what callers notice down to what may be the cause", () => {
  assert.deepEqual(titlesOf(), [
    ["(text)"],
    ["Requests", "Calls that ended"],
    ["Failed requests", "Failed calls", "Requests refused, by reason", "Failed, of all"],
    ["Time to the first byte of an answer", "Duration of calls"],
    ["Ongoing requests of a replica", "Replicas", "Healthy replicas in each zone"],
    ["Processor and memory", "Deployments and starts"],
    ["Calls by tool", "Faults by tool", "Duration by tool, p99"],
    ["Latest errors"],
  ]);
});

test("GIVEN a container that writes no metrics WHEN the dashboard is built THEN what reads them is left out", () => {
  assert.deepEqual(titlesOf({ metricServiceName: undefined, targetOngoingRequests: undefined }), [
    ["(text)"],
    ["Requests"],
    ["Failed requests", "Failed, of all"],
    ["Time to the first byte of an answer"],
    ["Replicas", "Healthy replicas in each zone"],
    ["Processor and memory", "Deployments and starts"],
    ["Latest errors"],
  ]);
});

test("GIVEN a cluster without Container Insights WHEN the dashboard is built THEN nothing reads them, and the load balancer and the gauges count the replicas", () => {
  const changes = {
    containerInsights: "disabled",
    targetGroupArnSuffixes: [GROUP, ALTERNATE],
  };
  const group = (targetGroup: string, id: string) => [
    "AWS/ApplicationELB",
    "HealthyHostCount",
    "LoadBalancer",
    SERVICE.loadBalancerArnSuffix,
    "TargetGroup",
    targetGroup,
    { stat: "Minimum", id, visible: false },
  ];
  assert.ok(!serviceDashboardBody({ ...SERVICE, ...changes }).includes("ContainerInsights"));
  assert.deepEqual(graphOf("Replicas", changes).metrics, [
    [{ expression: "FILL(h0, 0) + FILL(h1, 0)", label: "Healthy" }],
    group(GROUP, "h0"),
    group(ALTERNATE, "h1"),
    [{ expression: "10 * FILL(g, 0) / PERIOD(g)", label: "Running" }],
    [
      "McpService",
      "OngoingRequests",
      "Service",
      HOST,
      { stat: "SampleCount", id: "g", visible: false },
    ],
  ]);
  assert.deepEqual(graphOf("Deployments and starts", changes).metrics, [
    ["McpService", "Starts", "Service", HOST, { stat: "Sum", label: "Replicas that start" }],
  ]);
});

test("GIVEN neither Container Insights nor metrics of the container WHEN the dashboard is built THEN what is left is the load balancer's", () => {
  const changes = { containerInsights: "disabled", metricServiceName: undefined };
  assert.ok(!titlesOf(changes).flat().includes("Deployments and starts"));
  assert.deepEqual(graphOf("Replicas", changes).metrics[0], [
    { expression: "FILL(h0, 0)", label: "Healthy" },
  ]);
});

test("GIVEN limits WHEN the dashboard is built THEN the lines are held against them", () => {
  assert.deepEqual(graphOf("Ongoing requests of a replica").annotations, {
    horizontal: [
      { value: 20, label: "targetOngoingRequests" },
      { value: 100, label: "maxOngoingRequests" },
    ],
  });
  assert.deepEqual(
    graphOf("Ongoing requests of a replica", { targetOngoingRequests: undefined }).annotations,
    { horizontal: [{ value: 100, label: "maxOngoingRequests" }] },
  );
  assert.deepEqual(graphOf("Replicas").annotations, {
    horizontal: [
      { value: 2, label: "minReplicas" },
      { value: 20, label: "maxReplicas" },
    ],
  });
});

test("GIVEN deployments that shift traffic WHEN the dashboard is built THEN sums go over both target groups, and the rest stands side by side", () => {
  const changes = { targetGroupArnSuffixes: [GROUP, ALTERNATE] };
  const labels = (title: string) =>
    graphOf(title, changes).metrics.flatMap((row) => {
      const last = row.at(-1);
      return typeof last === "object" && last.label !== undefined ? [last.label] : [];
    });

  assert.deepEqual(graphOf("Requests", changes).metrics[0], [
    { expression: "60 * (FILL(r0, 0) + FILL(r1, 0)) / PERIOD(r0)", label: "Requests" },
  ]);
  assert.deepEqual(labels("Time to the first byte of an answer"), [
    "p50, target group 1",
    "p90, target group 1",
    "p99, target group 1",
    "p50, target group 2",
    "p90, target group 2",
    "p99, target group 2",
  ]);
  assert.deepEqual(labels("Healthy replicas in each zone"), [
    "${PROP('Dim.AvailabilityZone')}, target group 1",
    "${PROP('Dim.AvailabilityZone')}, target group 2",
  ]);
});

test("GIVEN tools that nobody has named WHEN the dashboard is built THEN it finds those of this service", () => {
  assert.deepEqual(graphOf("Calls by tool").metrics, [
    [
      {
        expression: `SEARCH('{McpService,Service,Tool} MetricName="Calls" Service="${HOST}"', 'Sum')`,
        label: "${PROP('Dim.Tool')}",
      },
    ],
  ]);
});

test("GIVEN a log group that services share WHEN the dashboard is built THEN its errors are those of this service, and no lines of metrics", () => {
  const [log] = widgetsOf().filter(({ type }) => type === "log");
  assert.ok(log?.type === "log");
  assert.equal(
    log.properties.query,
    "SOURCE 'mcp-logs' | fields @timestamp, level, target, outcome, msg, err.message, requestId, @logStream, @message\n" +
      "| filter @logStream like /^weather\\//\n" +
      '| filter level in ["error", "fatal"] or outcome = "timeout" or (not ispresent(level) and @message like /(?i)(error|exception|fatal)/' +
      " and @message not like /CloudWatchMetrics/)\n" +
      "| sort @timestamp desc\n| limit 50",
  );
});

test("GIVEN facts that are known later WHEN the dashboard is created THEN its body is one output, and its name is the account's alone", async () => {
  const { name, region, ...facts } = SERVICE;
  const declaration = await deploy(() => {
    createServiceDashboard(
      name,
      {
        ...facts,
        region: pulumi.output(region),
        targetGroupArnSuffixes: [pulumi.output(GROUP)],
        minReplicas: pulumi.output(2),
      },
      {},
    );
  });

  const dashboard = declaration.only(TYPE, "weather");
  assert.deepEqual(Object.keys(dashboard.inputs).sort(), ["dashboardBody", "dashboardName"]);
  assert.equal(dashboard.inputs["dashboardBody"], serviceDashboardBody(SERVICE));
  assert.match(
    String(dashboard.inputs["dashboardName"]),
    /^tools-dev-weather-service-us-east-1-[\da-f]{8}$/u,
  );
  bodyOf(dashboard);
  declaration.assertNothingUndefined();
});

test("GIVEN a name for metrics that no search finds WHEN it is checked THEN it is refused", () => {
  assertRefused(() => {
    checkDashboardVariables("McpService", { OTEL_SERVICE_NAME: "the team's weather" });
  }, "McpService: `environment.OTEL_SERVICE_NAME` is `the team's weather`, by which the dashboard searches for the tools of the service, and CloudWatch searches for no apostrophe. Give at most 255 characters without one, or set `dashboard` to false.");
  checkDashboardVariables("McpService", undefined);
  checkDashboardVariables("McpService", { OTEL_SERVICE_NAME: "weather (old)" });
});

test("GIVEN a service on a platform WHEN it is declared THEN its dashboard shows what the component made, after the service", async () => {
  const declaration = await deploy(
    () =>
      new McpService("weather", {
        platform: {
          ...HANDLE,
          containerInsights: ContainerInsights.Enabled,
          instanceCapacity: {
            gpu: {
              management: InstanceManagement.AutoScalingGroup,
              instanceTypes: ["g6.xlarge"],
              spot: false,
              shareGpu: false,
              networkInterfaceTrunking: false,
            },
          },
          capacityProviders: { gpu: "shared-gpu" },
        },
        server: McpServer.Weather,
        auth: { mode: AuthMode.None },
        capacity: "gpu",
        gpu: 1,
        targetOngoingRequests: 20,
      }),
  );

  const dashboard = declaration.only(TYPE, "weather");
  assert.equal(dashboard.parent, declaration.only("pulumi-mcp-service:index:McpService").urn);
  assert.ok(dashboard.dependencies.includes("aws:ecs/service:Service weather"));
  assert.deepEqual(
    bodyOf(dashboard),
    dashboardSchema.parse(
      JSON.parse(
        serviceDashboardBody({
          ...SERVICE,
          url: `${HANDLE.origin}/mcp`,
          eventsCommand: (
            declaration.outputsOf("pulumi-mcp-service:index:McpService") as {
              eventsCommand: string;
            }
          ).eventsCommand,
          clusterName: HANDLE.clusterName,
          logGroupName: HANDLE.logGroupName,
          loadBalancerArnSuffix: HANDLE.loadBalancerArnSuffix,
          gpu: 1,
          capacity: {
            management: InstanceManagement.AutoScalingGroup,
            instanceTypes: ["g6.xlarge"],
            spot: false,
            shareGpu: false,
            networkInterfaceTrunking: false,
          },
        }),
      ),
    ),
  );
});

test("GIVEN a service alone WHEN it wants no dashboard THEN its platform has none either", async () => {
  const dashboards = async (args: { readonly dashboard?: boolean }) =>
    (
      await deploy(() => new McpService("weather", { server: McpServer.Weather, ...args }))
    ).resources.filter(({ type }) => type === TYPE);

  assert.deepEqual(await dashboards({ dashboard: false }), []);
  assert.equal((await dashboards({})).length, 2);
});
