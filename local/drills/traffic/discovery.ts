import { LocalError } from "../../graph/graph.ts";
import { readAnswer } from "./answer.ts";
import type { Exchange, HttpClient } from "./client.ts";
import { initialize, message, newTraceRoot, toolCall, type Message } from "./message.ts";
import { callableTools, type CalledTool, type WantedTool } from "./tools.ts";

/**
 * Finds a tool that answers a call, as a client does: it asks for the list, and tries.
 *
 * @throws {LocalError} that says what the server answered instead.
 */
export async function findTool(client: HttpClient, wanted: WantedTool): Promise<CalledTool> {
  const send = (next: Message): Promise<Exchange> =>
    client.send(next, newTraceRoot(Date.now() / 1000));
  await send(initialize());
  const list = await send(message("2025-11-25", "tools/list"));
  if (list.status !== 200) {
    throw new LocalError(
      `The server answers \`tools/list\` with ${list.problem ?? "nothing"}, so that no tool can be called.`,
    );
  }
  const answer = readAnswer(list.contentType, list.body);
  if ("problem" in answer) {
    throw new LocalError(`The server answers \`tools/list\` with: ${answer.problem}.`);
  }
  const problems: string[] = [];
  for (const tool of callableTools(answer.result, wanted)) {
    const { problem } = await send(toolCall("2026-07-28", tool.name, tool.input));
    if (problem === undefined) return tool;
    problems.push(`\`${tool.name}\` with \`${JSON.stringify(tool.input)}\`: ${problem}`);
  }
  throw new LocalError(
    `No tool answers a call: ${problems.join("; ")}. Name one with \`--tool\`, and give its input as JSON with \`--arguments\`.`,
  );
}
