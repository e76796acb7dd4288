import type { Logger } from "pino";
import type { z } from "zod";

/** What a tool's author gets beside the validated input. */
export interface ToolContext {
  /** A logger that carries the request id. */
  readonly log: Logger;
  /** Aborts when the client goes away or the call is cancelled. */
  readonly signal: AbortSignal;
  /** Reports progress; does nothing where the client did not ask for it or has left. */
  readonly progress: (update: ProgressUpdate) => Promise<void>;
}

/** One step of a long call. */
export interface ProgressUpdate {
  /** How much is done; must grow from one update to the next. */
  readonly progress: number;
  /** How much there is to do, in the same unit as `progress`. */
  readonly total?: number;
  /** What is happening, for people. */
  readonly message?: string;
}

/** What a tool does to the world, as hints for clients; the names are MCP's own. */
export interface ToolAnnotations {
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** One MCP tool: schemas in and out, and a plain asynchronous function between them. */
export interface Tool<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Arguments that do not satisfy it never reach `run`: the model is told what is wrong with them. */
  readonly input: Input;
  /** A result that does not satisfy it never reaches the client. */
  readonly output: Output;
  readonly annotations?: ToolAnnotations;
  /** Does the work. Throw a {@link ToolError} to tell the model what went wrong and what to do about it. */
  run(input: z.output<Input>, context: ToolContext): Promise<z.output<Output>>;
  /** The result in words, for clients that do not read structured content. Defaults to its JSON. */
  describe?(output: z.output<Output>): string;
}

/** Declares a tool so that `run` and `describe` are typed by its schemas. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): Tool {
  // Sound because the host validates with `input` before `run` and with `output` before `describe`.
  return tool;
}

/** A failure whose message is meant for the model. Any other error is reported as an internal one. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}
