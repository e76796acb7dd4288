import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
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
  FORECAST_PROGRESS,
  SERVER,
  UNKNOWN_AREA_ARGUMENTS,
} from "./expected.ts";
import { runPython, withoutPython } from "./python-client.ts";
import { startStack, type Stack } from "./stack.ts";

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

describe(
  "GIVEN Python clients against two replicas",
  { skip: withoutPython, timeout: 600_000 },
  () => {
    let stack: Stack;
    before(async () => {
      stack = await startStack(["--logs"]);
    });
    after(() => stack.stop());

    /** Runs the script; its answer, or how it failed. */
    function talk(
      kind: Kind,
      token: string | undefined,
    ): Promise<{ said: unknown } | { failure: string }> {
      return runPython(kind.distribution, kind.environment, {
        url: stack.url,
        token,
        mode: kind.mode,
        alerts: ALERTS_ARGUMENTS,
        forecast: FORECAST_ARGUMENTS,
        unknownArea: UNKNOWN_AREA_ARGUMENTS,
        abroad: ABROAD_ARGUMENTS,
      });
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
  },
);
