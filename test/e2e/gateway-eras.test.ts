/** Clients of every revision over servers of every era, all of them by SDKs and servers that others wrote, with the gateway between them. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { z } from "zod";
import { startWeatherApi } from "../../local/samples/weather-api.ts";
import { gateway } from "../../service/servers/gateway/index.ts";
import { stdioServer } from "../../service/servers/stdio/index.ts";
import { weather } from "../../service/servers/weather/index.ts";
import { startTestHost, TOKEN } from "../service/running-host.ts";
import { cachedFolder } from "./cached.ts";
import {
  ABROAD_ARGUMENTS,
  ALERTS_ARGUMENTS,
  assertAlerts,
  assertForecast,
  assertTools,
  assertUnknownArea,
  FORECAST_ARGUMENTS,
  FORECAST_PROGRESS,
  UNKNOWN_AREA_ARGUMENTS,
} from "./expected.ts";
import { upstreamsFile } from "./gateway-process.ts";
import { startSdkUpstream, STATE, toolsOf, type SdkUpstream } from "./gateway-upstreams.ts";
import { npmProgram } from "./npm-program.ts";
import { runPython, withoutPython } from "./python-client.ts";

const run = promisify(execFile);

/** The last version of the SDK before the revision of 2025-11-25. */
const SDK_OF_2025_06_18 = "@modelcontextprotocol/sdk@1.17.5";

interface Connected {
  readonly protocolVersion: string | undefined;
  listTools(): Promise<readonly { readonly name: string }[]>;
  /** @param signal cancels, where the client can do so other than by leaving. */
  callTool(
    name: string,
    input: Record<string, unknown>,
    heard?: (progress: unknown) => void,
    signal?: AbortSignal,
  ): Promise<unknown>;
  close(): Promise<void>;
}

interface Kind {
  readonly name: string;
  readonly protocolVersion: string;
  /** Whether a call can be cancelled without leaving: a stateless server cannot know whose call a notification of 2025 means. */
  readonly cancels: boolean;
  connect(url: URL): Promise<Connected>;
}

const requestInit = { headers: { Authorization: `Bearer ${TOKEN}` } };
const self = { name: "e2e", version: "1" };

interface LegacySdk {
  readonly Client: typeof LegacyClient;
  readonly StreamableHTTPClientTransport: typeof LegacyTransport;
}

async function connectLegacy(
  { Client: Sdk, StreamableHTTPClientTransport: Transport }: LegacySdk,
  url: URL,
): Promise<Connected> {
  const client = new Sdk(self);
  const transport = new Transport(url, { requestInit });
  await client.connect(transport);
  return {
    protocolVersion: transport.protocolVersion,
    listTools: async () => (await client.listTools()).tools,
    callTool: (name, input, onprogress) =>
      client.callTool(
        { name, arguments: input },
        undefined,
        onprogress === undefined ? {} : { onprogress },
      ),
    close: () => client.close(),
  };
}

/** The client of the SDK as it was; installed on first use. */
async function oldSdk(): Promise<LegacySdk> {
  const folder = await cachedFolder("npm-sdk-2025-06-18", SDK_OF_2025_06_18, async (fresh) => {
    await run("npm", [
      ...["install", "--prefix", fresh, "--ignore-scripts", "--no-audit", "--no-fund"],
      SDK_OF_2025_06_18,
    ]);
  });
  const root = join(
    folder,
    "node_modules",
    "@modelcontextprotocol",
    "sdk",
    "dist",
    "esm",
    "client",
  );
  const load = async (file: string): Promise<unknown> =>
    import(pathToFileURL(join(root, file)).href);
  return {
    ...((await load("index.js")) as object),
    ...((await load("streamableHttp.js")) as object),
  } as LegacySdk;
}

async function connectModern(
  mode: "legacy" | { readonly pin: string },
  url: URL,
): Promise<Connected> {
  const client = new Client(self, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  return {
    protocolVersion: client.getNegotiatedProtocolVersion(),
    listTools: async () => (await client.listTools()).tools,
    callTool: (name, input, onprogress, signal) =>
      client.callTool(
        { name, arguments: input },
        {
          ...(onprogress === undefined ? {} : { onprogress }),
          ...(signal === undefined ? {} : { signal }),
        },
      ),
    close: () => client.close(),
  };
}

const KINDS: readonly Kind[] = [
  {
    name: "SDK 1.17",
    protocolVersion: "2025-06-18",
    cancels: false,
    connect: async (url) => connectLegacy(await oldSdk(), url),
  },
  {
    name: "SDK 1",
    protocolVersion: "2025-11-25",
    cancels: false,
    connect: (url) =>
      connectLegacy({ Client: LegacyClient, StreamableHTTPClientTransport: LegacyTransport }, url),
  },
  {
    name: "SDK 2 as of before",
    protocolVersion: "2025-11-25",
    cancels: false,
    connect: (url) => connectModern("legacy", url),
  },
  {
    name: "SDK 2",
    protocolVersion: "2026-07-28",
    cancels: true,
    connect: (url) => connectModern({ pin: "2026-07-28" }, url),
  },
];

const SDK_KINDS = ["modern", "sessions", "stateless"] as const;

interface Behind {
  readonly upstreams: Readonly<Record<(typeof SDK_KINDS)[number], SdkUpstream>>;
  /** Everything that is listed, in order. */
  readonly names: readonly string[];
  readonly stdioLines: readonly Record<string, unknown>[];
  /** One more replica of the gateway. */
  startGateway(): Promise<URL>;
}

async function startUpstream(
  context: TestContext,
  kind: (typeof SDK_KINDS)[number],
): Promise<SdkUpstream> {
  const upstream = await startSdkUpstream(kind);
  context.after(() => upstream.close());
  return upstream;
}

/** The reference server of the protocol's authors, wrapped. */
async function startEverything(context: TestContext) {
  const program = await npmProgram({
    package: "@modelcontextprotocol/server-everything",
    version: "2026.8.31",
    program: "mcp-server-everything",
  });
  const environment = { PATH: process.env["PATH"] ?? "", STDIO_PROCESSES: "1" };
  return startTestHost(
    context,
    stdioServer(["--", process.execPath, program, "stdio"], environment),
    environment,
  );
}

async function startBehind(context: TestContext): Promise<Behind> {
  const [modern, sessions, stateless] = await Promise.all([
    startUpstream(context, "modern"),
    startUpstream(context, "sessions"),
    startUpstream(context, "stateless"),
  ]);
  const upstreams = { modern, sessions, stateless };
  const { host, lines } = await startEverything(context);
  const stdio = `http://127.0.0.1:${host.address.port}/mcp`;
  const token = { mode: "header", value: { variable: "UPSTREAM_TOKEN" } };
  const file = await upstreamsFile(context, {
    ...Object.fromEntries(SDK_KINDS.map((kind) => [kind, { url: upstreams[kind].url }])),
    stdio: { url: stdio, auth: token },
  });
  const direct = await connectModern({ pin: "2026-07-28" }, new URL(stdio));
  const everything = await direct.listTools();
  await direct.close();
  return {
    upstreams,
    stdioLines: lines,
    names: [
      ...SDK_KINDS.slice(0, 2).flatMap((kind) => toolsOf(kind).map((tool) => `${kind}__${tool}`)),
      ...toolsOf("stateless").map((tool) => `stateless__${tool}`),
      ...everything.map(({ name }) => `stdio__${name}`),
    ],
    startGateway: async () => {
      const started = await startTestHost(context, gateway, {
        GATEWAY_UPSTREAMS_FILE: file.path,
        UPSTREAM_TOKEN: TOKEN,
      });
      return new URL(`http://127.0.0.1:${started.host.address.port}/mcp`);
    },
  };
}

const textOf = (result: unknown): unknown =>
  (result as { content: readonly { text?: string }[] }).content[0]?.text;

async function cancelling(
  client: Connected,
  kind: Kind,
  name: string,
  { events }: SdkUpstream,
): Promise<void> {
  const began = once(events, "began");
  const cancelled = once(events, "cancelled");
  const ending = new AbortController();
  const id = `${kind.name} ${name}`;
  const failed = assert.rejects(client.callTool(name, { id }, undefined, ending.signal));
  assert.deepEqual(await began, [id]);
  if (kind.cancels) ending.abort();
  else await client.close();
  assert.deepEqual(await cancelled, [id]);
  await failed;
}

test("GIVEN servers of every era behind a gateway", { timeout: 300_000 }, async (t) => {
  const behind = await startBehind(t);
  const { upstreams, names } = behind;
  const url = await behind.startGateway();

  for (const kind of KINDS) {
    const called = `a client of ${kind.protocolVersion} (${kind.name})`;

    await t.test(
      `WHEN ${called} comes THEN it lists every tool and calls those of each, with progress`,
      async () => {
        const client = await kind.connect(url);
        assert.equal(client.protocolVersion, kind.protocolVersion);
        assert.deepEqual(
          (await client.listTools()).map(({ name }) => name).sort(),
          [...names].sort(),
        );
        for (const upstream of SDK_KINDS) {
          assert.equal(textOf(await client.callTool(`${upstream}__add`, { a: 2, b: 3 })), "5");
          const heard: unknown[] = [];
          await client.callTool(`${upstream}__steps`, {}, (progress) => heard.push(progress));
          assert.deepEqual(heard, [
            { progress: 1, total: 2 },
            { progress: 2, total: 2 },
          ]);
        }
        assert.equal(
          textOf(await client.callTool("stdio__echo", { message: "zażółć 🙂" })),
          "Echo: zażółć 🙂",
        );
        const heard: unknown[] = [];
        await client.callTool(
          "stdio__trigger-long-running-operation",
          { duration: 0.1, steps: 2 },
          (progress) => heard.push(progress),
        );
        assert.deepEqual(heard, [
          { progress: 1, total: 2 },
          { progress: 2, total: 2 },
        ]);
        await client.close();
      },
    );

    for (const upstream of SDK_KINDS) {
      await t.test(
        `WHEN ${called} cancels a call of the upstream \`${upstream}\` THEN the upstream's work is cancelled`,
        async () => {
          const client = await kind.connect(url);
          await cancelling(client, kind, `${upstream}__wait`, upstreams[upstream]);
          await client.close();
        },
      );
    }
  }

  await t.test(
    "WHEN a modern upstream asks something THEN a modern client answers through another replica, and what it carries stays as it is",
    async () => {
      const replicas = [url, await behind.startGateway()];
      const asked: string[] = [];
      let next = 0;
      const client = new Client(self, {
        versionNegotiation: { mode: { pin: "2026-07-28" } },
        capabilities: { elicitation: { form: {} } },
      });
      client.setRequestHandler("elicitation/create", ({ params }) => {
        asked.push(params.message);
        return { action: "accept", content: { name: "Ada" } };
      });
      const used: string[] = [];
      await client.connect(
        new StreamableHTTPClientTransport(url, {
          requestInit,
          // Each request of the tool goes to the replica after the one before.
          fetch: (to, init) => {
            const isCall = new Headers(init?.headers).get("Mcp-Method") === "tools/call";
            const replica = isCall ? replicas[next++ % replicas.length] : url;
            if (isCall) used.push(String(replica));
            return fetch(replica ?? to, init);
          },
        }),
      );
      const before = upstreams.modern.received.length;
      assert.equal(
        textOf(await client.callTool({ name: "modern__ask", arguments: {} })),
        "Hello, Ada!",
      );
      assert.deepEqual(asked, ["Who are you?"]);
      assert.deepEqual(used, replicas.map(String));
      const calls = upstreams.modern.received
        .slice(before)
        .filter(({ method }) => method === "tools/call");
      assert.deepEqual(
        calls.map(({ params }) => params["requestState"]),
        [undefined, STATE],
      );
      await client.close();
    },
  );

  await t.test(
    "WHEN a modern upstream asks something of a client of 2025 THEN the client is told what it takes",
    async () => {
      const client = await connectModern("legacy", url);
      const result = await client.callTool("modern__ask", {});
      assert.match(String(textOf(result)), /2026-07-28/u);
      await client.close();
    },
  );

  await t.test(
    "WHEN a client leaves a call of a stdio server THEN it is cancelled there",
    async () => {
      const client = await connectModern({ pin: "2026-07-28" }, url);
      const ending = new AbortController();
      const call = client.callTool(
        "stdio__trigger-long-running-operation",
        { duration: 60, steps: 600 },
        () => {
          ending.abort();
        },
        ending.signal,
      );
      await assert.rejects(call);
      // The process works on the next one meanwhile.
      assert.equal(textOf(await client.callTool("stdio__echo", { message: "next" })), "Echo: next");
      const outcomes = (): unknown[] =>
        behind.stdioLines.filter(({ msg }) => msg === "call").map(({ outcome }) => outcome);
      while (!outcomes().includes("cancelled"))
        await client.callTool("stdio__echo", { message: "again" });
      await client.close();
    },
  );
});

const conversation = z.looseObject({
  protocolVersion: z.string(),
  tools: z.unknown(),
  alerts: z.unknown(),
  forecast: z.unknown(),
  progress: z.unknown(),
  unknownArea: z.unknown(),
});

test(
  "GIVEN the weather server behind a gateway that changes no names",
  { skip: withoutPython, timeout: 300_000 },
  async (t) => {
    const api = await startWeatherApi();
    t.after(() => api.close());
    const { host } = await startTestHost(t, weather, { WEATHER_API_URL: api.url });
    const file = await upstreamsFile(t, {
      weather: {
        url: `http://127.0.0.1:${host.address.port}/mcp`,
        prefix: false,
        auth: { mode: "header", value: { variable: "UPSTREAM_TOKEN" } },
      },
    });
    const started = await startTestHost(t, gateway, {
      GATEWAY_UPSTREAMS_FILE: file.path,
      UPSTREAM_TOKEN: TOKEN,
    });
    for (const { environment, mode, protocolVersion } of [
      { environment: "mcp-1.30.0", protocolVersion: "2025-11-25" },
      { environment: "fastmcp-4.1.2", mode: "auto", protocolVersion: "2026-07-28" },
    ])
      await t.test(
        `WHEN the Python client of ${protocolVersion} lists and calls THEN it gets what it would get from the server itself`,
        async () => {
          const outcome = await runPython("mcp", environment, {
            url: `http://127.0.0.1:${started.host.address.port}/mcp`,
            token: TOKEN,
            mode,
            alerts: ALERTS_ARGUMENTS,
            forecast: FORECAST_ARGUMENTS,
            unknownArea: UNKNOWN_AREA_ARGUMENTS,
            abroad: ABROAD_ARGUMENTS,
          });
          if ("failure" in outcome) assert.fail(outcome.failure);
          const said = conversation.parse(outcome.said);
          assert.equal(said.protocolVersion, protocolVersion);
          assertTools(said.tools);
          assertAlerts(said.alerts);
          assertForecast(said.forecast);
          assert.deepEqual(said.progress, FORECAST_PROGRESS);
          assertUnknownArea(said.unknownArea);
        },
      );
  },
);
