import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeRelay } from "../hot-path/fake-relay.ts";
import { modernRequest, post } from "../running-host.ts";
import { only, startTracedHost } from "./traced-host.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";

/** The SDK answers calls of tools whose arguments stand in headers as well. */
for (const [way, tool] of [
  ["the hot path", "echo"],
  ["the SDK", "routed"],
] as const) {
  test(`GIVEN a relay and traces WHEN a call goes through ${way} THEN whoever is asked next belongs to the span of the call, and gets no header of the balancer`, async (context) => {
    const relay = fakeRelay();
    const started = await startTracedHost(context, { start: () => ({ relay }) });
    await post(
      started,
      modernRequest(
        "tools/call",
        { name: tool, arguments: {} },
        {
          traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
          tracestate: "vendor=1",
          baggage: "user=7",
        },
      ),
      {
        "Mcp-Name": tool,
        "X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793",
      },
    );
    const span = only((await started.spans())[`tools/call ${tool}`]);
    assert.deepEqual([span.traceId, span.parentSpanId], [TRACE, "b7ad6b7169203331"]);
    assert.deepEqual(only(relay.received).context.carrier, {
      traceparent: `00-${TRACE}-${span.spanId}-01`,
      tracestate: "vendor=1",
      baggage: "user=7",
    });
  });
}
