import { performance } from "node:perf_hooks";
import {
  DEFAULT_NEGOTIATED_PROTOCOL_VERSION,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  isSpecType,
  PROTOCOL_VERSION_META_KEY,
  SUPPORTED_PROTOCOL_VERSIONS,
  type JSONRPCErrorResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type JSONRPCResultResponse,
  type McpServer,
  type Transport,
} from "@modelcontextprotocol/server";
import type { ActiveCall, Call, CallEnd } from "../calls.ts";
import type { Telemetry } from "../telemetry/instruments.ts";
import type { Contents } from "./contents.ts";
import type { Exchange, OpenCall } from "./exchange.ts";

/** Trace context that may stand in `_meta` (SEP-414) or in headers. */
const TRACE_CONTEXT = ["traceparent", "tracestate", "baggage"] as const;
const XRAY_HEADER = "x-amzn-trace-id";

/** The requests of all revisions that a server answers, and what each must look like. */
const REQUESTS: Readonly<Record<string, (request: unknown) => boolean>> = {
  "completion/complete": isSpecType.CompleteRequest,
  initialize: isSpecType.InitializeRequest,
  "logging/setLevel": isSpecType.SetLevelRequest,
  ping: isSpecType.PingRequest,
  "prompts/get": isSpecType.GetPromptRequest,
  "prompts/list": isSpecType.ListPromptsRequest,
  "resources/list": isSpecType.ListResourcesRequest,
  "resources/read": isSpecType.ReadResourceRequest,
  "resources/subscribe": isSpecType.SubscribeRequest,
  "resources/templates/list": isSpecType.ListResourceTemplatesRequest,
  "resources/unsubscribe": isSpecType.UnsubscribeRequest,
  "server/discover": isSpecType.DiscoverRequest,
  "tools/call": isSpecType.CallToolRequest,
  "tools/list": isSpecType.ListToolsRequest,
};

const VERSIONS: ReadonlySet<string> = new Set([...SUPPORTED_PROTOCOL_VERSIONS, "2026-07-28"]);

/** The methods whose calls have a target, and the parameter that names it. */
const TARGETS: Readonly<Record<string, "name" | "uri">> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
};

/** What an observer needs to know of the request and the server. */
export interface Observed {
  readonly exchange: Exchange;
  readonly headers: Headers;
  readonly contents: Contents;
  readonly telemetry: Pick<Telemetry, "instruments" | "traceIdOf">;
}

/**
 * Shows every call that goes through a server to the instruments. It looks at the messages between server and transport: that is the one
 * place where both eras, all methods and all ends meet as objects.
 */
export function observeCalls(server: McpServer, observed: Observed): void {
  const connect = server.connect.bind(server);
  server.connect = async (transport) => {
    await connect(transport);
    observeTransport(transport, observed);
  };
}

function observeTransport(transport: Transport, observed: Observed): void {
  const { calls } = observed.exchange;
  const deliver = transport.onmessage;
  transport.onmessage = (message, extra) => {
    if (!isJSONRPCRequest(message)) {
      deliver?.(message, extra);
      return;
    }
    begin(message, observed)(() => deliver?.(message, extra));
  };

  const send = transport.send.bind(transport);
  transport.send = async (message: JSONRPCMessage, options) => {
    // The SDK answers what it cannot read with no id.
    if (!isAnswer(message) || message.id === undefined) {
      await send(message, options);
      return;
    }
    const open = calls.get(message.id);
    const answer = open === undefined ? message : theClientsFault(message, open);
    open?.end(endOf(answer));
    await send(answer, options);
  };

  const close = transport.onclose;
  transport.onclose = () => {
    for (const open of calls.values()) open.end({ outcome: "cancelled" });
    close?.();
  };
}

function isAnswer(
  message: JSONRPCMessage,
): message is JSONRPCErrorResponse | JSONRPCResultResponse {
  return isJSONRPCErrorResponse(message) || isJSONRPCResultResponse(message);
}

/** The SDK reports parameters that its schemas refuse as an internal error, with all that they say: -32602 is what it is. */
function theClientsFault(
  message: JSONRPCErrorResponse | JSONRPCResultResponse,
  { call, params, verdict }: OpenCall,
): JSONRPCErrorResponse | JSONRPCResultResponse {
  if (!isJSONRPCErrorResponse(message) || message.error.code !== INTERNAL_ERROR) return message;
  const isValid = REQUESTS[call.method];
  if (verdict !== undefined || isValid === undefined || isValid({ method: call.method, params })) {
    return message;
  }
  return {
    ...message,
    error: {
      code: INVALID_PARAMS,
      message: `The parameters are not what the protocol says of \`${call.method}\`.`,
    },
  };
}

/** @returns what runs the work of the call inside its instruments. */
function begin(message: JSONRPCRequest, observed: Observed): (work: () => void) => void {
  const { exchange, telemetry } = observed;
  const started = performance.now();
  exchange.called = true;
  const call = describe(message, observed);
  const active = telemetry.instruments.map((instrument) => instrument(call));
  const traceId = telemetry.traceIdOf(call);
  // Two messages of a batch with one id: only one of them can be answered.
  exchange.calls.get(message.id)?.end({ outcome: "protocol_error" });
  exchange.calls.set(message.id, {
    call,
    active,
    params: message.params ?? {},
    log: traceId === undefined ? exchange.log : exchange.log.child({ traceId }),
    end(end) {
      if (!exchange.calls.delete(message.id)) return;
      const complete: CallEnd = {
        ...end,
        ...this.verdict,
        durationMilliseconds: performance.now() - started,
      };
      for (const each of active) {
        try {
          each.end(complete);
        } catch (cause) {
          // Whoever watches a call must not keep its answer from the client.
          exchange.log.error({ cause: String(cause) }, "a call could not be recorded");
        }
      }
    },
  });
  return (work) => {
    runInside(active, work);
  };
}

function runInside(active: readonly ActiveCall[], work: () => void): void {
  const nested = active.reduceRight<() => void>(
    (inner, instrument) => () => {
      if (instrument.run === undefined) inner();
      else instrument.run(inner);
    },
    work,
  );
  nested();
}

function describe(message: JSONRPCRequest, { exchange, headers, contents }: Observed): Call {
  const meta: Readonly<Record<string, unknown>> = message.params?._meta ?? {};
  const target = knownTarget(message, contents);
  return {
    method: Object.hasOwn(REQUESTS, message.method) ? message.method : "unknown",
    ...(target === undefined ? {} : { target }),
    protocolVersion: protocolVersion(message, meta, headers),
    era: exchange.era,
    caller: exchange.caller,
    requestId: exchange.requestId,
    id: message.id,
    carrier: carrier(meta, headers),
  };
}

/** The revision that a request speaks, if there is one of that name: what clients make up must not become metrics. */
function protocolVersion(
  { method, params }: JSONRPCRequest,
  meta: Readonly<Record<string, unknown>>,
  headers: Headers,
): string {
  const version =
    meta[PROTOCOL_VERSION_META_KEY] ??
    (method === "initialize" ? params?.["protocolVersion"] : undefined) ??
    headers.get("mcp-protocol-version") ??
    DEFAULT_NEGOTIATED_PROTOCOL_VERSION;
  return typeof version === "string" && VERSIONS.has(version) ? version : "unknown";
}

/** The target of a call if the server has it: names that clients make up must not become metrics. */
function knownTarget({ method, params }: JSONRPCRequest, contents: Contents): string | undefined {
  const key = TARGETS[method];
  const target = key === undefined ? undefined : params?.[key];
  if (typeof target !== "string") return undefined;
  const { tools, prompts, resources } = contents;
  const isKnown =
    method === "tools/call"
      ? tools.some(({ name }) => name === target)
      : method === "prompts/get"
        ? prompts.some(({ name }) => name === target)
        : resources.some(({ uri }) => uri === target);
  return isKnown ? target : undefined;
}

/** What the client says in the message comes before what proxies say in headers. */
function carrier(
  meta: Readonly<Record<string, unknown>>,
  headers: Headers,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const source =
    typeof meta["traceparent"] === "string"
      ? (key: string) => meta[key]
      : (key: string) => headers.get(key);
  for (const key of TRACE_CONTEXT) {
    const value = source(key);
    if (typeof value === "string") found[key] = value;
  }
  const xray = headers.get(XRAY_HEADER);
  if (xray !== null) found[XRAY_HEADER] = xray;
  return found;
}

function endOf(message: JSONRPCMessage): Omit<CallEnd, "durationMilliseconds"> {
  if (isJSONRPCErrorResponse(message)) {
    const { code } = message.error;
    return {
      outcome: code === INTERNAL_ERROR ? "internal_error" : "protocol_error",
      errorCode: code,
    };
  }
  if (!isJSONRPCResultResponse(message)) return { outcome: "ok" };
  const { result } = message;
  if (result["resultType"] === "input_required") return { outcome: "input_required" };
  return { outcome: result["isError"] === true ? "invalid_arguments" : "ok" };
}
