/** Loaded only where the environment asks for OpenTelemetry: the host has registered its providers then. */
import {
  context,
  metrics,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
} from "@opentelemetry/api";
import { errorAttributes } from "../../../runtime/telemetry/semantic-conventions.ts";
import { messageTraceContext } from "../../../runtime/telemetry/trace-context.ts";
import type { GatewayGauges, UpstreamOperation, UpstreamTelemetry } from "./upstream-telemetry.ts";

/** The instrumentation scope of the whole package. */
const SCOPE = "pulumi-mcp-service";

/** OpenTelemetry semantic conventions for MCP (open-telemetry/semantic-conventions-genai, docs/gen-ai/mcp.md; status: development). */
const OPERATION_DURATION = {
  name: "mcp.client.operation.duration",
  unit: "s",
  description: "How long it took from sending a request to an upstream to its result.",
  boundaries: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300],
} as const;

/** Opens a span for every request to an upstream, and records how long it took; says how upstreams are whenever metrics are read. */
export function startUpstreamOpenTelemetry(gauges: () => GatewayGauges): UpstreamTelemetry {
  const tracer = trace.getTracer(SCOPE);
  const meter = metrics.getMeter(SCOPE);
  const { name, unit, description, boundaries } = OPERATION_DURATION;
  const durations = meter.createHistogram(name, {
    unit,
    description,
    advice: { explicitBucketBoundaries: [...boundaries] },
  });
  const listed = meter.createObservableGauge("mcp.gateway.upstream.listed", {
    description: "Whether clients see what an upstream offers: 1 or 0.",
  });
  const open = meter.createObservableGauge("mcp.gateway.upstream.breaker.open", {
    description: "Whether an upstream is asked nothing, or only tried: 1 or 0.",
  });
  const age = meter.createObservableGauge("mcp.gateway.upstream.list.age", {
    unit: "s",
    description: "How old the list of an upstream is.",
  });
  const all = [listed, open, age];
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    for (const each of gauges().upstreams) {
      const attributes = { "peer.service": each.upstream };
      result.observe(listed, each.isListed ? 1 : 0, attributes);
      result.observe(open, each.breaker === "closed" ? 0 : 1, attributes);
      if (each.listAgeSeconds !== undefined) result.observe(age, each.listAgeSeconds, attributes);
    }
  };
  meter.addBatchObservableCallback(observe, all);
  return {
    begin: (operation, carrier) => {
      const active = context.active();
      const parent =
        trace.getSpan(active) === undefined ? propagation.extract(active, carrier) : active;
      const attributes = attributesOf(operation);
      const span = tracer.startSpan(
        operation.name === undefined ? operation.method : `${operation.method} ${operation.name}`,
        { kind: SpanKind.CLIENT, attributes },
        parent,
      );
      const current = trace.setSpan(parent, span);
      return {
        run: (given, work) => {
          const injected: Record<string, string> = {};
          propagation.inject(current, injected);
          return context.with(current, work, undefined, {
            ...given,
            ...messageTraceContext(injected),
          });
        },
        end: (end) => {
          const error = errorAttributes(end);
          span.setAttributes(error);
          // A client that leaves is no failure.
          if ("error.type" in error && end.outcome !== "cancelled")
            span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
          durations.record(end.durationMilliseconds / 1000, { ...attributes, ...error });
        },
      };
    },
    close: () => {
      meter.removeBatchObservableCallback(observe, all);
    },
  };
}

function attributesOf({ upstream, method, name, protocolVersion }: UpstreamOperation): Attributes {
  return {
    "mcp.method.name": method,
    "mcp.protocol.version": protocolVersion,
    "peer.service": upstream,
    ...(method === "tools/call" ? { "gen_ai.operation.name": "execute_tool" } : {}),
    ...(method === "tools/call" && name !== undefined ? { "gen_ai.tool.name": name } : {}),
    ...(method === "prompts/get" && name !== undefined ? { "gen_ai.prompt.name": name } : {}),
  };
}
