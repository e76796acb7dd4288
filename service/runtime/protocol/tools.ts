import {
  isSpecType,
  type CallToolResult,
  type ContentBlock,
  type McpServer,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import type { ActiveCall } from "../calls.ts";
import { InputRequired } from "../input-required.ts";
import type { Content, Tool, ToolContext } from "../tool.ts";
import { run, type Runner } from "./run.ts";
import { assertJson, description, parseArguments } from "./schemas.ts";
import type { Challenge } from "./server.ts";

const NO_ARGUMENTS = z.object({});

/** Registers the tools with a server. */
export function registerTools(
  server: McpServer,
  tools: readonly Tool[],
  runner: Runner,
  challenge: Challenge,
): void {
  for (const tool of tools) {
    server.registerTool(
      tool.name,
      {
        ...(tool.title === undefined ? {} : { title: tool.title }),
        description: tool.description,
        inputSchema: description(tool.input ?? NO_ARGUMENTS),
        ...(tool.output === undefined ? {} : { outputSchema: description(tool.output) }),
        ...(tool.annotations === undefined ? {} : { annotations: { ...tool.annotations } }),
        ...challenge(tool.scopes),
      },
      async (input, request) => {
        const active = runner.exchange.calls.get(request.mcpReq.id)?.active ?? [];
        const ended = await run(runner, request, `The tool \`${tool.name}\``, (context) =>
          call(tool, input, context, active),
        );
        return ended.kind === "failure"
          ? { content: [{ type: "text", text: ended.message }], isError: true }
          : ended.result;
      },
    );
  }
}

/** Arguments and result are checked here, so that what a schema forbids or breaks on counts for what it is. */
async function call(
  tool: Tool,
  given: Record<string, unknown>,
  context: ToolContext,
  active: readonly ActiveCall[],
): Promise<CallToolResult | InputRequired> {
  const input = await parseArguments(
    tool.input ?? NO_ARGUMENTS,
    given,
    `The tool \`${tool.name}\``,
  );
  if (tool.output === undefined) {
    const content = await observed(active, () => tool.run(input, context));
    return content instanceof InputRequired ? content : { content: blocks(content) };
  }
  const result = await observed(active, () => tool.run(input, context));
  if (result instanceof InputRequired) return result;
  const output = await tool.output.parseAsync(result);
  const text = JSON.stringify(output);
  return { content: blocks(tool.describe?.(output) ?? text), structuredContent: output };
}

type Work<T> = () => Promise<T> | T;

/** Runs a tool's function inside the instruments that look at it. */
function observed<T>(active: readonly ActiveCall[], work: Work<T>): Promise<T> | T {
  return active.reduceRight<Work<T>>(inside, work)();
}

function inside<T>(inner: Work<T>, { runTool }: ActiveCall): Work<T> {
  return runTool === undefined ? inner : () => runTool(async () => inner());
}

/** @throws where an author gives something else than content. */
function blocks(content: Content): ContentBlock[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content) || !content.every(isSpecType.ContentBlock)) {
    throw new TypeError("The tool gave neither a text nor a list of content blocks.");
  }
  assertJson(content);
  return [...(content as readonly ContentBlock[])];
}
