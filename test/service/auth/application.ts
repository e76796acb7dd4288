import { EventEmitter, once } from "node:events";
import { createServer, request, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import type { TestContext } from "node:test";
import express, { type RequestHandler } from "express";
import { readAuth } from "../../../service/runtime/auth/configuration.ts";
import {
  callerOf,
  createAuth,
  type Auth,
  type AuthenticatedRequest,
} from "../../../service/runtime/auth/index.ts";
import { createLogger } from "../../../service/runtime/log.ts";
import { AUDIENCE } from "./issuer.ts";

/** A small application behind the guard. */
export interface Application {
  readonly auth: Auth;
  /** What it logged. */
  readonly lines: readonly Record<string, unknown>[];
  /** Resolves when a message has been logged as often as that, since the start. */
  logged(message: string, count?: number): Promise<void>;
  /** How often a message was logged. */
  count(message: string): number;
  /** Sends a request; a header may come more than once. */
  send(path: string, options?: RequestOptions): Promise<Reply>;
  /** Calls the endpoint with a token. */
  call(token: string): Promise<Reply>;
}

export interface RequestOptions {
  /** Default `GET`. */
  readonly method?: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ApplicationOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Default: {@link AUDIENCE}. `own`: where it listens. */
  readonly publicUrl?: URL | "own";
  /** What is behind the guard. Default: something that tells what it knows of its caller. */
  readonly endpoint?: RequestHandler;
  readonly scopes?: readonly string[];
}

const tellCaller: RequestHandler = (incoming: AuthenticatedRequest, response) => {
  response.json({ auth: incoming.auth ?? null, caller: callerOf(incoming.auth) ?? null });
};

/** Starts an application at `/mcp` on a free port; it ends with the test. */
export async function startApplication(
  context: TestContext,
  options: ApplicationOptions,
): Promise<Application> {
  const { lines, events, log } = collectLog();
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const given = options.publicUrl ?? new URL(AUDIENCE);
  const publicUrl = given === "own" ? new URL(`http://127.0.0.1:${port}/mcp`) : given;
  const auth = createAuth({
    configuration: readAuth(options.environment, publicUrl),
    publicUrl,
    path: "/mcp",
    title: "Test",
    log,
    scopes: () => options.scopes ?? [],
  });
  const application = express();
  application.use(auth.metadata);
  application.post("/mcp", auth.guard, options.endpoint ?? tellCaller);
  server.on("request", application);
  context.after(() => {
    auth.close();
    server.close();
    server.closeAllConnections();
  });
  const count = (message: string) => lines.filter(({ msg }) => msg === message).length;
  const send: Application["send"] = (path, { method = "GET", headers = [], body } = {}) =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: "127.0.0.1",
          port,
          path,
          method,
          headers: ["Host", "10.0.12.34:8080", ...headers.flat()],
        },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
          response.on("end", () => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
          });
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  return {
    auth,
    lines,
    count,
    logged: async (message, times = 1) => {
      while (count(message) < times) await once(events, "line");
    },
    send,
    call: (token) =>
      send("/mcp", { method: "POST", headers: [["Authorization", `Bearer ${token}`]] }),
  };
}

function collectLog() {
  const lines: Record<string, unknown>[] = [];
  const events = new EventEmitter();
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      events.emit("line");
      done();
    },
  });
  const log = createLogger("test", { id: "replica-1", zone: "zone-a" }, "debug", sink);
  return { lines, events, log };
}
