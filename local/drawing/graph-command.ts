import type { Writable } from "node:stream";
import { startReaper } from "../ecs/reaper.ts";
import { LocalError } from "../graph/graph.ts";
import { readProject } from "../graph/project.ts";
import { costChange, costJson, costMarkdown, costText, money } from "./cost/cost-text.ts";
import { estimate } from "./cost/estimate.ts";
import { mermaid } from "./diagram/mermaid.ts";
import { compare, type Comparison } from "./diff/compare.ts";
import { diffJson } from "./diff/diff-json.ts";
import { diffMarkdown } from "./diff/markdown.ts";
import { diffText } from "./diff/terminal-text.ts";
import { evaluatedProject } from "./evaluated-program.ts";
import { GRAPH_USAGE, parseGraphOptions, type GraphOptions } from "./graph-options.ts";
import { graphJson } from "./json.ts";
import { treeText } from "./tree.ts";

/** How a shell tells that a signal ended a program. */
const INTERRUPTED = 130;

/**
 * `mcp-local graph`: prints what a program declares, and starts nothing.
 *
 * @param words what follows `graph` on the command line.
 * @returns the exit code.
 */
export async function graphCommand(
  words: readonly string[],
  stdout: Writable = process.stdout,
): Promise<number> {
  const interrupt = new AbortController();
  const stop = (): void => {
    interrupt.abort();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  // A checkout of another commit must be gone before this process is.
  for (const signal of signals) process.on(signal, stop);
  const reaper = startReaper();
  try {
    const options = parseGraphOptions(words);
    const text = options === "help" ? GRAPH_USAGE : await drawn(options, reaper, interrupt.signal);
    await written(stdout, text.endsWith("\n") ? text : `${text}\n`);
    return 0;
  } catch (error) {
    if (interrupt.signal.aborted) return INTERRUPTED;
    if (!(error instanceof LocalError)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    reaper.close();
    for (const signal of signals) process.off(signal, stop);
  }
}

/** Waits until all of it is out: whoever calls may end the process next. */
async function written(stdout: Writable, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stdout.once("error", (error: NodeJS.ErrnoException) => {
      // Who reads may have had enough, as `head` does.
      if (error.code === "EPIPE") resolve();
      else reject(error);
    });
    stdout.write(text, () => {
      resolve();
    });
  });
}

async function drawn(
  options: GraphOptions,
  watch: Parameters<typeof evaluatedProject>[1],
  signal: AbortSignal,
): Promise<string> {
  const { program: path, stack, config, diff: reference, all } = options;
  const project = await readProject(path, stack, config);
  if (reference !== undefined) {
    const comparison = await compare(project, { path, reference, given: config }, watch, signal);
    return comparisonText(comparison, options);
  }
  const graph = await evaluatedProject(project, watch, signal);
  switch (options.as) {
    case "mermaid":
      return mermaid(graph);
    case "json":
      return graphJson(graph);
    case "cost": {
      const price = estimate(graph);
      return options.json ? costJson(price) : costText(price);
    }
    case "tree":
    case "diff":
      return treeText(graph, all);
  }
}

function comparisonText(comparison: Comparison, options: GraphOptions): string {
  const [before, after] = [estimate(comparison.before), estimate(comparison.after)];
  if (options.json) return diffJson(comparison, options.cost ? { before, after } : undefined);
  const change = costChange(before.total, after.total);
  if (options.markdown) {
    return diffMarkdown(
      comparison,
      options.cost ? { summary: change, details: costMarkdown(after) } : undefined,
    );
  }
  const text = diffText(comparison, options.all);
  if (!options.cost) return text;
  return `${text}\n\nPrice: ${change}; ${money(after.total.least)} to ${money(after.total.most)} from then on\n\n${costText(after)}`;
}
