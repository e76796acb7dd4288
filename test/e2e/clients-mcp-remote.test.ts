import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Client as ClientOfVersion2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioOfVersion2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientOfVersion1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioOfVersion1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import {
  ABROAD_ARGUMENTS,
  ALERTS_ARGUMENTS,
  assertAbroad,
  assertAlerts,
  assertForecast,
  assertTools,
  FORECAST_ARGUMENTS,
  FORECAST_PROGRESS,
  SERVER,
} from "./expected.ts";
import { npmProgram } from "./npm-program.ts";
import { awaitNone } from "./processes.ts";
import { startStack, type Stack } from "./stack.ts";

const MCP_REMOTE = { package: "mcp-remote", version: "0.15.1", program: "mcp-remote" };

/** What ends with its client has ended by then. */
const GONE_SECONDS = 15;

/** How a client starts the bridge. */
interface Launch {
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
  /** The file that it logs to. */
  readonly stderr: number;
}

interface ConnectedClient {
  readonly server: unknown;
  listTools(): Promise<unknown>;
  callTool(name: string, input: Record<string, unknown>): Promise<unknown>;
  /** As the bridge hands it on: the clients lose progress that comes in one piece with the result. */
  onProgress(listener: (update: unknown) => void): void;
  close(): Promise<void>;
}

/** A client that knows local servers alone, and the requests that it sends to connect. */
interface Kind {
  readonly name: string;
  readonly handshake: readonly string[];
  readonly connect: (launch: Launch) => Promise<ConnectedClient>;
}

const INFO = { name: "e2e", version: "1" };
const ignore = { onprogress: (): void => undefined };
const KINDS: readonly Kind[] = [
  {
    name: "the stdio client of version 1",
    handshake: ["initialize", "notifications/initialized"],
    connect: async (launch) => {
      const transport = new StdioOfVersion1(launch);
      const client = new ClientOfVersion1(INFO);
      await client.connect(transport);
      return {
        server: client.getServerVersion(),
        listTools: async () => (await client.listTools()).tools,
        callTool: (name, input) => client.callTool({ name, arguments: input }, undefined, ignore),
        onProgress: (listener) => {
          observe(transport, listener);
        },
        close: () => client.close(),
      };
    },
  },
  {
    name: "the stdio client of version 2",
    // The bridge answers `server/discover` itself.
    handshake: [],
    connect: async (launch) => {
      const transport = new StdioOfVersion2(launch);
      const client = new ClientOfVersion2(INFO, { versionNegotiation: { mode: "auto" } });
      await client.connect(transport);
      assert.equal(client.getNegotiatedProtocolVersion(), "2026-07-28");
      return {
        server: client.getServerVersion(),
        listTools: async () => (await client.listTools()).tools,
        callTool: (name, input) => client.callTool({ name, arguments: input }, ignore),
        onProgress: (listener) => {
          observe(transport, listener);
        },
        close: () => client.close(),
      };
    },
  },
];

/** Tells of every progress notification that comes, before the client sees it. */
function observe(
  transport: { onmessage?: (message: never) => void },
  listener: (update: unknown) => void,
): void {
  const { onmessage } = transport;
  transport.onmessage = (message: object) => {
    if ("method" in message && message.method === "notifications/progress" && "params" in message) {
      const { progressToken, ...update } = message.params as Record<string, unknown>;
      assert.ok(progressToken !== undefined);
      listener(update);
    }
    // The client's own messages, whose type each version has for itself.
    onmessage?.(message as never);
  };
}

describe("GIVEN mcp-remote between two replicas and a client of local servers", () => {
  let stack: Stack;
  let program: string;
  let home: string;
  before(async () => {
    program = await npmProgram(MCP_REMOTE);
    home = await mkdtemp(join(tmpdir(), "pulumi-mcp-service-e2e-"));
    stack = await startStack();
  });
  after(async () => {
    await stack.stop();
    await rm(home, { recursive: true });
  });

  /** Runs the bridge for as long as `use` takes; what it has logged, once nothing of it is left. */
  async function bridged(
    token: string,
    use: (launch: Launch) => Promise<void>,
  ): Promise<{ log: string }> {
    const run = randomUUID();
    const path = join(home, run);
    const file = await open(path, "w");
    try {
      const connection = [stack.url, "--allow-http", "--transport", "http-only"];
      await use({
        command: process.execPath,
        args: [program, ...connection, "--header", `Authorization: Bearer ${token}`],
        // It keeps its state in the home folder.
        env: { HOME: home, USERPROFILE: home, PULUMI_MCP_SERVICE_TEST_BRIDGE: run },
        stderr: file.fd,
      });
    } finally {
      await file.close();
      await awaitNone([`PULUMI_MCP_SERVICE_TEST_BRIDGE=${run}`], GONE_SECONDS);
    }
    return { log: await readFile(path, "utf8") };
  }

  for (const { name, handshake, connect } of KINDS) {
    test(`WHEN ${name} lists and calls THEN it gets what every client gets, and the bridge ends with it`, async () => {
      const { log } = await bridged(stack.token, async (launch) => {
        const client = await connect(launch);
        try {
          assert.deepEqual(client.server, SERVER);
          assertTools(await client.listTools());
          assertAlerts(await client.callTool("get_alerts", ALERTS_ARGUMENTS));
          const updates: unknown[] = [];
          client.onProgress((update) => updates.push(update));
          assertForecast(await client.callTool("get_forecast", FORECAST_ARGUMENTS));
          assert.deepEqual(updates, FORECAST_PROGRESS);
          assertAbroad(await client.callTool("get_forecast", ABROAD_ARGUMENTS));
        } finally {
          await client.close();
        }
      });

      const calls = Array.from({ length: 3 }, () => "tools/call");
      assert.deepEqual(
        [...log.matchAll(/\[Local→Remote\] (\S+)/gu)].map(([, method]) => method),
        [...handshake, "tools/list", ...calls],
      );
      assert.match(log, /Shutting down/u);
      assert.doesNotMatch(log, /error/iu);
      assert.ok(!log.includes(stack.token));
    });
  }

  test("WHEN its token is wrong THEN connecting fails, the bridge ends, and nothing repeats the token", async () => {
    const token = "wrong-0123456789abcdef";
    const [kind] = KINDS;
    const { log } = await bridged(token, async (launch) => {
      await assert.rejects(async () => kind?.connect(launch), /Connection closed/u);
    });

    assert.match(log, /Fatal error/u);
    assert.ok(!log.includes(token));
    assert.ok(!stack.command.output().includes(token));
  });
});
