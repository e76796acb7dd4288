import type { Logger } from "pino";
import type { HttpTool } from "../../upstream-configuration.ts";
import { ArgumentCheck } from "./argument-check.ts";
import { declaredOperation } from "./declared.ts";
import type { Operation } from "./operation.ts";
import type { OperationSource } from "./operation-source.ts";

/** The operations that the configuration declares. They stay as they are until it becomes another one. */
export function declaredSource(
  upstream: string,
  tools: readonly HttpTool[],
  { log }: { readonly log: Logger },
): OperationSource {
  const check = new ArgumentCheck();
  const operations = new Map<string, Operation>();
  for (const tool of tools) {
    const operation = declaredOperation(tool);
    try {
      check.compile(operation);
      operations.set(tool.name, operation);
    } catch (error) {
      log.error(
        { upstream, tool: tool.name, err: error },
        `The tool \`${tool.name}\` of the upstream \`${upstream}\` is left out: its \`inputSchema\` is no JSON Schema that can be used. Correct it.`,
      );
    }
  }
  return {
    known: { operations, check },
    // The core asks more often, to see whether the application is there.
    ttlMilliseconds: 300_000,
    refresh: () => Promise.resolve(false),
    close: () => Promise.resolve(),
  };
}
