import { parseArgs } from "node:util";
import { LocalError } from "../graph/graph.ts";

export interface GraphOptions {
  readonly program: string;
  readonly stack: string;
  readonly config: Readonly<Record<string, string>>;
  readonly as: "tree" | "mermaid" | "json" | "diff" | "cost";
  /** A git reference; undefined where nothing is compared. */
  readonly diff: string | undefined;
  readonly cost: boolean;
  readonly markdown: boolean;
  readonly json: boolean;
  readonly all: boolean;
}

export const GRAPH_USAGE = `Prints what a Pulumi program declares, without cloud credentials.

  mcp-local graph [program] [options]

  program              a Pulumi program, or a folder with a Pulumi.yaml; default: this folder
  --all                every resource on a line of its own, and all inputs of new ones
  --mermaid            a Mermaid flowchart of the way of a request
  --json               the whole graph as JSON, or what the other option prints
  --diff REF           what changes from a git commit, branch or tag to the working tree
  --markdown           the change as a comment for a pull request; with --diff
  --cost               the monthly price of what is declared; with --diff, of both sides
  --stack NAME         read Pulumi.NAME.yaml; default: dev
  --config KEY=VALUE   set a configuration value; may be repeated
  --help               print this

Secrets are never printed.`;

/**
 * Reads the words after `graph`.
 *
 * @throws {LocalError} that says which word is wrong.
 */
export function parseGraphOptions(words: readonly string[]): GraphOptions | "help" {
  const { values, positionals } = parse(words);
  if (values.help === true) return "help";
  if (positionals.length > 1) {
    throw new LocalError(
      `One program is drawn at a time, but ${positionals.map((word) => `\`${word}\``).join(", ")} were given.`,
    );
  }
  const { diff, mermaid = false, cost = false, markdown = false, json = false } = values;
  if (diff === "") throw new LocalError("`--diff` is empty; give a git commit, branch or tag.");
  if (mermaid && (diff !== undefined || cost || json)) {
    throw new LocalError("`--mermaid` draws the graph alone; leave out the other options.");
  }
  if (markdown && diff === undefined) {
    throw new LocalError("`--markdown` is for a change; give `--diff`, too.");
  }
  if (markdown && json) {
    throw new LocalError("`--markdown` and `--json` were both given; give one of them.");
  }
  return {
    program: positionals[0] ?? ".",
    stack: values.stack ?? "dev",
    config: Object.fromEntries((values.config ?? []).map(keyAndValue)),
    as: form({ diff, mermaid, cost, json }),
    diff,
    cost,
    markdown,
    json,
    all: values.all ?? false,
  };
}

function form(given: {
  readonly diff: string | undefined;
  readonly mermaid: boolean;
  readonly cost: boolean;
  readonly json: boolean;
}): GraphOptions["as"] {
  if (given.diff !== undefined) return "diff";
  if (given.mermaid) return "mermaid";
  if (given.cost) return "cost";
  return given.json ? "json" : "tree";
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        all: { type: "boolean" },
        mermaid: { type: "boolean" },
        json: { type: "boolean" },
        diff: { type: "string" },
        markdown: { type: "boolean" },
        cost: { type: "boolean" },
        stack: { type: "string" },
        config: { type: "string", multiple: true },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new LocalError(
      `${error instanceof Error ? error.message : String(error)}\n\n${GRAPH_USAGE}`,
    );
  }
}

function keyAndValue(text: string): readonly [string, string] {
  const split = text.indexOf("=");
  if (split > 0) return [text.slice(0, split), text.slice(split + 1)];
  throw new LocalError(
    `\`--config\` is \`${text}\`; give a key and a value, such as \`--config minReplicas=3\`.`,
  );
}
