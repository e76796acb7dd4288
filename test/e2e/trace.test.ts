import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { readProject } from "../../local/graph/project.ts";
import { run } from "../../local/run.ts";
import { startWeatherApi } from "../../local/samples/weather-api.ts";
import { startCollector, type ReceivedSpan } from "../service/telemetry/collector.ts";
import { only } from "../service/telemetry/traced-host.ts";
import { changeContainers, hurry } from "./in-process.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const SERVER = 2;
const CLIENT = 3;

interface Upstream {
  readonly url: string;
  /** What it was asked, in order. */
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
}

/** The stand-in of the weather API, behind something that remembers what it is asked. */
async function startUpstream(context: TestContext): Promise<Upstream> {
  const sample = await startWeatherApi();
  context.after(() => sample.close());
  const requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    requests.push({ path, headers: request.headers });
    void fetch(`${sample.url}${path}`, {
      headers: { "User-Agent": String(request.headers["user-agent"]) },
    }).then(async (answer) => {
      response.writeHead(answer.status, { "Content-Type": "application/geo+json" });
      response.end(await answer.text());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** Runs the repository's own program with these variables in its container, and tells where it is and what it logs. */
async function startProgram(context: TestContext, variables: Readonly<Record<string, string>>) {
  const lines: Record<string, unknown>[] = [];
  const events = new EventEmitter();
  const running = await run({
    project: await readProject(REPOSITORY, "test", {}),
    port: 0,
    sampleData: false,
    events: {
      declared: () => undefined,
      forwarded: () => undefined,
      happened: () => undefined,
      refused: () => undefined,
      line: (_service, _task, text) => {
        lines.push(JSON.parse(text) as Record<string, unknown>);
        events.emit("line");
      },
    },
    transform: (graph) =>
      changeContainers(hurry(graph), (container) => {
        if (container.name !== "server") return;
        const others = container.environment.filter(({ name }) => !(name in variables));
        const added = Object.entries(variables).map(([name, value]) => ({ name, value }));
        container.environment = [...others, ...added];
      }),
  });
  context.after(() => running.close());
  await running.ready;
  return {
    endpoint: only(running.endpoints),
    /** The line that the call of a tool leaves. */
    callLine: async (): Promise<Record<string, unknown>> => {
      for (;;) {
        const found = lines.find(({ msg, method }) => msg === "call" && method === "tools/call");
        if (found !== undefined) return found;
        await once(events, "line");
      }
    },
  };
}

const parentOf = ({ parentSpanId }: ReceivedSpan): string | undefined => parentSpanId;

test("GIVEN the repository's program and a collector WHEN a client asks for a forecast through the load balancer THEN one trace leads from the balancer's id over server and tool to the requests that the weather API received", async (t) => {
  const collector = await startCollector(t);
  const upstream = await startUpstream(t);
  const program = await startProgram(t, {
    WEATHER_API_URL: upstream.url,
    OTEL_TRACES_EXPORTER: "otlp",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_METRICS_EXPORTER: "none",
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: "1",
    OTEL_BSP_SCHEDULE_DELAY: "100",
  });

  const requestIds: string[] = [];
  const client = new Client(
    { name: "e2e", version: "1" },
    { versionNegotiation: { mode: { pin: "2026-07-28" } } },
  );
  const { url, token = "" } = program.endpoint;
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
    fetch: async (...given) => {
      const response = await fetch(...given);
      if (new Headers(given[1]?.headers).get("Mcp-Method") === "tools/call")
        requestIds.push(response.headers.get("X-Request-Id") ?? "");
      return response;
    },
  });
  await client.connect(transport);
  const result = await client.callTool({
    name: "get_forecast",
    arguments: { latitude: 34.05, longitude: -118.24 },
  });
  assert.notEqual(result.isError, true);
  await client.close();
  const line = await program.callLine();

  // The balancer has made the id up: the client sent none.
  const requestId = only(requestIds);
  assert.match(requestId, /^1-[\da-f]{8}-[\da-f]{24}$/u);
  const traceId = requestId.slice(2).replace("-", "");
  assert.deepEqual([line["requestId"], line["traceId"]], [requestId, traceId]);

  // The server's span ends last.
  const sent = await collector.untilSpans((spans) =>
    spans.some(({ name }) => name === "tools/call get_forecast"),
  );
  const spans = sent.filter((span) => span.traceId === traceId);
  const server = only(spans.filter(({ kind }) => kind === SERVER));
  assert.equal(server.name, "tools/call get_forecast");
  assert.equal(parentOf(server), undefined);
  const tool = only(spans.filter((span) => parentOf(span) === server.spanId));
  assert.equal(tool.name, "execute_tool get_forecast");
  const requests = spans.filter((span) => parentOf(span) === tool.spanId);
  assert.equal(spans.length, 2 + requests.length);
  assert.deepEqual(
    requests.map(({ name, kind, attributes }) => [name, kind, attributes["url.full"]]),
    upstream.requests.map(({ path }) => ["GET", CLIENT, `${upstream.url}${path}`]),
  );
  assert.deepEqual(
    upstream.requests.map(({ headers }) => [headers["traceparent"], headers["x-amzn-trace-id"]]),
    requests.map(({ spanId }) => [
      `00-${traceId}-${spanId}-01`,
      `Root=${requestId};Parent=${spanId};Sampled=1`,
    ]),
  );
  assert.deepEqual(
    upstream.requests.map(({ path }) => path.split("/")[1]),
    ["points", "gridpoints"],
  );
});
