import assert from "node:assert/strict";
import { test } from "node:test";
import * as index from "../../infra/index.ts";

test("GIVEN the public API THEN it is the components and their enums, and nothing of the rooms behind", () => {
  assert.deepEqual(Object.keys(index).sort(), [
    "ArgumentError",
    "AuthMode",
    "AuthorizationServerMetadata",
    "ContainerCondition",
    "ContainerInsights",
    "CpuArchitecture",
    "DeploymentStrategy",
    "Exposure",
    "InstanceManagement",
    "McpGateway",
    "McpPlatform",
    "McpServer",
    "McpService",
    "ModelPrecision",
    "NatGateways",
    "StdioIsolation",
    "UpstreamAuthMode",
    "UpstreamKind",
  ]);
});
