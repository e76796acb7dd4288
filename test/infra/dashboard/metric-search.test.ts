import assert from "node:assert/strict";
import { test } from "node:test";
import { EVERY, isSearchable, searchExpression } from "../../../infra/dashboard/metric-search.ts";
import { hostMetric, targetGroupMetric, toolMetric } from "../../../infra/observability/metrics.ts";

test("GIVEN a metric with dimensions left open WHEN it is searched for THEN the rest is matched exactly", () => {
  assert.equal(
    searchExpression(toolMetric("Calls", { service: "weather", tool: EVERY }), "Sum"),
    `SEARCH('{McpService,Service,Tool} MetricName="Calls" Service="weather"', 'Sum')`,
  );
  assert.equal(
    searchExpression(hostMetric("CallDuration", { service: EVERY }), "p99"),
    `SEARCH('{McpService,Service} MetricName="CallDuration"', 'p99')`,
  );
  assert.equal(
    searchExpression(
      targetGroupMetric("HealthyHostCount", {
        loadBalancer: "app/mcp/1",
        targetGroup: "targetgroup/weather/2",
        zone: EVERY,
      }),
      "Minimum",
    ),
    `SEARCH('{AWS/ApplicationELB,AvailabilityZone,LoadBalancer,TargetGroup} MetricName="HealthyHostCount" LoadBalancer="app/mcp/1"` +
      ` TargetGroup="targetgroup/weather/2"', 'Minimum')`,
  );
});

test("GIVEN a value with characters that mean something in a search WHEN it is searched for THEN they are escaped", () => {
  assert.equal(
    searchExpression(toolMetric("Calls", { service: String.raw`a "b" (c)\d`, tool: EVERY }), "Sum"),
    String.raw`SEARCH('{McpService,Service,Tool} MetricName="Calls" Service="a \"b\" \(c\)\\d"', 'Sum')`,
  );
});

test("GIVEN a value WHEN it has an apostrophe or no end THEN no search can name it", () => {
  assert.ok(isSearchable("tools-dev-weather"));
  assert.ok(isSearchable("x".repeat(255)));
  assert.ok(!isSearchable("x".repeat(256)));
  assert.ok(!isSearchable("it's"));
});
