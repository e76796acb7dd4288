import { isSpecType, type McpServer, type PromptMessage } from "@modelcontextprotocol/server";
import { z } from "zod";
import { InputRequired } from "../input-required.ts";
import type { Prompt } from "../prompt.ts";
import { runOrThrow, type Runner } from "./run.ts";
import { assertJson, description, parseArguments } from "./schemas.ts";
import type { Challenge } from "./server.ts";

const NO_ARGUMENTS = z.object({});

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
        runOrThrow(runner, request, `The prompt \`${prompt.name}\``, async (context) => {
          const subject = `The prompt \`${prompt.name}\``;
          const args = await parseArguments(prompt.arguments ?? NO_ARGUMENTS, given, subject);
          const rendered = await prompt.render(args, context);
          return rendered instanceof InputRequired ? rendered : { messages: messages(rendered) };
        }),
    );
  }
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
