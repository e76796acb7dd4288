import { z } from "zod";
import { LocalError } from "../../graph/graph.ts";
import { exampleArguments } from "./example-arguments.ts";

/** A tool, and what the drills call it with. */
export interface CalledTool {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Whether a call may be sent again though it may have been run (MCP, tool annotations). */
  readonly repeatable: boolean;
}

const tool = z.object({
  name: z.string(),
  inputSchema: z.record(z.string(), z.unknown()).default({}),
  annotations: z
    .object({
      readOnlyHint: z.boolean().default(false),
      idempotentHint: z.boolean().default(false),
    })
    .prefault({}),
});
const toolList = z.object({ tools: z.array(tool) });
type Tool = z.output<typeof tool>;

/** What a person has asked for on the command line. */
export interface WantedTool {
  readonly name?: string | undefined;
  /** What its name begins with; without a name. */
  readonly prefix?: string | undefined;
  readonly input?: Readonly<Record<string, unknown>> | undefined;
  /** Which of those that change nothing will do; without a name. */
  readonly among?: ToolChoice | undefined;
}

/** What a drill asks of a tool that nobody has named. */
export interface ToolChoice {
  readonly accepts: (name: string) => boolean;
  /** What is said where no tool that can be called is accepted: full sentences. */
  readonly otherwise: string;
}

/**
 * The tools that may be called, best first: the wanted one, or those that change nothing and whose schema says what to call them with.
 *
 * @param result of `tools/list`.
 * @throws {LocalError} where there is none.
 */
export function callableTools(result: unknown, wanted: WantedTool): CalledTool[] {
  const { prefix = "" } = wanted;
  const tools = toolList.parse(result).tools.filter(({ name }) => name.startsWith(prefix));
  if (wanted.name !== undefined) {
    const found = tools.find(({ name }) => name === wanted.name);
    if (found === undefined) {
      throw new LocalError(
        `\`--tool\` is \`${wanted.name}\`, which the server does not have. Give one of ${namesOf(tools)}.`,
      );
    }
    const input = wanted.input ?? exampleArguments(found.inputSchema);
    if (input !== undefined) return [called(found, input)];
    throw new LocalError(
      `The schema of the tool \`${found.name}\` has no examples or defaults to call it with. Give its input as JSON with \`--arguments\`.`,
    );
  }
  // A tool that may change something is called only where a person names it.
  const callable = tools.filter(mayBeRepeated).flatMap((each) => {
    const input = exampleArguments(each.inputSchema);
    return input === undefined ? [] : [called(each, input)];
  });
  const { among } = wanted;
  const accepted = callable.filter(({ name }) => among?.accepts(name) ?? true);
  if (accepted.length > 0) return accepted;
  throw new LocalError(
    among?.otherwise ??
      `None of the tools ${namesOf(tools)} is annotated \`readOnlyHint\` or \`idempotentHint\` and has a schema with examples or defaults to call it with.` +
        " Name one with `--tool`, and give its input as JSON with `--arguments`.",
  );
}

function called(found: Tool, input: Readonly<Record<string, unknown>>): CalledTool {
  return { name: found.name, input, repeatable: mayBeRepeated(found) };
}

function mayBeRepeated({ annotations }: Tool): boolean {
  return annotations.readOnlyHint || annotations.idempotentHint;
}

function namesOf(tools: readonly Tool[]): string {
  return tools.length === 0 ? "(it has none)" : tools.map(({ name }) => `\`${name}\``).join(", ");
}
