import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import type { TestContext } from "node:test";
import express, { type Request } from "express";
import { authInfoOf } from "../../../service/runtime/auth/auth-info.ts";
import type { Call, CallEnd, Instrument } from "../../../service/runtime/calls.ts";
import type { Caller } from "../../../service/runtime/caller.ts";
import { readConfiguration } from "../../../service/runtime/configuration.ts";
import { createLogger } from "../../../service/runtime/log.ts";
import { createMcpEndpoint, type McpEndpoint } from "../../../service/runtime/protocol/endpoint.ts";
import { createStateSeal } from "../../../service/runtime/protocol/sealed-state.ts";
import type { ServerDefinition } from "../../../service/runtime/server.ts";
import { modernHeaders, modernRequest, send, type Reply, type Started } from "../running-host.ts";
import { fakeRelay, type FakeRelay } from "./fake-relay.ts";

/** A call, and how it ended. */
export interface Recorded {
  readonly call: Call;
  readonly end: CallEnd;
}

/** An endpoint that answers from a relay, without the guards in front of it. */
export interface RelayEndpoint {
  readonly url: URL;
  readonly relay: FakeRelay;
  readonly endpoint: McpEndpoint;
  readonly calls: readonly Recorded[];
  /** Everything that was logged, at all levels. */
  readonly lines: readonly string[];
  /** Resolves when as many calls have ended since the start. */
  readonly ended: (count: number) => Promise<void>;
  readonly post: (body: unknown, headers?: Record<string, string>) => Promise<Reply>;
  /** Sends a request of 2026-07-28. */
  readonly modern: (
    method: string,
    params?: Record<string, unknown>,
    meta?: Record<string, unknown>,
    headers?: Record<string, string>,
  ) => Promise<Reply>;
  /** Sends a request of 2025-11-25. */
  readonly legacy: (method: string, params?: Record<string, unknown>) => Promise<Reply>;
}

export const CALLER: Caller = { id: "static-token:abc", scopes: "all", claims: {} };

/** Starts one; it ends with the test. */
export async function startRelayEndpoint(
  context: TestContext,
  {
    hotPath,
    definition = {},
    environment = {},
    caller,
    instruments = [],
  }: {
    readonly hotPath: boolean;
    readonly definition?: Partial<ServerDefinition>;
    readonly environment?: Record<string, string>;
    /** Who calls. Default: nobody has to say. */
    readonly caller?: Caller;
    /** What watches calls beside what records them. Default: nothing. */
    readonly instruments?: readonly Instrument[];
  },
): Promise<RelayEndpoint> {
  const relay = fakeRelay();
  const calls: Recorded[] = [];
  const lines: string[] = [];
  const http = createServer();
  const instrument: Instrument = (call) => ({
    end: (end) => {
      calls.push({ call, end });
      http.emit("ended");
    },
  });
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  const configuration = readConfiguration({
    HOST: "127.0.0.1",
    MCP_PUBLIC_URL: "https://mcp.example.com/mcp",
    AUTH_MODE: "none",
    ...environment,
  });
  const endpoint = createMcpEndpoint(
    { name: "relay", title: "Relay", version: "1.2.3", ...definition },
    {
      configuration,
      log: createLogger("test", { id: "1", zone: "a" }, "trace", sink),
      seal: createStateSeal(["a".repeat(32)]),
      challenge: () => ({}),
      permits: () => true,
      telemetry: { instruments: [instrument, ...instruments], traceIdOf: () => undefined },
      contents: () => ({ tools: [], resources: [], resourceTemplates: [], prompts: [] }),
      relay: () => relay,
      hotPath,
    },
  );
  const application = express();
  application.post("/mcp", (request: Request & { auth?: unknown }, _response, next) => {
    if (caller !== undefined)
      request.auth = authInfoOf(caller, "https://mcp.example.com", undefined);
    next();
  });
  application.post("/mcp", endpoint.handle);
  http.on("request", application);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const address = http.address() as AddressInfo;
  context.after(async () => {
    await endpoint.close();
    http.close();
    http.closeAllConnections();
  });
  const started = { host: { address } } as Started;
  const post: RelayEndpoint["post"] = (body, headers = {}) =>
    send(started, "/mcp", {
      method: "POST",
      headers,
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return {
    url: new URL(`http://127.0.0.1:${address.port}/mcp`),
    relay,
    endpoint,
    calls,
    lines,
    ended: async (count) => {
      while (calls.length < count) await once(http, "ended");
    },
    post,
    modern: (method, params = {}, meta = {}, headers = {}) => {
      const name = params["name"] ?? params["uri"];
      return post(modernRequest(method, params, meta), {
        ...modernHeaders(method),
        ...(typeof name === "string" ? { "Mcp-Name": headerText(name) } : {}),
        ...headers,
      });
    },
    legacy: (method, params = {}) =>
      post(
        { jsonrpc: "2.0", id: 1, method, params },
        { ...modernHeaders(method), "MCP-Protocol-Version": "2025-11-25" },
      ),
  };
}

function headerText(name: string): string {
  return /^[\u0020-\u007E]*$/u.test(name)
    ? name
    : `=?base64?${Buffer.from(name).toString("base64")}?=`;
}

/** The messages of an answer, be it JSON or a stream. */
export function messagesOf({ headers, body }: Pick<Reply, "headers" | "body">): unknown[] {
  if (headers["content-type"]?.startsWith("text/event-stream") !== true)
    return body === "" ? [] : [JSON.parse(body) as unknown];
  return [...body.matchAll(/^data: ([^\n]*)$/gmu)].map(
    ([, data]) => JSON.parse(data ?? "") as unknown,
  );
}
