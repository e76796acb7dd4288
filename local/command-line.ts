import { parseArgs } from "node:util";
import { LocalError } from "./graph/graph.ts";

export interface CommandLine {
  readonly program: string;
  readonly stack: string;
  readonly port: number;
  readonly config: Readonly<Record<string, string>>;
  readonly sampleData: boolean;
  readonly readyFile: string | undefined;
  readonly logs: boolean;
}

export const USAGE = `Runs a Pulumi program of MCP services on this machine.

  npm start -- [program] [options]

  program              a Pulumi program, or a folder with a Pulumi.yaml; default: this folder
  --port PORT          the load balancer's port; 0 takes any free one; default: 8000
  --sample-data        put a stand-in of the weather API behind the server, for a machine without internet
  --ready-file PATH    write {"url", "token", …} there as JSON once traffic can come
  --stack NAME         read Pulumi.NAME.yaml; default: dev
  --config KEY=VALUE   set a configuration value; may be repeated
  --logs               print what the containers write
  --help               print this

Ctrl-C ends everything. SIGUSR2 evaluates the program again and rolls every replica.`;

/**
 * Reads the command line.
 *
 * @throws {LocalError} that says which word is wrong.
 */
export function parseCommandLine(words: readonly string[]): CommandLine | "help" {
  const { values, positionals } = parse(words);
  if (values.help === true) return "help";
  if (positionals.length > 1) {
    throw new LocalError(
      `One program is run at a time, but ${positionals.map((word) => `\`${word}\``).join(", ")} were given.`,
    );
  }
  return {
    program: positionals[0] ?? ".",
    stack: values.stack ?? "dev",
    port: portNumber(values.port ?? "8000"),
    config: Object.fromEntries((values.config ?? []).map(keyAndValue)),
    sampleData: values["sample-data"] ?? false,
    readyFile: values["ready-file"],
    logs: values.logs ?? false,
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        port: { type: "string" },
        "sample-data": { type: "boolean" },
        "ready-file": { type: "string" },
        stack: { type: "string" },
        config: { type: "string", multiple: true },
        logs: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new LocalError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/u.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  throw new LocalError(
    `\`--port\` is \`${text}\`; give a number from 0 to 65535, where 0 takes any free port.`,
  );
}

function keyAndValue(text: string): readonly [string, string] {
  const split = text.indexOf("=");
  if (split > 0) return [text.slice(0, split), text.slice(split + 1)];
  throw new LocalError(
    `\`--config\` is \`${text}\`; give a key and a value, such as \`--config minReplicas=3\`.`,
  );
}
