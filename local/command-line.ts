import { parseArgs } from "node:util";
import { LocalError } from "./graph/graph.ts";

export interface CommandLine {
  readonly program: string;
  readonly stack: string;
  readonly port: number;
  readonly config: Readonly<Record<string, string>>;
  readonly sampleData: boolean;
  /** Whether tasks run as containers. */
  readonly containers: boolean;
  readonly readyFile: string | undefined;
  readonly logs: boolean;
  /** How much faster than real time the models go. */
  readonly speed: number;
  /** The port of the page; undefined for the usual one where it is free and any other one where not, `false` for no page. */
  readonly pagePort: number | undefined | false;
}

export const USAGE = `Runs a Pulumi program of MCP services on this machine.

  mcp-local [program] [options]            npm start -- [program] [options]
  mcp-local drill NAME [program] …         lets things fail, and counts what it costs; \`mcp-local drill --help\`
  mcp-local graph [program] …              draws, compares or prices what is declared; \`mcp-local graph --help\`

  program              a Pulumi program, or a folder with a Pulumi.yaml; default: this folder
  --port PORT          the load balancer's port; 0 takes any free one; default: 8000
  --sample-data        put a stand-in of the weather API behind the server, for a machine without internet
  --containers         run the tasks as containers of this machine's Docker engine (Linux); default: as processes
  --ready-file PATH    write {"url", "token", …} there as JSON once traffic can come
  --stack NAME         read Pulumi.NAME.yaml; default: dev
  --config KEY=VALUE   set a configuration value; may be repeated
  --logs               print what the containers write
  --speed FACTOR       let the clock of AWS go faster than yours, from 1 to 100; default: 1. Calls take the time that they take
  --page-port PORT     the port of the page; 0 takes any free one; default: 7070, or any free one where that is taken
  --no-page            open no page
  --help               print this

Enter shows the state. Ctrl-C ends everything. SIGUSR2 evaluates the program again and rolls every replica.`;

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
    port: portNumber("--port", values.port ?? "8000"),
    config: Object.fromEntries((values.config ?? []).map(keyAndValue)),
    sampleData: values["sample-data"] ?? false,
    containers: values.containers ?? false,
    readyFile: values["ready-file"],
    logs: values.logs ?? false,
    speed: speedOf(values.speed ?? "1"),
    pagePort: pagePortOf(values["page-port"], values["no-page"] ?? false),
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
        containers: { type: "boolean" },
        "ready-file": { type: "string" },
        stack: { type: "string" },
        config: { type: "string", multiple: true },
        logs: { type: "boolean" },
        speed: { type: "string" },
        "page-port": { type: "string" },
        "no-page": { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new LocalError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function pagePortOf(port: string | undefined, none: boolean): CommandLine["pagePort"] {
  if (none && port !== undefined) {
    throw new LocalError(
      `\`--page-port\` is \`${port}\`, but \`--no-page\` asks for no page. Give one of them.`,
    );
  }
  if (none) return false;
  return port === undefined ? undefined : portNumber("--page-port", port);
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (text.trim() !== "" && speed >= 1 && speed <= 100) return speed;
  throw new LocalError(`\`--speed\` is \`${text}\`; give a number from 1 to 100.`);
}

function portNumber(option: string, text: string): number {
  const port = /^\d{1,5}$/u.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  throw new LocalError(
    `\`${option}\` is \`${text}\`; give a number from 0 to 65535, where 0 takes any free port.`,
  );
}

function keyAndValue(text: string): readonly [string, string] {
  const split = text.indexOf("=");
  if (split > 0) return [text.slice(0, split), text.slice(split + 1)];
  throw new LocalError(
    `\`--config\` is \`${text}\`; give a key and a value, such as \`--config minReplicas=3\`.`,
  );
}
