import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { toNodeHandler, type NodeIncomingMessageLike } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer, type CallToolResult } from "@modelcontextprotocol/server";
import type { Request, RequestHandler } from "express";
import { readBody } from "./body.ts";
import type { Logger } from "./log.ts";
import type { ServerDefinition } from "./server.ts";
import { ToolError, type Tool, type ToolContext } from "./tool.ts";

const REQUEST_ID = "x-request-id";

/** The endpoint as an Express handler, and the way to end its open streams. */
export interface McpEndpoint {
  readonly handle: RequestHandler;
  close(): Promise<void>;
}

/** What the SDK's tool callback gets beside the arguments, as far as it is used here. */
type CallContext = Parameters<Parameters<McpServer["registerTool"]>[2]>[1];

/** Serves a definition's tools at one endpoint, statelessly, for clients of every protocol revision that the SDK knows. */
export function createMcpEndpoint(
  definition: ServerDefinition,
  tools: readonly Tool[],
  options: { readonly maxBodyBytes: number; readonly log: Logger },
): McpEndpoint {
  const { log, maxBodyBytes } = options;
  const onerror = (error: Error): void => {
    log.debug({ err: error }, "request not served");
  };
  const handler = createMcpHandler(
    ({ requestInfo }) =>
      createServer(definition, tools, log.child({ request: requestInfo?.headers.get(REQUEST_ID) })),
    { maxRequestBodySize: maxBodyBytes, onerror },
  );
  const serve = toNodeHandler(handler, { maxRequestBodySize: maxBodyBytes, onerror });
  return {
    handle: async (request, response) => {
      // Behind an ALB the trace id is the id under which its access log knows the request.
      const id = traceRoot(request.headers["x-amzn-trace-id"]) ?? randomUUID();
      request.headers[REQUEST_ID] = id;
      response.set("X-Request-Id", id);
      const body = await readBody(request, maxBodyBytes).catch(() => null);
      // The client has left: nobody is there to answer.
      if (body === null) return;
      if (body === undefined) {
        response.status(413).json({
          jsonrpc: "2.0",
          error: {
            code: -32_600,
            message: `The request body is larger than ${maxBodyBytes} bytes.`,
          },
          id: null,
        });
        return;
      }
      await serve(withBody(request, body), response);
    },
    close: () => handler.close(),
  };
}

/** A request whose body has been read: the SDK reads it again from here. */
function withBody({ method, url, headers }: Request, body: Buffer): NodeIncomingMessageLike {
  return {
    method,
    url,
    headers,
    // eslint-disable-next-line @typescript-eslint/require-await -- the SDK iterates over requests asynchronously
    [Symbol.asyncIterator]: async function* () {
      yield body;
    },
  };
}

function traceRoot(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? /(?:^|;)Root=([\w-]{1,64})/u.exec(header)?.[1] : undefined;
}

/** One server a request, as the stateless transport demands: sharing one would leak replies between clients. */
function createServer(
  definition: ServerDefinition,
  tools: readonly Tool[],
  log: Logger,
): McpServer {
  const { name, title, version, instructions } = definition;
  const server = new McpServer(
    { name, title, version },
    {
      capabilities: { tools: {} },
      ...(instructions === undefined ? {} : { instructions }),
    },
  );
  for (const tool of tools) {
    server.registerTool(
      tool.name,
      {
        title: tool.title,
        description: tool.description,
        inputSchema: tool.input,
        outputSchema: tool.output,
        ...(tool.annotations === undefined ? {} : { annotations: { ...tool.annotations } }),
      },
      (input, context) => callTool(tool, input, context, log),
    );
  }
  return server;
}

async function callTool(
  tool: Tool,
  input: Record<string, unknown>,
  call: CallContext,
  log: Logger,
): Promise<CallToolResult> {
  const started = performance.now();
  const callLog = log.child({ tool: tool.name });
  const report = (outcome: string, err?: unknown): void => {
    const durationMilliseconds = Math.round(performance.now() - started);
    if (err === undefined) callLog.info({ outcome, durationMilliseconds }, "tool call");
    else callLog.error({ outcome, durationMilliseconds, err }, "tool call");
  };
  try {
    const output = tool.output.parse(await tool.run(input, toolContext(call, callLog)));
    report("ok");
    return {
      content: [{ type: "text", text: tool.describe?.(output) ?? JSON.stringify(output) }],
      structuredContent: output,
    };
  } catch (error) {
    if (call.mcpReq.signal.aborted) {
      report("cancelled");
      return failure("The call was cancelled.");
    }
    if (error instanceof ToolError) {
      report("tool error");
      return failure(error.message);
    }
    report("internal error", error);
    return failure(
      `The tool \`${tool.name}\` failed for a reason of its own, not because of its arguments. Trying once more may help.`,
    );
  }
}

function failure(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

function toolContext(call: CallContext, log: Logger): ToolContext {
  const { signal, _meta: meta } = call.mcpReq;
  const progressToken = meta?.progressToken;
  return {
    log,
    signal,
    progress: async (update) => {
      if (progressToken === undefined || signal.aborted) return;
      try {
        await call.mcpReq.notify({
          method: "notifications/progress",
          params: { progressToken, ...update },
        });
      } catch (error) {
        // The client left between the check and the write: its call is being aborted anyway.
        log.debug({ err: error }, "progress not delivered");
      }
    },
  };
}
