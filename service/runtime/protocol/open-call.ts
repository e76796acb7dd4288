import { performance } from "node:perf_hooks";
import {
  DEFAULT_NEGOTIATED_PROTOCOL_VERSION,
  PROTOCOL_VERSION_META_KEY,
  SUPPORTED_PROTOCOL_VERSIONS,
  type RequestId,
} from "@modelcontextprotocol/server";
import type { ActiveCall, Call, CallEnd } from "../calls.ts";
import type { Logger } from "../log.ts";
import type { Telemetry } from "../telemetry/instruments.ts";
import { MESSAGE_TRACE_CONTEXT } from "../telemetry/trace-context.ts";
import type { Exchange, OpenCall, RelayedAnswer } from "./exchange.ts";
import { isSpecRequest } from "./requests.ts";

const XRAY_HEADER = "x-amzn-trace-id";

const VERSIONS: ReadonlySet<string> = new Set([...SUPPORTED_PROTOCOL_VERSIONS, "2026-07-28"]);

/** The methods whose calls have a target, and the parameter that names it. */
const TARGETS: Readonly<Record<string, "name" | "uri">> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
};

/** A JSON-RPC request, as far as instruments need it. */
export interface CallMessage {
  readonly id: RequestId;
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

/** What opening a call takes. */
export interface CallScene {
  readonly exchange: Exchange;
  /** A header of the request, by its name in lower case. */
  header(name: string): string | undefined;
  /** Whether the server has a tool, prompt or resource of that name or URI. */
  isOffered(method: string, target: string): boolean;
  readonly telemetry: Pick<Telemetry, "instruments" | "traceIdOf">;
}

/** Begins a call: from here on its instruments watch it, until it is ended. */
export function openCall(message: CallMessage, scene: CallScene): OpenCall {
  const { exchange } = scene;
  exchange.called = true;
  const opened = new Opened(message, scene);
  exchange.calls.get(message.id)?.end({ outcome: "protocol_error" });
  exchange.calls.set(message.id, opened);
  return opened;
}

/**
 * A class, since a getter in an object literal gives every object a hidden class of its own (V8), which lives until the next full collection, and with it
 * all that the getter can see: the whole request. Closures made in a constructor are as dear, so there are none: `npm run bench:gateway` shows it.
 */
class Opened implements OpenCall {
  readonly call: Call;
  readonly active: readonly ActiveCall[];
  readonly params: Readonly<Record<string, unknown>>;
  answer?: RelayedAnswer;
  verdict?: NonNullable<OpenCall["verdict"]>;
  readonly #message: CallMessage;
  readonly #scene: CallScene;
  readonly #started = performance.now();
  #log: Logger | undefined;

  constructor(message: CallMessage, scene: CallScene) {
    this.#message = message;
    this.#scene = scene;
    this.call = describe(message, scene);
    this.active = watched(this.call, scene);
    this.params = message.params ?? {};
  }

  /** Most calls write nothing of their own, and a logger costs as much as the rest of this. */
  get log(): Logger {
    if (this.#log !== undefined) return this.#log;
    const { exchange, telemetry } = this.#scene;
    const traceId = telemetry.traceIdOf(this.call);
    return (this.#log = traceId === undefined ? exchange.log : exchange.log.child({ traceId }));
  }

  end(end: Omit<CallEnd, "durationMilliseconds">): void {
    const { exchange } = this.#scene;
    const { id } = this.#message;
    // Two messages of a batch with one id: only one of them can be answered.
    if (exchange.calls.get(id) !== this) return;
    exchange.calls.delete(id);
    const complete: CallEnd = {
      ...end,
      ...this.verdict,
      durationMilliseconds: performance.now() - this.#started,
    };
    for (const each of this.active) {
      try {
        each.end(complete);
      } catch (cause) {
        // Whoever watches a call must not keep its answer from the client.
        exchange.log.error({ cause: String(cause) }, "a call could not be recorded");
      }
    }
  }
}

function watched(call: Call, { telemetry }: CallScene): readonly ActiveCall[] {
  return telemetry.instruments.map((instrument) => instrument(call));
}

/** Runs the work of a call inside whatever its instruments make current. */
export function runInside<T>(active: readonly ActiveCall[], work: () => T): T {
  let nested = work;
  for (let index = active.length - 1; index >= 0; index--) {
    const instrument = active[index];
    if (instrument?.run === undefined) continue;
    const inner = nested;
    nested = () => (instrument.run === undefined ? inner() : instrument.run(inner));
  }
  return nested();
}

function describe(message: CallMessage, scene: CallScene): Call {
  const { exchange } = scene;
  const meta = (message.params?.["_meta"] ?? {}) as Readonly<Record<string, unknown>>;
  const target = knownTarget(message, scene);
  return {
    method: isSpecRequest(message.method) ? message.method : "unknown",
    ...(target === undefined ? {} : { target }),
    protocolVersion: protocolVersion(message, meta, scene),
    era: exchange.era,
    caller: exchange.caller,
    requestId: exchange.requestId,
    id: message.id,
    carrier: carrier(meta, scene),
  };
}

/** The revision that a request speaks, if there is one of that name: what clients make up must not become metrics. */
function protocolVersion(
  { method, params }: CallMessage,
  meta: Readonly<Record<string, unknown>>,
  scene: CallScene,
): string {
  const version =
    meta[PROTOCOL_VERSION_META_KEY] ??
    (method === "initialize" ? params?.["protocolVersion"] : undefined) ??
    scene.header("mcp-protocol-version") ??
    DEFAULT_NEGOTIATED_PROTOCOL_VERSION;
  return typeof version === "string" && VERSIONS.has(version) ? version : "unknown";
}

/** What the server has: names that clients make up must not become metrics. */
function knownTarget({ method, params }: CallMessage, scene: CallScene): string | undefined {
  const key = TARGETS[method];
  const target = key === undefined ? undefined : params?.[key];
  return typeof target === "string" && scene.isOffered(method, target) ? target : undefined;
}

/** What the client says in the message comes before what proxies say in headers. */
function carrier(
  meta: Readonly<Record<string, unknown>>,
  scene: CallScene,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const inMessage = typeof meta["traceparent"] === "string";
  for (const key of MESSAGE_TRACE_CONTEXT) {
    const value = inMessage ? meta[key] : scene.header(key);
    if (typeof value === "string") found[key] = value;
  }
  const xray = scene.header(XRAY_HEADER);
  if (xray !== undefined) found[XRAY_HEADER] = xray;
  return found;
}
