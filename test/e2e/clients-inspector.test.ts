import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { z } from "zod";
import {
  ABROAD_ARGUMENTS,
  ALERTS_ARGUMENTS,
  assertAbroad,
  assertAlerts,
  assertForecast,
  assertTools,
  assertUnknownArea,
  FORECAST_ARGUMENTS,
  UNKNOWN_AREA_ARGUMENTS,
} from "./expected.ts";
import { npmProgram } from "./npm-program.ts";
import { startStack, type Stack } from "./stack.ts";

const INSPECTOR = {
  package: "@modelcontextprotocol/inspector",
  version: "2.12.0",
  program: "mcp-inspector",
};
const OLDEST_NODE = [22, 19];

const run = promisify(execFile);

const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const success = z.object({ result: z.looseObject({}) });
const executionError = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });

/** How a run of the Inspector has ended. */
interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const isTooOld =
  major < (OLDEST_NODE[0] ?? 0) || (major === OLDEST_NODE[0] && minor < (OLDEST_NODE[1] ?? 0));
const skip = isTooOld
  ? `the Inspector needs Node ${OLDEST_NODE.join(".")}, this is ${process.versions.node}`
  : false;

describe("GIVEN the MCP Inspector against two replicas", { skip, timeout: 600_000 }, () => {
  let stack: Stack;
  let program: string;
  let home: string;
  before(async () => {
    program = await npmProgram(INSPECTOR);
    home = await mkdtemp(join(tmpdir(), "pulumi-mcp-service-e2e-"));
    stack = await startStack();
  });
  after(async () => {
    await rm(home, { recursive: true });
    await stack.stop();
  });

  async function inspect(
    era: string,
    token: string | undefined,
    words: string[],
  ): Promise<Outcome> {
    const connection = ["--server-url", stack.url, "--transport", "http", "--protocol-era", era];
    const header = token === undefined ? [] : ["--header", `Authorization: Bearer ${token}`];
    const rest = [...connection, ...header, "--format", "json", ...words];
    try {
      const { stdout, stderr } = await run(process.execPath, [program, "--cli", ...rest], {
        // It keeps its state in the home folder.
        env: { ...process.env, HOME: home, USERPROFILE: home },
        timeout: 60_000,
      });
      return { code: 0, stdout, stderr };
    } catch (error) {
      return executionError.parse(error);
    }
  }

  /** The result of a tool call, and the exit code. */
  async function call(
    era: string,
    tool: string,
    input: object,
  ): Promise<{ code: number; result: unknown }> {
    const words = ["--method", "tools/call", "--tool-name", tool];
    const { code, stdout } = await inspect(era, stack.token, [
      ...words,
      "--tool-args-json",
      JSON.stringify(input),
    ]);
    return { code, result: success.parse(JSON.parse(stdout)).result };
  }

  for (const era of ["legacy", "modern", "auto"]) {
    test(`WHEN it lists the tools strictly, era ${era}, THEN no schema has an error`, async () => {
      const { code, stdout, stderr } = await inspect(era, stack.token, [
        "--method",
        "tools/list",
        "--strict",
      ]);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^0 errors, /mu);
      assertTools(success.parse(JSON.parse(stdout)).result["tools"]);
    });

    test(`WHEN it calls both tools, era ${era}, THEN it gets what every client gets`, async () => {
      const alerts = await call(era, "get_alerts", ALERTS_ARGUMENTS);
      assert.equal(alerts.code, 0);
      assertAlerts(alerts.result);
      const forecast = await call(era, "get_forecast", FORECAST_ARGUMENTS);
      assert.equal(forecast.code, 0);
      assertForecast(forecast.result);
    });
  }

  for (const era of ["legacy", "modern"]) {
    test(`WHEN its arguments are refused, era ${era}, THEN it ends with the code for that and tells why`, async () => {
      const area = await call(era, "get_alerts", UNKNOWN_AREA_ARGUMENTS);
      assert.equal(area.code, 5);
      assertUnknownArea(area.result);
      const abroad = await call(era, "get_forecast", ABROAD_ARGUMENTS);
      assert.equal(abroad.code, 5);
      assertAbroad(abroad.result);
    });

    for (const [which, token] of [
      ["no token", undefined],
      ["a wrong token", "wrong-0123456789abcdef"],
    ] as const) {
      test(`WHEN it comes with ${which}, era ${era}, THEN it is told to authorize`, async () => {
        const outcome = await inspect(era, token, ["--method", "tools/list"]);
        assert.equal(outcome.code, 3, outcome.stderr);
        assert.equal(outcome.stdout, "");
        assert.equal(failure.parse(JSON.parse(outcome.stderr)).error.code, "auth_required");
        assert.ok(token === undefined || !outcome.stderr.includes(token));
      });
    }
  }
});
