import type { CallToolResult, ContentBlock, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { InputRequired } from "../input-required.ts";
import type { Content, Tool } from "../tool.ts";
import { run, type Runner } from "./run.ts";
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
        inputSchema: tool.input ?? NO_ARGUMENTS,
        ...(tool.output === undefined ? {} : { outputSchema: tool.output }),
        ...(tool.annotations === undefined ? {} : { annotations: { ...tool.annotations } }),
        ...challenge(tool.scopes),
      },
      async (input, request) => {
        const ended = await run<Content | CallToolResult>(
          runner,
          request,
          `The tool \`${tool.name}\``,
          (context) =>
            tool.output === undefined
              ? tool.run(input, context)
              : runStructured(tool, input, context),
        );
        switch (ended.kind) {
          case "failure":
            return { content: [{ type: "text", text: ended.message }], isError: true };
          case "input required":
            return ended.result;
          case "result":
            return isStructured(ended.result) ? ended.result : { content: blocks(ended.result) };
        }
      },
    );
  }
}

/** The result of a tool with an output schema; checked here, so that what it forbids counts as the tool's own failure. */
async function runStructured(
  tool: Extract<Tool, { output: z.ZodObject }>,
  ...[input, context]: Parameters<typeof tool.run>
): Promise<CallToolResult | InputRequired> {
  const result = await tool.run(input, context);
  if (result instanceof InputRequired) return result;
  const output = tool.output.parse(result);
  return {
    content: blocks(tool.describe?.(output) ?? JSON.stringify(output)),
    structuredContent: output,
  };
}

function isStructured(result: Content | CallToolResult): result is CallToolResult {
  return typeof result === "object" && "structuredContent" in result;
}

function blocks(content: Content): ContentBlock[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : [...content];
}
