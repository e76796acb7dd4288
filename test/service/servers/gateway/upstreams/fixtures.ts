import type { TestContext } from "node:test";
import { pino } from "pino";
import { cancellationOf } from "../../../../../service/runtime/cancellation.ts";
import type {
  JsonObject,
  RelayContext,
  RelayRequest,
} from "../../../../../service/runtime/relay.ts";
import { upstreamConfiguration } from "../../../../../service/servers/gateway/upstream-configuration.ts";
import {
  createMcpUpstream,
  type UpstreamSurroundings,
} from "../../../../../service/servers/gateway/upstreams/index.ts";
import type { Upstream } from "../../../../../service/servers/gateway/upstream.ts";

export const LIMITS = { timeoutMilliseconds: 20_000, repeatable: false };
export const REPEATABLE = { ...LIMITS, repeatable: true };
const log = pino({ level: "silent" });

/** An upstream over a server, closed with the test. */
export function openUpstream(
  context: TestContext,
  url: string,
  configuration: JsonObject = {},
  surroundings: Partial<UpstreamSurroundings> = {},
): Upstream {
  const upstream = createMcpUpstream(
    "numbers",
    upstreamConfiguration.parse({ url, ...configuration }),
    { ...surroundingsOfTests, ...surroundings },
  );
  context.after(() => upstream.close());
  return upstream;
}

export const surroundingsOfTests: UpstreamSurroundings = {
  log,
  clientInfo: { name: "gateway", version: "1.0.0" },
  environment: {},
  random: () => 0.5,
};

/** What a caller asks with, changed where a test says so. */
export function contextOf(changes: Partial<RelayContext> = {}): RelayContext {
  const { signal = new AbortController().signal } = changes;
  return {
    log,
    signal,
    cancellation: cancellationOf(signal),
    caller: undefined,
    callerToken: undefined,
    era: "modern",
    protocolVersion: "2026-07-28",
    clientCapabilities: {},
    carrier: {},
    progress: undefined,
    message: undefined,
    ...changes,
  };
}

/** A `tools/call`. */
export function call(name: string, parameters: JsonObject = {}, meta?: JsonObject): RelayRequest {
  return {
    method: "tools/call",
    params: { name, arguments: parameters, ...(meta === undefined ? {} : { _meta: meta }) },
    parameterHeaders: {},
  };
}

export const NEVER = new AbortController().signal;
