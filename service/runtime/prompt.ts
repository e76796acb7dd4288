import type { PromptMessage } from "@modelcontextprotocol/server";
import type { z } from "zod";
import type { CallContext } from "./context.ts";
import type { InputRequired } from "./input-required.ts";
import type { Completer } from "./resource.ts";

/** A prompt's arguments: named strings, optional ones included. */
export type PromptArguments = z.ZodObject<
  Record<string, z.ZodType<string | undefined, string | undefined>>
>;

/** One MCP prompt: a template that a user picks. */
export interface Prompt<Arguments extends PromptArguments = PromptArguments> {
  /** Unique among the server's prompts. */
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  /** Default: none. */
  readonly arguments?: Arguments;
  /** What may stand for each argument, given what the user has typed and the arguments chosen so far. */
  readonly complete?: { readonly [Name in keyof z.output<Arguments>]?: Completer };
  /** The scopes that a caller's token needs for this prompt. Default: none. */
  readonly scopes?: readonly string[];
  /** Writes it: one text of the user's, or messages. */
  render(
    given: z.output<Arguments>,
    context: CallContext,
  ):
    | string
    | readonly PromptMessage[]
    | InputRequired
    | Promise<string | readonly PromptMessage[] | InputRequired>;
}

/** Declares a prompt so that `render` is typed by its arguments. */
export function definePrompt<Arguments extends PromptArguments>(prompt: Prompt<Arguments>): Prompt {
  // Sound because the host validates with `arguments` before `render`.
  return prompt;
}
