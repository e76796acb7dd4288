import { isInputRequiredResult, type McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Prompt } from "../prompt.ts";
import { runOrThrow, type Runner } from "./run.ts";
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
        argsSchema: prompt.arguments ?? NO_ARGUMENTS,
        ...challenge(prompt.scopes),
      },
      async (given, request) => {
        const rendered = await runOrThrow(
          runner,
          request,
          `The prompt \`${prompt.name}\``,
          (context) => prompt.render(given, context),
        );
        if (typeof rendered === "string") {
          return { messages: [{ role: "user", content: { type: "text", text: rendered } }] };
        }
        return isInputRequiredResult(rendered) ? rendered : { messages: [...rendered] };
      },
    );
  }
}
