import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAnswered, isAnswered } from "../../infra/host-name.ts";
import { assertRefused } from "./mocks.ts";

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
