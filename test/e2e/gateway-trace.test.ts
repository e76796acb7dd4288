/** One trace from a client through the gateway to its upstreams, each a process of its own with its own collector's client. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startCollector, type ReceivedSpan } from "../service/telemetry/collector.ts";
import { only } from "../service/telemetry/traced-host.ts";
import { Caller } from "./gateway-load.ts";
import { startGatewayProcess, startProcess, upstreamsFile } from "./gateway-process.ts";
import { toolCall } from "./gateway-streams.ts";

const MAIN = join(import.meta.dirname, "..", "..", "service", "main.ts");
const FIXTURE = join(import.meta.dirname, "..", "conformance", "server.ts");
const CHILD = join(import.meta.dirname, "gateway-meta-server.ts");
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER_SPAN = "b7ad6b7169203331";
const SERVER = 2;
const CLIENT = 3;

test(
  "GIVEN a gateway over a service and a stdio server WHEN a client calls them within a trace THEN each server's span has the gateway's client span as its parent, which has the gateway's own, and the child gets its server's span",
  { timeout: 120_000 },
  async (t) => {
    const collector = await startCollector(t);
    const traced = (name: string): Record<string, string> => ({
      OTEL_SERVICE_NAME: name,
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_METRICS_EXPORTER: "none",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_BSP_SCHEDULE_DELAY: "100",
    });
    const [service, stdio] = await Promise.all([
      startProcess(t, [FIXTURE], traced("service")),
      startProcess(t, [MAIN, "stdio", "--", process.execPath, CHILD], {
        ...traced("stdio"),
        STDIO_PROCESSES: "1",
      }),
    ]);
    const file = await upstreamsFile(t, {
      service: { url: service.url },
      stdio: { url: stdio.url },
    });
    const gateway = await startGatewayProcess(t, file, traced("gateway"));
    const caller = new Caller(gateway.url);
    t.after(() => caller.close());
    const within = (name: string) => {
      const { headers, body } = toolCall(name, {});
      const message = JSON.parse(body) as { params: { _meta: Record<string, unknown> } };
      message.params._meta["traceparent"] = `00-${TRACE}-${CALLER_SPAN}-01`;
      return { headers, body: JSON.stringify(message) };
    };
    assert.ok((await caller.send(within("service__test_simple_text"))).text);
    const given = (await caller.send(within("stdio__meta"))).text;
    assert.ok(given);

    const called = ["test_simple_text", "meta"];
    const spansOf = (spans: readonly ReceivedSpan[], name: string): readonly ReceivedSpan[] =>
      spans.filter((span) => span.name === `tools/call ${name}`);
    const names = called.flatMap((tool) => [
      tool,
      `${tool === "meta" ? "stdio" : "service"}__${tool}`,
    ]);
    const spans = await collector.untilSpans((all) =>
      names.every((name) => spansOf(all, name).length === (name.includes("__") ? 2 : 1)),
    );
    for (const [tool, upstream] of [
      ["test_simple_text", "service"],
      ["meta", "stdio"],
    ] as const) {
      const own = spansOf(spans, `${upstream}__${tool}`);
      const outer = only(own.filter(({ kind }) => kind === SERVER));
      const inner = only(own.filter(({ kind }) => kind === CLIENT));
      const behind = only(spansOf(spans, tool));
      assert.deepEqual(
        [outer, inner, behind].map(({ traceId, parentSpanId }) => [traceId, parentSpanId]),
        [
          [TRACE, CALLER_SPAN],
          [TRACE, outer.spanId],
          [TRACE, inner.spanId],
        ],
      );
      if (tool === "meta")
        assert.equal(
          (JSON.parse(given) as Record<string, unknown>)["traceparent"],
          `00-${TRACE}-${behind.spanId}-01`,
        );
    }
  },
);
