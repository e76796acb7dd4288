import {
  isSpecType,
  type CallToolResult,
  type ContentBlock,
  type McpServer,
} from "@modelcontextprotocol/server";
import type { ActiveCall } from "../calls.ts";
import { InputRequired } from "../input-required.ts";
import type { JsonObject } from "../relay.ts";
import type { Content, ContentTool, StructuredTool, Tool, ToolContext } from "../tool.ts";
import { after } from "./eventually.ts";
import { run, type Runner } from "./run.ts";
import { assertJson, description, NO_ARGUMENTS, parseArguments, parseResult } from "./schemas.ts";
import type { Challenge } from "./server.ts";

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
        const ended = await run(runner, request, subjectOf(tool), (context) =>
          callTool(tool, input, context, active, written),
        );
        return ended.kind === "failure"
          ? { content: [{ type: "text", text: ended.message }], isError: true }
          : ended.result;
      },
    );
  }
}

/** The result as the SDK takes it. */
function written({ content, structured }: ToolResult): CallToolResult {
  return {
    content: typeof content === "string" ? [{ type: "text", text: content }] : [...content],
    ...(structured === undefined ? {} : { structuredContent: structured.output }),
  };
}

/** What a tool gave, all of it checked. */
export interface ToolResult {
  /** A text, or blocks. */
  readonly content: Content;
  /** What satisfies the schema of the result, where the tool has one, and the same as JSON. */
  readonly structured?: { readonly output: JsonObject; readonly json: string };
}

/**
 * Runs a tool. Arguments and result are checked here, so that what a schema forbids or breaks on counts for what it is; at once where
 * neither the schemas nor the tool need time.
 *
 * @param write puts the result down.
 */
export function callTool<R>(
  tool: Tool,
  given: unknown,
  context: ToolContext,
  active: readonly ActiveCall[],
  write: (result: ToolResult) => R,
): R | InputRequired | PromiseLike<R | InputRequired> {
  const input = parseArguments(tool.input ?? NO_ARGUMENTS, given, subjectOf(tool));
  return after(input, (accepted) =>
    tool.output === undefined
      ? runContentTool(tool, accepted, context, active, write)
      : runStructuredTool(tool, accepted, context, active, write),
  );
}

type Arguments = Readonly<Record<string, unknown>>;

function runContentTool<R>(
  tool: ContentTool,
  input: Arguments,
  context: ToolContext,
  active: readonly ActiveCall[],
  write: (result: ToolResult) => R,
): R | InputRequired | PromiseLike<R | InputRequired> {
  return after(
    observed(active, () => tool.run(input, context)),
    (content) =>
      content instanceof InputRequired ? content : write({ content: checked(content) }),
  );
}

function runStructuredTool<R>(
  tool: StructuredTool,
  input: Arguments,
  context: ToolContext,
  active: readonly ActiveCall[],
  write: (result: ToolResult) => R,
): R | InputRequired | PromiseLike<R | InputRequired> {
  return after(
    observed(active, () => tool.run(input, context)),
    (result) => {
      if (result instanceof InputRequired) return result;
      return after(parseResult(tool.output, result), (output) => {
        const json: unknown = JSON.stringify(output);
        if (typeof json !== "string") throw new TypeError("There is nothing to send.");
        const content = checked(tool.describe?.(output) ?? json);
        return write({ content, structured: { output, json } });
      });
    },
  );
}

export function subjectOf({ name }: Tool): string {
  return `The tool \`${name}\``;
}

type Work<T> = () => T | PromiseLike<T>;

/** Runs a tool's function inside the instruments that look at it. */
function observed<T>(active: readonly ActiveCall[], work: Work<T>): T | PromiseLike<T> {
  return active.reduceRight<Work<T>>(inside, work)();
}

function inside<T>(inner: Work<T>, { runTool }: ActiveCall): Work<T> {
  return runTool === undefined ? inner : () => runTool(async () => inner());
}

/** @throws where an author gives something else than content. */
function checked(content: unknown): Content {
  if (typeof content === "string") return content;
  if (!isContent(content)) {
    throw new TypeError("The tool gave neither a text nor a list of content blocks.");
  }
  return content;
}

function isContent(content: unknown): content is readonly ContentBlock[] {
  if (!Array.isArray(content)) return false;
  const blocks: readonly unknown[] = content;
  if (isPlainText(blocks)) return true;
  // A copy has no places that are left out, which `every` passes over.
  if (![...blocks].every((block) => isSpecType.ContentBlock(block))) return false;
  assertJson(blocks);
  return true;
}

/** Whether all that there is are blocks of text and nothing else: nearly all are, and the SDK's schemas take their time. */
export function isPlainText(content: readonly unknown[]): boolean {
  // By index, since `every` passes over what is left out.
  for (let index = 0; index < content.length; index++) {
    if (!isPlainBlock(content[index])) return false;
  }
  return true;
}

function isPlainBlock(block: unknown): boolean {
  if (typeof block !== "object" || block === null) return false;
  if (Object.getPrototypeOf(block) !== Object.prototype) return false;
  for (const name in block) if (name !== "type" && name !== "text") return false;
  const { type, text } = block as Readonly<Record<string, unknown>>;
  return type === "text" && typeof text === "string";
}
