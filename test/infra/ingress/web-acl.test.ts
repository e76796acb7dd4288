import assert from "node:assert/strict";
import { test } from "node:test";
import {
  checkWebAcl,
  createWebAcl,
  WebAclScope,
  type WebAcl,
} from "../../../infra/ingress/web-acl.ts";
import { assertRefused, deploy } from "../mocks.ts";

const webAcl = async (given: WebAcl, scope: WebAclScope) =>
  (
    await deploy(() => createWebAcl("edge", { scope, webAcl: given, tags: { team: "blue" } }, {}))
  ).only("aws:wafv2/webAcl:WebAcl").inputs;

const visibilityConfig = (metricName: string) => ({
  cloudwatchMetricsEnabled: true,
  metricName,
  sampledRequestsEnabled: false,
});

test("GIVEN a web ACL WHEN it is declared THEN it limits rates, and counts what MCP calls would break", async () => {
  assert.deepEqual(await webAcl({}, WebAclScope.CloudFront), {
    scope: "CLOUDFRONT",
    region: "us-east-1",
    description: "MCP services of edge",
    defaultAction: { allow: {} },
    rules: [
      {
        name: "rate-limit",
        priority: 0,
        action: { block: {} },
        statement: {
          rateBasedStatement: {
            aggregateKeyType: "IP",
            limit: 2000,
            evaluationWindowSec: 300,
          },
        },
        visibilityConfig: visibilityConfig("edge-rate-limit"),
      },
      {
        name: "common",
        priority: 1,
        overrideAction: { none: {} },
        statement: {
          managedRuleGroupStatement: {
            vendorName: "AWS",
            name: "AWSManagedRulesCommonRuleSet",
            // WAF ignores a name that it does not know without a word: these are spelt as in its guide, "Baseline rule groups".
            ruleActionOverrides: [
              { name: "SizeRestrictions_BODY", actionToUse: { count: {} } },
              { name: "CrossSiteScripting_BODY", actionToUse: { count: {} } },
              { name: "GenericLFI_BODY", actionToUse: { count: {} } },
              { name: "GenericRFI_BODY", actionToUse: { count: {} } },
              { name: "EC2MetaDataSSRF_BODY", actionToUse: { count: {} } },
              { name: "NoUserAgent_HEADER", actionToUse: { count: {} } },
            ],
          },
        },
        visibilityConfig: visibilityConfig("edge-common"),
      },
    ],
    visibilityConfig: visibilityConfig("edge-web-acl"),
    tags: { team: "blue" },
  });
});

test("GIVEN limits WHEN a regional web ACL is declared THEN it has them, and is where the stack is", async () => {
  const inputs = await webAcl({ rateLimit: 100, rateLimitWindowSeconds: 60 }, WebAclScope.Regional);
  const [limit] = inputs["rules"] as { statement: unknown }[];

  assert.equal(inputs["scope"], "REGIONAL");
  assert.ok(!("region" in inputs));
  assert.deepEqual(limit?.statement, {
    rateBasedStatement: { aggregateKeyType: "IP", limit: 100, evaluationWindowSec: 60 },
  });
});

test("GIVEN limits that WAF does not know WHEN they are checked THEN they are refused", () => {
  for (const rateLimit of [9, 2_000_000_001, 10.5]) {
    assertRefused(() => {
      checkWebAcl("McpPlatform", { rateLimit });
    }, `McpPlatform: \`webAcl.rateLimit\` is ${rateLimit}; give a whole number of requests from 10 to 2000000000.`);
  }
  assertRefused(() => {
    checkWebAcl("McpPlatform", { rateLimitWindowSeconds: 90 });
  }, "McpPlatform: `webAcl.rateLimitWindowSeconds` is 90; WAF counts over 60, 120, 300, 600 seconds alone. Give one of these.");
});

test("GIVEN limits that WAF knows, or none WHEN they are checked THEN they pass", () => {
  checkWebAcl("McpPlatform", undefined);
  checkWebAcl("McpPlatform", {});
  for (const rateLimitWindowSeconds of [60, 120, 300, 600]) {
    checkWebAcl("McpPlatform", { rateLimit: 10, rateLimitWindowSeconds });
  }
});
