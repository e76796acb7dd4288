/** An endpoint that serves an author's contents, without the guards in front of it. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import type { TestContext } from "node:test";
import express, { type Request } from "express";
import { authInfoOf } from "../../../service/runtime/auth/auth-info.ts";
import { hasScopes, scopeChallenge } from "../../../service/runtime/auth/scopes.ts";
import type { Call, CallEnd, Instrument } from "../../../service/runtime/calls.ts";
import type { Caller } from "../../../service/runtime/caller.ts";
import { readConfiguration } from "../../../service/runtime/configuration.ts";
import { createLogger } from "../../../service/runtime/log.ts";
import type { Contents } from "../../../service/runtime/protocol/contents.ts";
import { createMcpEndpoint } from "../../../service/runtime/protocol/endpoint.ts";
import { createStateSeal } from "../../../service/runtime/protocol/sealed-state.ts";
import type { ServerDefinition } from "../../../service/runtime/server.ts";
import { OFFERED } from "./contents-offers.ts";

export const CALLER: Caller = { id: "static-token:abc", scopes: ["read"], claims: {} };

/** What both ways seal state with. */
export const SEAL = createStateSeal(["a".repeat(32)]);

/** A call, how it ended, and whether its tool ran inside its instrument. */
export interface Recorded {
  readonly call: Call;
  readonly end: CallEnd;
  readonly ran: boolean;
}

export interface ContentsEndpoint {
  readonly url: URL;
  readonly calls: readonly Recorded[];
  /** Everything that was logged, at all levels. */
  readonly lines: readonly string[];
  /** Resolves when as many calls have ended since the start. */
  readonly ended: (count: number) => Promise<void>;
}

/** Starts one; it ends with the test. */
export async function startContentsEndpoint(
  context: TestContext,
  {
    hotPath,
    contents = OFFERED,
    definition = {},
    callTimeoutSeconds = 30,
    maxOngoingRequests = 10,
    looksAtTools = false,
  }: {
    readonly hotPath: boolean;
    /** What is offered, or what tells it for each request. */
    readonly contents?: Contents | (() => Contents);
    readonly definition?: Partial<ServerDefinition>;
    readonly callTimeoutSeconds?: number;
    readonly maxOngoingRequests?: number;
    /** Whether the instrument has tools run inside it. Default: no. */
    readonly looksAtTools?: boolean;
  },
): Promise<ContentsEndpoint> {
  const calls: Recorded[] = [];
  const lines: string[] = [];
  const http = createServer();
  const instrument: Instrument = (call) => {
    let ran = false;
    return {
      ...(looksAtTools
        ? {
            runTool: (tool) => {
              ran = true;
              return tool();
            },
          }
        : {}),
      end: (end) => {
        calls.push({ call, end, ran });
        http.emit("ended");
      },
    };
  };
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
  });
  const endpoint = createMcpEndpoint(
    {
      name: "author",
      title: "Author",
      version: "1.2.3",
      instructions: "Read the guide first.",
      ...definition,
    },
    {
      configuration: { ...configuration, callTimeoutSeconds, maxOngoingRequests },
      log: createLogger("test", { id: "1", zone: "a" }, "trace", sink),
      seal: SEAL,
      challenge: (scopes) =>
        scopes === undefined
          ? {}
          : { scopeChallenge: scopeChallenge(scopes, { prefix: "", required: [] }) },
      permits: (caller, scopes) => scopes === undefined || hasScopes(caller, scopes),
      telemetry: { instruments: [instrument], traceIdOf: () => undefined },
      contents: typeof contents === "function" ? contents : () => contents,
      hotPath,
    },
  );
  const application = express();
  application.post("/mcp", (request: Request & { auth?: unknown }, _response, next) => {
    request.auth = authInfoOf(CALLER, "https://mcp.example.com", undefined);
    next();
  });
  application.post("/mcp", endpoint.handle);
  http.on("request", application);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  context.after(async () => {
    await endpoint.close();
    http.close();
    http.closeAllConnections();
  });
  return {
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    calls,
    lines,
    ended: async (count) => {
      while (calls.length < count) await once(http, "ended");
    },
  };
}
