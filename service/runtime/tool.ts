import type { ContentBlock } from "@modelcontextprotocol/server";
import type { z } from "zod";
import type { CallContext } from "./context.ts";
import type { InputRequired } from "./input-required.ts";

/** What a tool's author gets beside the validated input. */
export type ToolContext = CallContext;

/** What a tool does to the world, as hints for clients; the names are MCP's own. */
export interface ToolAnnotations {
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** Text, or blocks of text, images, audio and resources. */
export type Content = string | readonly ContentBlock[];

/** What every tool says of itself. */
interface ToolDescription<Input extends z.ZodObject> {
  /** 1 to 128 letters, digits and `_-.`, unique in the server. */
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  /** Arguments that do not satisfy it never reach `run`: the model is told what is wrong with them. Default: no arguments. */
  readonly input?: Input;
  readonly annotations?: ToolAnnotations;
  /** The scopes that a caller's token needs for this tool; without them the answer is 403 with a step-up challenge. Default: none. */
  readonly scopes?: readonly string[];
}

/** A tool with structured results: schemas in and out, and a function between them. */
export interface StructuredTool<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
> extends ToolDescription<Input> {
  /** A result that does not satisfy it never reaches the client. */
  readonly output: Output;
  /** Does the work. Throw a {@link ToolError} to tell the model what went wrong and what to do about it. */
  run(
    input: z.output<Input>,
    context: ToolContext,
  ): z.input<Output> | InputRequired | Promise<z.input<Output> | InputRequired>;
  /** The result for clients that do not read structured content. Default: its JSON. */
  describe?(output: z.output<Output>): Content;
}

/** A tool whose result is content alone. */
export interface ContentTool<
  Input extends z.ZodObject = z.ZodObject,
> extends ToolDescription<Input> {
  readonly output?: undefined;
  /** Does the work. Throw a {@link ToolError} to tell the model what went wrong and what to do about it. */
  run(
    input: z.output<Input>,
    context: ToolContext,
  ): Content | InputRequired | Promise<Content | InputRequired>;
}

/** One MCP tool. Any input is assignable: the host validates with `input` before `run`, and with `output` before `describe`. */
export type Tool = StructuredTool | ContentTool;

type Result<Output> = Output extends z.ZodObject ? z.input<Output> : Content;

/** A tool as its author writes it: what `run` returns follows from whether there is an `output`. */
export interface ToolDeclaration<
  Input extends z.ZodObject,
  Output extends z.ZodObject | undefined,
> extends ToolDescription<Input> {
  /** A result that does not satisfy it never reaches the client. Default: the result is content alone. */
  readonly output?: Output;
  /** Does the work. Throw a {@link ToolError} to tell the model what went wrong and what to do about it. */
  run(
    input: z.output<Input>,
    context: ToolContext,
  ): Result<Output> | InputRequired | Promise<Result<Output> | InputRequired>;
  /** The result for clients that do not read structured content. Default: its JSON. */
  describe?(output: z.output<NonNullable<Output>>): Content;
}

/** Declares a tool so that `run` and `describe` are typed by its schemas. */
export function defineTool<
  Input extends z.ZodObject,
  Output extends z.ZodObject | undefined = undefined,
>(
  tool: ToolDeclaration<Input, Output>,
): Output extends z.ZodObject ? StructuredTool<Input, Output> : ContentTool<Input>;
export function defineTool(tool: Tool): Tool {
  return tool;
}

/** A failure whose message is meant for the model. Any other error is reported as an internal one. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}
