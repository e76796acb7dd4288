import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAnswered, checkRuleHostName, isAnswered } from "../../../infra/ingress/host-name.ts";
import { assertRefused } from "../mocks.ts";

test("GIVEN a platform's names WHEN a host name is looked for THEN a wildcard stands for exactly one label, and case means nothing", () => {
  const names = ["mcp.example.com", "*.mcp.example.com"];
  for (const host of ["mcp.example.com", "MCP.example.com", "weather.mcp.example.com"]) {
    assert.ok(isAnswered(names, host), host);
  }
  for (const host of [
    "example.com",
    "a.b.mcp.example.com",
    "xmcp.example.com",
    ".mcp.example.com",
  ]) {
    assert.ok(!isAnswered(names, host), host);
  }
  assert.ok(!isAnswered([], "mcp.example.com"));
});

test("GIVEN a host name that the platform has no certificate for WHEN it is checked THEN it is refused with the names that there are", () => {
  checkAnswered("McpService", ["mcp.example.com"], "mcp.example.com");
  assertRefused(() => {
    checkAnswered("McpService", ["mcp.example.com"], "a.example.com");
  }, "McpService: `hostName` is `a.example.com`, but the platform answers to `mcp.example.com` alone. Put it among the platform's `alternativeDomainNames`.");
  assertRefused(() => {
    checkAnswered("McpService", [], "a.example.com");
  }, "McpService: `hostName` is `a.example.com`, but the platform answers to the name that AWS gives it alone. Give the platform a `domainName`, and this" + " one among its `alternativeDomainNames`, or leave it out.");
});

test("GIVEN a host name WHEN a listener rule is to ask for it THEN it passes as far as ELB takes it", () => {
  const longest = `${"a".repeat(60)}.${"b".repeat(63)}.com`;
  for (const host of ["mcp.example.com", "mcp.xn--p1ai", longest])
    checkRuleHostName("McpService", host);
  for (const host of [`a${longest}`, "localhost", "10.0.0.1"]) {
    assertRefused(
      () => {
        checkRuleHostName("McpService", host);
      },
      `McpService: \`hostName\` is \`${host}\`; a load balancer's rule takes at most 128 characters, with a dot, and letters after the last one. Give such a` +
        " name, or tell services apart by `path`.",
    );
  }
});
