import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { stdioEnvironment, StdioIsolation, type StdioServer } from "../../../infra/task/stdio.ts";
import { valueOf } from "../mocks.ts";

const BARE: StdioServer = { command: ["x"], npmPackages: ["x@1.0.0"] };

test("GIVEN a stdio server with a command alone WHEN its wrapper is told THEN every default stands in the task definition", async () => {
  assert.deepEqual(await valueOf(stdioEnvironment(BARE)), {
    STDIO_ISOLATION: "shared",
    STDIO_MAX_ONGOING_REQUESTS: "32",
    STDIO_MAX_QUEUED_REQUESTS: "256",
    STDIO_PROCESSES: "2",
  });
});

test("GIVEN all settings of a stdio server WHEN its wrapper is told THEN each arrives, in an order of its own", async () => {
  const environment = stdioEnvironment({
    ...BARE,
    processes: pulumi.output(3),
    maxOngoingRequestsPerProcess: 8,
    maxQueuedRequests: 0,
    environment: ["TOKEN", pulumi.output("API_KEY"), "TOKEN"],
    toolTimeouts: { slow: 50, fast: pulumi.output(2) },
    idempotentTools: ["read", "list_*"],
    isolation: StdioIsolation.Shared,
  });

  assert.deepEqual(await valueOf(environment), {
    STDIO_ENVIRONMENT: "API_KEY,TOKEN",
    STDIO_IDEMPOTENT_TOOLS: "list_*,read",
    STDIO_ISOLATION: "shared",
    STDIO_MAX_ONGOING_REQUESTS: "8",
    STDIO_MAX_QUEUED_REQUESTS: "0",
    STDIO_PROCESSES: "3",
    STDIO_TOOL_TIMEOUTS: '{"fast":2,"slow":50}',
  });
});

test("GIVEN a process for each call WHEN the wrapper is told THEN a process has one request", async () => {
  const { STDIO_ISOLATION, STDIO_MAX_ONGOING_REQUESTS } = await valueOf(
    stdioEnvironment({ ...BARE, isolation: StdioIsolation.PerCall }),
  );

  assert.deepEqual([STDIO_ISOLATION, STDIO_MAX_ONGOING_REQUESTS], ["per-call", "1"]);
});
