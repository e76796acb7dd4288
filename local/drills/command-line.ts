import { parseArgs } from "node:util";
import { LocalError } from "../graph/graph.ts";
import { DRILLS, drillNamed } from "./drills.ts";

/** What a person has asked for. */
export interface DrillCommandLine {
  readonly drill: string;
  readonly program: string;
  readonly stack: string;
  readonly port: number;
  readonly config: Readonly<Record<string, string>>;
  readonly sampleData: boolean;
  /** Whether tasks run as containers. */
  readonly containers: boolean;
  readonly service: string | undefined;
  readonly tool: string | undefined;
  readonly input: Readonly<Record<string, unknown>> | undefined;
  /** Undefined: the drill's own. */
  readonly speed: number | undefined;
  readonly callsPerSecond: number | undefined;
  readonly json: boolean;
}

const NAME_WIDTH = Math.max(...DRILLS.map(({ name }) => name.length)) + 2;

export const DRILL_USAGE = `Runs a Pulumi program of MCP services on this machine, calls it, and lets something happen to it.

  mcp-local drill NAME [program] [options]

${DRILLS.map(({ name, summary }) => `  ${name.padEnd(NAME_WIDTH)} ${summary}`).join("\n")}

  program              a Pulumi program, or a folder with a Pulumi.yaml; default: this folder
  --sample-data        put a stand-in of the weather API behind the server, for a machine without internet
  --containers         run the tasks as containers of this machine's Docker engine (Linux); default: as processes
  --service NAME       the service that is called; default: the first one that has an endpoint
  --tool NAME          the tool that is called; default: one that changes nothing and whose schema has examples
  --arguments JSON     what it is called with; default: what its schema offers
  --rate NUMBER        calls a second, from 1 to 1000; default: the drill's own
  --speed FACTOR       how much faster than real time AWS's waits go by, from 1 to 100; default: the drill's own
  --json               print the report as JSON, and nothing else
  --stack NAME         read Pulumi.NAME.yaml; default: dev
  --config KEY=VALUE   set a configuration value; may be repeated
  --port PORT          the load balancer's port; default: any free one
  --help               print this

The exit code is 0 where every promise held, 1 where one broke, and 2 where the drill could not be carried out.`;

/** @throws {LocalError} that says which word is wrong. */
export function parseDrillCommandLine(words: readonly string[]): DrillCommandLine | "help" {
  const { values, positionals } = parse(words);
  if (values.help === true || words.length === 0) return "help";
  const [drill, program = ".", ...others] = positionals;
  if (drill === undefined) throw new LocalError(`Name a drill.\n\n${DRILL_USAGE}`);
  drillNamed(drill);
  if (others.length > 0) {
    throw new LocalError(
      `One program is drilled at a time, but ${[program, ...others].map((word) => `\`${word}\``).join(", ")} were given.`,
    );
  }
  if (values.arguments !== undefined && values.tool === undefined) {
    throw new LocalError("`--arguments` belong to a tool. Name it with `--tool`.");
  }
  return {
    drill,
    program,
    stack: values.stack ?? "dev",
    port: numberWithin("--port", values.port ?? "0", 0, 65_535),
    config: Object.fromEntries((values.config ?? []).map(keyAndValue)),
    sampleData: values["sample-data"] ?? false,
    containers: values.containers ?? false,
    service: values.service,
    tool: values.tool,
    input: values.arguments === undefined ? undefined : jsonObject(values.arguments),
    speed: values.speed === undefined ? undefined : numberWithin("--speed", values.speed, 1, 100),
    callsPerSecond:
      values.rate === undefined ? undefined : numberWithin("--rate", values.rate, 1, 1000),
    json: values.json ?? false,
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
        service: { type: "string" },
        tool: { type: "string" },
        arguments: { type: "string" },
        rate: { type: "string" },
        speed: { type: "string" },
        json: { type: "boolean" },
        stack: { type: "string" },
        config: { type: "string", multiple: true },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new LocalError(
      `${error instanceof Error ? error.message : String(error)}\n\n${DRILL_USAGE}`,
    );
  }
}

function numberWithin(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,6}(?:\.\d{1,3})?$/u.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new LocalError(`\`${option}\` is \`${text}\`; give a number from ${least} to ${most}.`);
}

function jsonObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below.
  }
  throw new LocalError(
    `\`--arguments\` is \`${text}\`; give a JSON object, such as \`--arguments '{"state": "CA"}'\`.`,
  );
}

function keyAndValue(text: string): readonly [string, string] {
  const split = text.indexOf("=");
  if (split > 0) return [text.slice(0, split), text.slice(split + 1)];
  throw new LocalError(
    `\`--config\` is \`${text}\`; give a key and a value, such as \`--config minReplicas=3\`.`,
  );
}
