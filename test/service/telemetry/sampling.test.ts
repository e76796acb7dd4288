import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { trace } from "@opentelemetry/api";
import { createInstruments } from "../../../service/runtime/telemetry/instruments.ts";
import { defineTool } from "../../../service/runtime/tool.ts";
import { call as callTool, send } from "../running-host.ts";
import { startCollector } from "./collector.ts";
import { call, CLIENT_SPAN, CLIENT_TRACE, observe, recordingLog } from "./fixtures.ts";
import { startTracedHost } from "./traced-host.ts";

const ROOT = "Root=1-5759e988-bd862e3fe1be46a994272793";
const XRAY_TRACE = "5759e988bd862e3fe1be46a994272793";
const traceparent = (flags: "00" | "01") => `00-${CLIENT_TRACE}-${CLIENT_SPAN}-${flags}`;

/** The traces that a replica records of calls with these carriers. */
async function recorded(
  context: Parameters<typeof startCollector>[0],
  carriers: readonly Record<string, string>[],
  sampler: { readonly name?: string; readonly ratio: number },
): Promise<string[]> {
  const collector = await startCollector(context);
  const { instruments, shutdown } = await createInstruments({
    environment: {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_TRACES_SAMPLER: sampler.name ?? "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: String(sampler.ratio),
    },
    service: "weather",
    version: "1.2.3",
    metrics: "none",
    log: recordingLog().log,
    write: () => undefined,
  });
  for (const carrier of carriers) observe(instruments, call({ carrier }));
  await shutdown();
  return collector.spans().map(({ traceId }) => traceId);
}

for (const [what, carrier, ratio, expected] of [
  ["a client that samples", { traceparent: traceparent("01") }, 0, [CLIENT_TRACE]],
  ["a client that does not", { traceparent: traceparent("00") }, 1, []],
  [
    "a traced caller that samples",
    { "x-amzn-trace-id": `${ROOT};Parent=53995c3f42cd8ad8;Sampled=1` },
    0,
    [XRAY_TRACE],
  ],
  [
    "a traced caller that does not",
    { "x-amzn-trace-id": `${ROOT};Parent=53995c3f42cd8ad8;Sampled=0` },
    1,
    [],
  ],
  ["`Sampled=1` without a parent", { "x-amzn-trace-id": `${ROOT};Sampled=1` }, 0, [XRAY_TRACE]],
  ["`Sampled=0` without a parent", { "x-amzn-trace-id": `Self=1-2-3;${ROOT};Sampled=0` }, 1, []],
  ["`Sampled=?`, and a ratio of 1", { "x-amzn-trace-id": `${ROOT};Sampled=?` }, 1, [XRAY_TRACE]],
  ["`Sampled=?`, and a ratio of 0", { "x-amzn-trace-id": `${ROOT};Sampled=?` }, 0, []],
  ["no flag, and a ratio of 1", { "x-amzn-trace-id": ROOT }, 1, [XRAY_TRACE]],
  ["no flag, and a ratio of 0", { "x-amzn-trace-id": ROOT }, 0, []],
  [
    "a client that does not sample, behind one that does",
    { traceparent: traceparent("00"), "x-amzn-trace-id": `${ROOT};Sampled=1` },
    1,
    [],
  ],
] as const) {
  test(`GIVEN ${what} WHEN a call ends THEN ${expected.length === 0 ? "nothing" : "its trace"} is recorded`, async (t) => {
    assert.deepEqual(await recorded(t, [carrier], { ratio }), expected);
  });
}

test("GIVEN a sampler that asks no parent WHEN a call says `Sampled=1` THEN the ratio decides", async (t) => {
  const carriers = [{ "x-amzn-trace-id": `${ROOT};Sampled=1` }];
  assert.deepEqual(await recorded(t, carriers, { name: "traceidratio", ratio: 0 }), []);
});

test("GIVEN a load balancer that leaves the decision open WHEN two replicas see the same requests THEN they record the same share of them", async (t) => {
  const ids = Array.from({ length: 400 }, (_, index) =>
    createHash("sha256").update(String(index)).digest("hex").slice(0, 32),
  );
  const carriers = ids.map((id) => ({
    "x-amzn-trace-id": `Root=1-${id.slice(0, 8)}-${id.slice(8)}`,
  }));
  const first = await recorded(t, carriers, { ratio: 0.25 });
  const second = await recorded(t, carriers.toReversed(), { ratio: 0.25 });
  assert.deepEqual(second.toReversed(), first);
  assert.ok(first.every((id) => ids.includes(id)));
  // The ids are always the same, and so is the share.
  assert.ok(first.length > 80 && first.length < 120, `${first.length} of 400 are recorded.`);
});

test("GIVEN a call that is not sampled WHEN an instrument sees it THEN it does not look at the tool's function", async (t) => {
  const host = await startTracedHost(
    t,
    {
      tools: [
        defineTool({
          name: "look",
          description: "Tells what is current.",
          run: () => {
            const span = trace.getActiveSpan();
            trace.getTracer("the tool").startSpan("own").end();
            return `${span?.spanContext().traceId ?? ""} ${String(span?.isRecording())}`;
          },
        }),
      ],
    },
    { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" },
  );
  const { body } = await callTool(host, "look", {}, { "X-Amzn-Trace-Id": ROOT });
  assert.ok(body.includes(`${XRAY_TRACE} false`), body);
  assert.deepEqual(await host.spans(), {});
  assert.deepEqual(host.collector.requests, []);
});

test("GIVEN health checks, metadata and refused requests WHEN they are answered THEN none has a span", async (t) => {
  const host = await startTracedHost(t, {});
  for (const [path, status] of [
    ["/healthz", 200],
    ["/readyz", 200],
    ["/.well-known/oauth-protected-resource/mcp", 200],
    ["/mcp", 405],
    ["/elsewhere", 404],
  ] as const)
    assert.equal((await send(host, path, { headers: { "X-Amzn-Trace-Id": ROOT } })).status, status);
  assert.deepEqual(await host.spans(), {});
  assert.deepEqual(host.collector.requests, []);
});
