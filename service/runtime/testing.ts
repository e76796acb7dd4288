import { pino } from "pino";
import type { z } from "zod";
import type { CallContext } from "./context.ts";
import { InputRequired, readAnswers } from "./input-required.ts";
import type { Content, ContentTool, StructuredTool } from "./tool.ts";

/**
 * Calls a tool as a client's call would reach it, without HTTP: the input is checked by the tool's schema, the result by its own.
 *
 * @param input as a client writes it.
 * @param context parts of what the tool gets; the others are those of {@link testContext}.
 * @throws {ZodError} where input or result do not satisfy the tool's schemas; whatever the tool throws.
 */
export function callTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: StructuredTool<Input, Output>,
  input: z.input<Input>,
  context?: Partial<CallContext>,
): Promise<z.output<Output> | InputRequired>;
export function callTool<Input extends z.ZodObject>(
  tool: ContentTool<Input>,
  input: z.input<Input>,
  context?: Partial<CallContext>,
): Promise<Content | InputRequired>;
export async function callTool(
  tool: StructuredTool | ContentTool,
  input: Record<string, unknown>,
  context: Partial<CallContext> = {},
): Promise<unknown> {
  const given = tool.input?.parse(input) ?? {};
  const result = await tool.run(given, testContext(context));
  if (tool.output === undefined || result instanceof InputRequired) return result;
  return tool.output.parse(result);
}

/** A context for tests: nobody calls, it is the first round, and nothing is told to anybody; `given` stands in the place of its parts. */
export function testContext(given: Partial<CallContext> = {}): CallContext {
  return {
    log: pino({ level: "silent" }),
    signal: new AbortController().signal,
    caller: undefined,
    clientCapabilities: {},
    answers: readAnswers(undefined),
    state: undefined,
    progress: () => Promise.resolve(),
    logToClient: () => Promise.resolve(),
    ...given,
  };
}
