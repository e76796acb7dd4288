import assert from "node:assert/strict";
import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { json, text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { z } from "zod";
import { cachedFolder } from "./cached.ts";
import {
  ABROAD_ARGUMENTS,
  ALERTS_ARGUMENTS,
  assertAbroad,
  assertAlerts,
  assertForecast,
  assertTools,
  assertUnknownArea,
  FORECAST_ARGUMENTS,
  FORECAST_PROGRESS,
  SERVER,
  UNKNOWN_AREA_ARGUMENTS,
} from "./expected.ts";
import { startStack, type Stack } from "./stack.ts";

const FOLDER = join(import.meta.dirname, "python");
const run = promisify(execFile);

/** Where the interpreter is that has this version of the `mcp` package; installed on first use. */
async function pythonWith(version: string): Promise<string> {
  const requirements = join(FOLDER, `mcp-${version}.txt`);
  const recipe = await readFile(requirements, "utf8");
  const folder = await cachedFolder(`python-${version}`, recipe, async (fresh) => {
    await run("python3", ["-m", "venv", fresh]);
    await run(join(fresh, "bin", "python"), [
      ...["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"],
      ...["--requirement", requirements],
    ]);
  });
  return join(folder, "bin", "python");
}

const exchange = z.object({
  method: z.string(),
  status: z.number(),
  headers: z.record(z.string(), z.string()),
});
const conversation = z.strictObject({
  package: z.string(),
  protocolVersion: z.string(),
  server: z.looseObject({}).nullable(),
  exchanges: z.array(exchange),
  tools: z.unknown(),
  alerts: z.unknown(),
  forecast: z.unknown(),
  progress: z.unknown(),
  unknownArea: z.unknown(),
  abroad: z.unknown(),
});

const skip =
  spawnSync("python3", ["--version"]).status !== 0 && process.env["CI"] === undefined
    ? "python3 is not installed"
    : false;

describe("GIVEN Python clients against two replicas", { skip, timeout: 600_000 }, () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack(["--logs"]);
  });
  after(() => stack.stop());

  /** Runs the script; its answer, or how it failed. */
  async function talk(
    version: string,
    mode: string | undefined,
    token: string | undefined,
  ): Promise<{ said: unknown } | { failure: string }> {
    const child = spawn(await pythonWith(version), [join(FOLDER, "client.py")], {
      stdio: ["pipe", "pipe", "pipe"],
      timeout: 60_000,
    });
    child.stdin.end(
      JSON.stringify({
        url: stack.url,
        token,
        mode,
        alerts: ALERTS_ARGUMENTS,
        forecast: FORECAST_ARGUMENTS,
        unknownArea: UNKNOWN_AREA_ARGUMENTS,
        abroad: ABROAD_ARGUMENTS,
      }),
    );
    const [code, failure, said] = await Promise.all([
      once(child, "exit").then(([status]) => status as number | null),
      text(child.stderr),
      json(child.stdout).catch(() => undefined),
    ]);
    return code === 0 ? { said } : { failure };
  }

  const handshake = ["initialize", "notifications/initialized"];
  const kinds: [
    version: string,
    mode: string | undefined,
    protocolVersion: string,
    handshake: string[],
  ][] = [
    ["2.3.0", "legacy", "2025-11-25", handshake],
    ["2.3.0", "auto", "2026-07-28", ["server/discover"]],
    // Pinned, it asks for nothing before the first request, and so never learns the server's name.
    ["2.3.0", "2026-07-28", "2026-07-28", []],
    ["1.30.0", undefined, "2025-11-25", handshake],
  ];
  for (const [version, mode, protocolVersion, opening] of kinds) {
    const name = `mcp ${version}${mode === undefined ? "" : ` in mode ${mode}`}`;

    test(`WHEN ${name} lists and calls THEN it gets what every client gets`, async () => {
      const outcome = await talk(version, mode, stack.token);
      if ("failure" in outcome) assert.fail(outcome.failure);
      const said = conversation.parse(outcome.said);
      assert.equal(said.package, version);
      assert.equal(said.protocolVersion, protocolVersion);
      assert.deepEqual(said.server, opening.length === 0 ? null : SERVER);
      assertTools(said.tools);
      assertAlerts(said.alerts);
      assertForecast(said.forecast);
      assert.deepEqual(said.progress, FORECAST_PROGRESS);
      assertUnknownArea(said.unknownArea);
      assertAbroad(said.abroad);

      // The stream that it may try to open is refused, at any time.
      const posts = said.exchanges.filter(({ method }) => method !== "GET");
      assert.deepEqual(
        posts.map(({ method }) => method),
        [...opening, "tools/list", ...Array.from({ length: 4 }, () => "tools/call")],
      );
      for (const { method, status, headers } of said.exchanges) {
        assert.ok(method === "GET" ? status === 405 : status < 300, `${method}: ${status}`);
        assert.equal(headers["mcp-session-id"], undefined);
      }
      // The refused arguments never reached the tool.
      const [alerts, forecast, , abroad] = posts.slice(-4);
      const requests = [alerts, forecast, abroad].map(
        (each) => each?.headers["x-request-id"] ?? "",
      );
      assert.equal(new Set(await stack.replicasOf(requests)).size, 2);
    });

    test(`WHEN ${name} has a wrong token THEN it fails, and nothing repeats the token`, async () => {
      const token = "wrong-0123456789abcdef";
      const outcome = await talk(version, mode, token);
      if ("said" in outcome) assert.fail("It was served.");
      assert.match(outcome.failure, /401|Server returned an error response/u);
      assert.ok(!outcome.failure.includes(token));
      assert.ok(!stack.command.output().includes(token));
    });
  }
});
