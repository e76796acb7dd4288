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

/** Where the interpreter is that has these requirements; installed on first use. */
async function pythonWith(environment: string): Promise<string> {
  const requirements = join(FOLDER, `${environment}.txt`);
  const recipe = await readFile(requirements, "utf8");
  const folder = await cachedFolder(`python-${environment}`, recipe, async (fresh) => {
    await run("python3", ["-m", "venv", fresh]);
    await run(join(fresh, "bin", "python"), [
      ...["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"],
      ...["--requirement", requirements],
    ]);
  });
  return join(folder, "bin", "python");
}

/** A client as it is installed and asked to connect. */
interface Kind {
  readonly distribution: "mcp" | "fastmcp";
  readonly version: string;
  /** The file of its requirements, without `.txt`. */
  readonly environment: string;
  /** Undefined for clients that know one protocol era alone. */
  readonly mode?: string;
  readonly protocolVersion: string;
  /** The requests that connecting takes. */
  readonly handshake: readonly string[];
}

const INITIALIZE = ["initialize", "notifications/initialized"];
const LEGACY = { mode: "legacy", protocolVersion: "2025-11-25", handshake: INITIALIZE };
const AUTO = { mode: "auto", protocolVersion: "2026-07-28", handshake: ["server/discover"] };
const MCP_1 = { distribution: "mcp", version: "1.30.0", environment: "mcp-1.30.0" } as const;
// It builds on this version of the other: installing takes long, so one environment serves both.
const FASTMCP = {
  distribution: "fastmcp",
  version: "4.1.2",
  environment: "fastmcp-4.1.2",
} as const;
const MCP_2 = { ...FASTMCP, distribution: "mcp", version: "2.3.0" } as const;
const KINDS: readonly Kind[] = [
  { ...MCP_2, ...LEGACY },
  { ...MCP_2, ...AUTO },
  // Pinned, it asks for nothing before the first request, and so never learns the server's name.
  { ...MCP_2, mode: "2026-07-28", protocolVersion: "2026-07-28", handshake: [] },
  { ...MCP_1, protocolVersion: "2025-11-25", handshake: INITIALIZE },
  { ...FASTMCP, ...LEGACY },
  { ...FASTMCP, ...AUTO },
];

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
    kind: Kind,
    token: string | undefined,
  ): Promise<{ said: unknown } | { failure: string }> {
    const script = join(FOLDER, `${kind.distribution}_client.py`);
    // Without `-B` it would leave compiled modules beside the script.
    const child = spawn(await pythonWith(kind.environment), ["-B", script], {
      stdio: ["pipe", "pipe", "pipe"],
      timeout: 60_000,
    });
    child.stdin.end(
      JSON.stringify({
        url: stack.url,
        token,
        mode: kind.mode,
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

  for (const kind of KINDS) {
    const { distribution, version, mode, protocolVersion, handshake } = kind;
    const name = `${distribution} ${version}${mode === undefined ? "" : ` in mode ${mode}`}`;

    test(`WHEN ${name} lists and calls THEN it gets what every client gets`, async () => {
      const outcome = await talk(kind, stack.token);
      if ("failure" in outcome) assert.fail(outcome.failure);
      const said = conversation.parse(outcome.said);
      assert.equal(said.package, version);
      assert.equal(said.protocolVersion, protocolVersion);
      assert.deepEqual(said.server, handshake.length === 0 ? null : SERVER);
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
        [...handshake, "tools/list", ...Array.from({ length: 4 }, () => "tools/call")],
      );
      for (const { method, status, headers } of said.exchanges) {
        assert.ok(method === "GET" ? status === 405 : status < 300, `${method}: ${status}`);
        assert.equal(headers["mcp-session-id"], undefined);
      }
      // The third call's arguments were refused: which replica did so tells nothing of the tool.
      const [alerts, forecast, , abroad] = posts.slice(-4);
      const requests = [alerts, forecast, abroad].map(
        (each) => each?.headers["x-request-id"] ?? "",
      );
      assert.equal(new Set(await stack.replicasOf(requests)).size, 2);
    });

    test(`WHEN ${name} has a wrong token THEN it fails, and nothing repeats the token`, async () => {
      const token = "wrong-0123456789abcdef";
      const outcome = await talk(kind, token);
      if ("said" in outcome) assert.fail("It was served.");
      assert.match(outcome.failure, /401|Server returned an error response/u);
      assert.ok(!outcome.failure.includes(token));
      assert.ok(!stack.command.output().includes(token));
    });
  }
});
