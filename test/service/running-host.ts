import { request, type Agent, type IncomingMessage } from "node:http";
import { Writable } from "node:stream";
import type { TestContext } from "node:test";
import { readConfiguration } from "../../service/runtime/configuration.ts";
import { startHost, type Host } from "../../service/runtime/host.ts";
import { createLogger } from "../../service/runtime/log.ts";
import type { ServerDefinition } from "../../service/runtime/server.ts";

export const TOKEN = "a-token-of-the-tests";

/** A host, and what it has logged. */
export interface Started {
  readonly host: Host;
  readonly lines: Record<string, unknown>[];
}

/** A host on a free port, ended with the test. */
export async function startTestHost(
  context: TestContext,
  definition: Partial<ServerDefinition>,
  environment: Record<string, string> = {},
): Promise<Started> {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      for (const line of chunk.toString().trim().split("\n"))
        lines.push(JSON.parse(line) as Record<string, unknown>);
      done();
    },
  });
  const log = createLogger("test", { id: "replica-1", zone: "zone-a" }, "debug", sink);
  const configuration = readConfiguration({
    HOST: "127.0.0.1",
    PORT: "0",
    MCP_PUBLIC_URL: "https://mcp.example.com/mcp",
    AUTH_STATIC_TOKENS: TOKEN,
    DRAIN_SECONDS: "0",
    ...environment,
  });
  const host = await startHost(
    {
      name: "test",
      title: "Test",
      version: "1.2.3",
      ...definition,
    },
    configuration,
    log,
    environment,
  );
  context.after(() => host.close());
  return { host, lines };
}

/** An answer, complete. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Sends a request and reads its answer to the end. */
export function send(
  { host }: Started,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string; agent?: Agent } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: "127.0.0.1",
        port: host.address.port,
        path,
        method: options.method ?? "GET",
        headers: options.headers ?? {},
        ...(options.agent === undefined ? {} : { agent: options.agent }),
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (body += chunk));
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(options.body);
  });
}

/** Calls a tool in protocol revision 2026-07-28. */
export function call(
  started: Started,
  tool: string,
  input: object,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return post(started, modernRequest("tools/call", { name: tool, arguments: input }), {
    "Mcp-Name": tool,
    ...headers,
  });
}

/** A JSON-RPC request of 2026-07-28. */
export function modernRequest(
  method: string,
  params: Record<string, unknown> = {},
  meta: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    jsonrpc: "2.0",
    id: 1,
    method,
    params: {
      ...params,
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        ...meta,
      },
    },
  };
}

/** Sends a message of 2026-07-28 with the headers that belong to it. */
export function post(
  started: Started,
  message: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return send(started, "/mcp", {
    method: "POST",
    headers: { ...modernHeaders(String(message["method"])), ...headers },
    body: JSON.stringify(message),
  });
}

/** The headers of a request of 2026-07-28. */
export function modernHeaders(method: string): Record<string, string> {
  return {
    Authorization: `Bearer ${TOKEN}`,
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": method,
  };
}

/** The result in an answer of one JSON-RPC message. */
export const resultOf = ({ body }: Reply): Record<string, unknown> =>
  (JSON.parse(body) as { result: Record<string, unknown> }).result;
