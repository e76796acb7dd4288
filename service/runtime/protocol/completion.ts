import {
  isInputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  type CompleteRequestParams,
  type CompleteResult,
  type McpServer,
} from "@modelcontextprotocol/server";
import type { CallContext } from "../context.ts";
import type { Completer } from "../resource.ts";
import type { Contents } from "./contents.ts";
import { after } from "./eventually.ts";
import { runOrThrow, type Runner } from "./run.ts";

/** As many suggestions as the specification allows in one answer. */
const MOST = 100;

/** No suggestions. */
export const NOTHING = { completion: { values: [], hasMore: false } };

/** Whether anything can be completed. */
export function completes({ prompts, resourceTemplates }: Contents): boolean {
  return [...prompts, ...resourceTemplates].some(({ complete }) => complete !== undefined);
}

/**
 * Answers `completion/complete`. The SDK's own way marks the author's schemas, once and for all; completers here stand beside the schemas, so
 * that two arguments may share one schema.
 */
export function registerCompletion(server: McpServer, contents: Contents, runner: Runner): void {
  if (!completes(contents)) return;
  server.server.setRequestHandler("completion/complete", async ({ params }, request) => {
    const completer = findCompleter(params, contents, runner);
    if (completer === undefined) return NOTHING;
    const completed = await runOrThrow(runner, request, subjectOf(params), (context) =>
      complete(completer, params, context),
    );
    // A completion asks nobody for anything.
    return isInputRequiredResult(completed) ? NOTHING : completed;
  });
}

/** What an author's function suggests. */
export function complete(
  completer: Completer,
  { argument, context: chosen }: CompleteRequestParams,
  context: CallContext,
): CompleteResult | PromiseLike<CompleteResult> {
  return after(completer(argument.value, chosen?.arguments ?? {}, context), (suggested) => {
    const values = suggested.map(String);
    return {
      completion: {
        values: values.slice(0, MOST),
        total: values.length,
        hasMore: values.length > MOST,
      },
    };
  });
}

export function subjectOf({ argument }: CompleteRequestParams): string {
  return `The completion of \`${argument.name}\``;
}

/**
 * The function that completes an argument; none where nothing does, or the caller may not use what it belongs to.
 *
 * @throws {ProtocolError} where there is nothing of that name.
 */
export function findCompleter(
  { ref, argument }: CompleteRequestParams,
  { prompts, resources, resourceTemplates }: Contents,
  { permits }: Pick<Runner, "permits">,
): Completer | undefined {
  const owner =
    ref.type === "ref/prompt"
      ? prompts.find(({ name }) => name === ref.name)
      : resourceTemplates.find(({ uriTemplate }) => uriTemplate === ref.uri);
  if (owner !== undefined) {
    // What a caller may not use, it need not know of.
    if (!permits(owner.scopes)) return undefined;
    const completers: Readonly<Record<string, Completer | undefined>> = owner.complete ?? {};
    return Object.hasOwn(completers, argument.name) ? completers[argument.name] : undefined;
  }
  if (ref.type === "ref/resource" && resources.some(({ uri }) => uri === ref.uri)) return undefined;
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `There is no ${ref.type === "ref/prompt" ? `prompt \`${ref.name}\`` : `resource template \`${ref.uri}\``}.`,
  );
}
