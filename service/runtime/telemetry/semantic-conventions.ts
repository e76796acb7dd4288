import type { Attributes } from "@opentelemetry/api";
import type { Call, CallEnd, Outcome } from "../calls.ts";

/**
 * OpenTelemetry semantic conventions for MCP (open-telemetry/semantic-conventions-genai, docs/gen-ai/mcp.md; status: development): the names
 * of spans, of the metric and of their attributes are theirs.
 */
export const OPERATION_DURATION = {
  name: "mcp.server.operation.duration",
  unit: "s",
  description: "How long the server took from receiving a request to sending its result.",
  boundaries: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300],
} as const;

/** The name of a call's span. Addresses of resources are left out: there may be many. */
export function spanName({ method, target }: Call): string {
  return target === undefined || method === "resources/read" ? method : `${method} ${target}`;
}

/** What tells calls apart in metrics: as many values as the server has methods, tools and prompts. */
export function metricAttributes({ method, target, protocolVersion }: Call): Attributes {
  return {
    "mcp.method.name": method,
    "mcp.protocol.version": protocolVersion,
    ...(method === "tools/call" ? { "gen_ai.operation.name": "execute_tool" } : {}),
    ...(method === "tools/call" && target !== undefined ? { "gen_ai.tool.name": target } : {}),
    ...(method === "prompts/get" && target !== undefined ? { "gen_ai.prompt.name": target } : {}),
  };
}

/** Ids of clients are short; a longer one is cut, since spans wait in memory until a collector takes them. In characters. */
const LONGEST_ID = 128;

/** A copy: a part of a text would keep all of it in memory. */
function cut(id: string): string {
  return id.length <= LONGEST_ID ? id : Buffer.from(id.slice(0, LONGEST_ID)).toString();
}

/** What a span says of a call; never its arguments nor its result. */
export function spanAttributes(call: Call): Attributes {
  return {
    ...metricAttributes(call),
    "jsonrpc.request.id": cut(String(call.id)),
    "network.protocol.name": "http",
    "network.transport": "tcp",
    ...(call.method === "resources/read" && call.target !== undefined
      ? { "mcp.resource.uri": call.target }
      : {}),
  };
}

/** The name of the span of a tool's function (open-telemetry/semantic-conventions-genai, docs/gen-ai/gen-ai-spans.md, "Execute tool span"). */
export function toolSpanName({ target = "" }: Call): string {
  return `execute_tool ${target}`;
}

/** What that span says; never what the function was given nor what it gave. */
export function toolSpanAttributes({ target = "" }: Call): Attributes {
  return {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": target,
    "gen_ai.tool.type": "function",
  };
}

/** How a tool's function failed: a JSON-RPC error is none of its own. */
export function toolErrorAttributes({ outcome }: Pick<CallEnd, "outcome">): Attributes {
  return SUCCESSES.has(outcome) ? {} : { "error.type": outcome };
}

const SUCCESSES: ReadonlySet<Outcome> = new Set(["ok", "input_required"]);

/**
 * How a call failed: the code of a JSON-RPC error, else the outcome. (For every result with `isError` the conventions suggest `tool_error`;
 * a tool that says so, one that takes too long and one that breaks are too different for one name.)
 */
export function errorAttributes({ outcome, errorCode }: CallEnd): Attributes {
  if (errorCode !== undefined)
    return { "error.type": String(errorCode), "rpc.response.status_code": String(errorCode) };
  return toolErrorAttributes({ outcome });
}
