import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { dashboardName } from "../../../infra/dashboard/dashboard-resource.ts";
import {
  createPlatformDashboard,
  platformDashboardBody,
  webAclFacts,
} from "../../../infra/dashboard/platform-dashboard.ts";
import type { PlatformDashboardFacts } from "../../../infra/dashboard/platform-dashboard-facts.ts";
import { McpPlatform, NatGateways } from "../../../infra/index.ts";
import { createWebAcl, WebAclScope } from "../../../infra/ingress/web-acl.ts";
import { PLATFORM } from "../dashboard-facts.ts";
import { dashboardSchema } from "../dashboard-schema.ts";
import { deploy } from "../mocks.ts";
import { bodyOf } from "../read-metrics.ts";

function graphsOf(changes: Partial<PlatformDashboardFacts> = {}) {
  const { widgets } = dashboardSchema.parse(
    JSON.parse(platformDashboardBody({ ...PLATFORM, ...changes })),
  );
  return widgets.flatMap((widget) => (widget.type === "metric" ? [widget.properties] : []));
}

const titlesOf = (changes: Partial<PlatformDashboardFacts> = {}) =>
  graphsOf(changes).map(({ title }) => title);

function graphOf(title: string, changes: Partial<PlatformDashboardFacts> = {}) {
  const graph = graphsOf(changes).find((candidate) => candidate.title === title);
  assert.ok(graph !== undefined, title);
  return graph;
}

const EDGE = ["CloudFront: requests", "CloudFront: failed requests"];
const NAT = [
  "NAT gateways: to the internet",
  "NAT gateways: packets lost",
  "NAT gateways: no port free",
];
const INSTANCES = ["Instances: given out to replicas", "Instances: needed, of those that run"];

test("GIVEN a platform with everything WHEN its dashboard is built THEN it goes from what callers notice down to what may be the cause", () => {
  assert.deepEqual(titlesOf(), [
    "Requests that replicas got",
    "Failed requests",
    "Time to the first byte of an answer",
    "Healthy replicas by zone and target group",
    "Unhealthy replicas by zone and target group",
    "Requests by zone",
    "5xx of replicas by zone",
    "Calls by service",
    "Faults by service",
    "Duration of calls by service, p99",
    "Processor by service",
    ...EDGE,
    "Web ACL",
    "Connections of the load balancer",
    ...NAT,
    "Replicas running, by service",
    "Used, of what tasks have",
    ...INSTANCES,
  ]);
});

test("GIVEN a platform with less WHEN its dashboard is built THEN what is not there is not on it", () => {
  const without = (changes: Partial<PlatformDashboardFacts>) =>
    titlesOf().filter((title) => !titlesOf(changes).includes(title));

  assert.deepEqual(without({ distributionId: undefined }), EDGE);
  assert.deepEqual(without({ webAcl: undefined }), ["Web ACL"]);
  assert.deepEqual(without({ natGatewayIds: [] }), NAT);
  assert.deepEqual(without({ containerInsights: "disabled" }), [
    "Replicas running, by service",
    "Used, of what tasks have",
  ]);
  assert.deepEqual(without({ hasInstances: false }), INSTANCES);
  assert.deepEqual(without({ autoScalingProviders: {} }), INSTANCES.slice(1));
});

test("GIVEN what lives in us-east-1 alone WHEN the dashboard of another region is built THEN it is looked for there", () => {
  const elsewhere = (changes: Partial<PlatformDashboardFacts> = {}) =>
    graphsOf(changes)
      .filter(({ region }) => region !== "eu-west-1")
      .map(({ title, region }) => `${title ?? ""} ${region}`);

  assert.deepEqual(
    elsewhere(),
    [...EDGE, "Web ACL"].map((title) => `${title} us-east-1`),
  );
  assert.deepEqual(
    elsewhere({
      distributionId: undefined,
      webAcl: { webAcl: "mcp-web-acl", rateLimit: "mcp-rate-limit", isGlobal: false },
    }),
    [],
  );
});

test("GIVEN a web ACL WHEN the dashboard is built THEN a regional one has the region among its dimensions", () => {
  const rows = (isGlobal: boolean) =>
    graphOf("Web ACL", {
      webAcl: { webAcl: "mcp-web-acl", rateLimit: "mcp-rate-limit", isGlobal },
    }).metrics.flatMap((row) =>
      typeof row[0] === "string" ? [row.filter((each) => typeof each === "string").join(" ")] : [],
    );

  assert.deepEqual(rows(true), [
    "AWS/WAFV2 AllowedRequests Rule ALL WebACL mcp-web-acl",
    "AWS/WAFV2 BlockedRequests Rule ALL WebACL mcp-web-acl",
    "AWS/WAFV2 BlockedRequests Rule mcp-rate-limit WebACL mcp-web-acl",
  ]);
  assert.deepEqual(rows(false), [
    "AWS/WAFV2 AllowedRequests Region eu-west-1 Rule ALL WebACL mcp-web-acl",
    "AWS/WAFV2 BlockedRequests Region eu-west-1 Rule ALL WebACL mcp-web-acl",
    "AWS/WAFV2 BlockedRequests Region eu-west-1 Rule mcp-rate-limit WebACL mcp-web-acl",
  ]);
});

test("GIVEN NAT gateways WHEN the dashboard is built THEN a regional one is looked for zone by zone", () => {
  const [title = ""] = NAT;
  assert.deepEqual(graphOf(title).metrics, [
    [
      "AWS/NATGateway",
      "BytesOutToDestination",
      "NatGatewayId",
      "nat-1",
      { stat: "Sum", label: "nat-1" },
    ],
    [
      "AWS/NATGateway",
      "BytesOutToDestination",
      "NatGatewayId",
      "nat-2",
      { stat: "Sum", label: "nat-2" },
    ],
  ]);
  assert.deepEqual(graphOf(title, { natGatewayIds: ["nat-1"], regionalNatGateway: true }).metrics, [
    [
      {
        expression: `SEARCH('{AWS/NATGateway,AvailabilityZone,NatGatewayId} MetricName="BytesOutToDestination" NatGatewayId="nat-1"', 'Sum')`,
        label: "${PROP('Dim.AvailabilityZone')}",
      },
    ],
  ]);
});

test("GIVEN instances without GPUs WHEN the dashboard is built THEN no GPUs are looked for", () => {
  assert.ok(platformDashboardBody(PLATFORM).includes("GPUReservation"));
  assert.ok(!platformDashboardBody({ ...PLATFORM, hasGpus: false }).includes("GPUReservation"));
});

test("GIVEN facts that are known later WHEN the dashboard is created THEN its body is one output", async () => {
  const { name, region, ...facts } = PLATFORM;
  const declaration = await deploy(() => {
    createPlatformDashboard(
      name,
      { ...facts, region: pulumi.output(region), distributionId: pulumi.output("E1") },
      {},
    );
  });

  const { inputs } = declaration.only("aws:cloudwatch/dashboard:Dashboard", "mcp");
  assert.equal(inputs["dashboardBody"], platformDashboardBody(PLATFORM));
  assert.match(String(inputs["dashboardName"]), /^tools-dev-mcp-platform-eu-west-1-[\da-f]{8}$/u);
  declaration.assertNothingUndefined();
});

test("GIVEN dashboards of an account WHEN they are named THEN no two names are alike, and each is one that CloudWatch takes", async () => {
  const { result } = await deploy(() => [
    dashboardName("service", "a", "eu-west-1"),
    dashboardName("platform", "a", "eu-west-1"),
    dashboardName("service", "a", "eu-west-2"),
    dashboardName("service", "a-service", "eu-west-1"),
    dashboardName("service", "x".repeat(300), "eu-west-1"),
  ]);
  assert.equal(new Set(result).size, result.length);
  for (const name of result) assert.match(name, /^[\w-]{1,255}$/u);
});

test("GIVEN a web ACL of the platform WHEN its facts are read THEN they are the names of its metrics", async () => {
  const facts = async (scope: WebAclScope) => {
    const { result } = await deploy(
      () =>
        new Promise((resolve) => {
          pulumi
            .output(webAclFacts(createWebAcl("mcp", { scope, webAcl: {}, tags: undefined }, {})))
            .apply(resolve);
        }),
    );
    return result;
  };
  const names = { webAcl: "mcp-web-acl", rateLimit: "mcp-rate-limit" };
  assert.deepEqual(await facts(WebAclScope.CloudFront), { ...names, isGlobal: true });
  assert.deepEqual(await facts(WebAclScope.Regional), { ...names, isGlobal: false });
});

test("GIVEN a platform WHEN it is declared THEN its dashboard shows what the component made, or is not there if not wanted", async () => {
  const type = "aws:cloudwatch/dashboard:Dashboard";
  const declaration = await deploy(
    () => new McpPlatform("mcp", { natGateways: NatGateways.Regional, webAcl: {} }),
  );
  const dashboard = declaration.only(type, "mcp");

  assert.equal(dashboard.parent, declaration.only("pulumi-mcp-service:index:McpPlatform").urn);
  assert.deepEqual(
    bodyOf(dashboard),
    dashboardSchema.parse(
      JSON.parse(
        platformDashboardBody({
          ...PLATFORM,
          region: "us-east-1",
          origin: "https://mcp.cloudfront.example",
          distributionId: "mcp-id",
          natGatewayIds: ["mcp-id"],
          regionalNatGateway: true,
          containerInsights: "disabled",
          hasInstances: false,
          hasGpus: false,
          autoScalingProviders: {},
        }),
      ),
    ),
  );

  const without = await deploy(() => new McpPlatform("mcp", { dashboard: false }));
  assert.deepEqual(
    without.resources.filter((resource) => resource.type === type),
    [],
  );
});
