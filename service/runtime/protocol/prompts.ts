import {
  isSpecType,
  type GetPromptResult,
  type McpServer,
  type PromptMessage,
} from "@modelcontextprotocol/server";
import type { CallContext } from "../context.ts";
import { InputRequired } from "../input-required.ts";
import type { Prompt } from "../prompt.ts";
import { after } from "./eventually.ts";
import { runOrThrow, type Runner } from "./run.ts";
import { assertJson, description, NO_ARGUMENTS, parseArguments } from "./schemas.ts";
import type { Challenge } from "./server.ts";

/** Registers the prompts with a server. */
export function registerPrompts(
  server: McpServer,
  prompts: readonly Prompt[],
  runner: Runner,
  challenge: Challenge,
): void {
  for (const prompt of prompts) {
    server.registerPrompt(
      prompt.name,
      {
        ...(prompt.title === undefined ? {} : { title: prompt.title }),
        ...(prompt.description === undefined ? {} : { description: prompt.description }),
        argsSchema: description(prompt.arguments ?? NO_ARGUMENTS),
        ...challenge(prompt.scopes),
      },
      (given, request) =>
        runOrThrow(runner, request, subjectOf(prompt), (context) =>
          renderPrompt(prompt, given, context),
        ),
    );
  }
}

type Rendered = GetPromptResult | InputRequired;

/** Renders a prompt; at once where neither its schema nor its function needs time. */
export function renderPrompt(
  prompt: Prompt,
  given: unknown,
  context: CallContext,
): Rendered | PromiseLike<Rendered> {
  const args = parseArguments(prompt.arguments ?? NO_ARGUMENTS, given, subjectOf(prompt));
  return after(args, (accepted) =>
    after(prompt.render(accepted, context), (rendered): Rendered =>
      rendered instanceof InputRequired ? rendered : { messages: messages(rendered) },
    ),
  );
}

export function subjectOf({ name }: Prompt): string {
  return `The prompt \`${name}\``;
}

/** @throws where an author gives something else than messages. */
function messages(rendered: string | readonly PromptMessage[]): PromptMessage[] {
  if (typeof rendered === "string") {
    return [{ role: "user", content: { type: "text", text: rendered } }];
  }
  if (!Array.isArray(rendered) || !rendered.every(isSpecType.PromptMessage)) {
    throw new TypeError("The prompt gave neither a text nor a list of messages.");
  }
  assertJson(rendered);
  return [...(rendered as readonly PromptMessage[])];
}
