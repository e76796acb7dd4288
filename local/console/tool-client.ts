import { randomBytes } from "node:crypto";
import { z } from "zod";
import { HttpClient, type Exchange } from "../drills/traffic/client.ts";
import { initialize, message, newTraceRoot, toolCall } from "../drills/traffic/message.ts";
import { readAnswer } from "../drills/traffic/answer.ts";
import type { Endpoint } from "../endpoints.ts";
import { LocalError } from "../graph/graph.ts";
import type { ToolAnswer, ToolDescription } from "../page/source.ts";

const toolList = z.object({
  tools: z.array(
    z.object({
      name: z.string(),
      title: z.string().optional(),
      description: z.string().optional(),
      inputSchema: z.record(z.string(), z.unknown()),
    }),
  ),
  nextCursor: z.string().optional(),
});

const callResult = z.object({
  isError: z.boolean().default(false),
  content: z.array(z.record(z.string(), z.unknown())).default([]),
  structuredContent: z.unknown().optional(),
});

/** A person who tries a tool waits as long as MCP's SDKs do. */
const WAIT_MILLISECONDS = 60_000;
/** A list that never ends is a mistake of its server. */
const MOST_PAGES = 20;

/** The tools of a service, as a client of 2025-11-25 lists them by its public address. */
export async function listTools(endpoint: Endpoint): Promise<ToolDescription[]> {
  return withClient(endpoint, async (client) => {
    await client.send(initialize(), newTraceRoot(Date.now() / 1000));
    const tools: ToolDescription[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const exchange = await client.send(
        message("2025-11-25", "tools/list", cursor === undefined ? {} : { cursor }),
        newTraceRoot(Date.now() / 1000),
      );
      const list = parsed(toolList, resultOf(exchange, "tools/list"));
      tools.push(
        ...list.tools.map(({ title, description, ...tool }) => ({ ...tool, title, description })),
      );
      cursor = list.nextCursor;
      if (cursor === undefined) return tools;
    }
    throw new LocalError(`The list of tools of \`${endpoint.service}\` has no end.`);
  });
}

/** Calls a tool as a client of 2026-07-28 does, with a trace that is always recorded. */
export async function callTool(
  endpoint: Endpoint,
  tool: string,
  input: Readonly<Record<string, unknown>>,
): Promise<ToolAnswer> {
  return withClient(endpoint, async (client) => {
    const began = performance.now();
    // The caller decides whether a trace is recorded (X-Ray guide, "Tracing header").
    const trace = `${newTraceRoot(Date.now() / 1000)};Parent=${randomBytes(8).toString("hex")};Sampled=1`;
    const exchange = await client.send(toolCall("2026-07-28", tool, input), trace);
    const result = parsed(callResult, resultOf(exchange, tool));
    return {
      isError: result.isError,
      content: result.content,
      structuredContent: result.structuredContent,
      durationMilliseconds: performance.now() - began,
    };
  });
}

async function withClient<T>(
  { url, token }: Endpoint,
  use: (client: HttpClient) => Promise<T>,
): Promise<T> {
  const client = new HttpClient(
    { url, token },
    { connectMilliseconds: 10_000, silenceMilliseconds: WAIT_MILLISECONDS },
  );
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** @throws {LocalError} that says what came instead of a result. */
function resultOf({ status, problem, contentType, body }: Exchange, what: string): unknown {
  if (status === 401) {
    throw new LocalError(
      `The service refuses the token of this run (HTTP 401), so that \`${what}\` was not answered. Tokens expire; start again for another.`,
    );
  }
  const answer = status === 200 ? readAnswer(contentType, body) : { problem: problem ?? "" };
  if ("problem" in answer) throw new LocalError(`\`${what}\` was not answered: ${answer.problem}.`);
  return answer.result;
}

function parsed<T>(schema: z.ZodType<T>, result: unknown): T {
  const read = schema.safeParse(result);
  if (read.success) return read.data;
  throw new LocalError(`The server's answer is not MCP's: ${z.prettifyError(read.error)}`);
}
