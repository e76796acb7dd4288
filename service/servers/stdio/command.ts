import { basename } from "node:path";
import { ConfigurationError } from "../../runtime/configuration-error.ts";

/** The program that a child runs. */
export interface ServerCommand {
  /** A file, or a name that is looked up in `PATH`. */
  readonly file: string;
  readonly words: readonly string[];
}

/**
 * Reads the command of a stdio server from the words of the wrapper's own command line: everything behind the first `--`.
 *
 * @throws {ConfigurationError} where there is none.
 */
export function readCommand(words: readonly string[]): ServerCommand {
  const separator = words.indexOf("--");
  const [file = "", ...rest] = separator === -1 ? [] : words.slice(separator + 1);
  if (separator > 0) {
    throw new ConfigurationError(
      `\`${words.slice(0, separator).join(" ")}\` stands before \`--\`, where the \`stdio\` server takes nothing. Give settings as environment variables that` +
        " begin with `STDIO_`.",
    );
  }
  if (file === "") {
    throw new ConfigurationError(
      "The `stdio` server has no command to run. Give it behind two dashes, such as `stdio -- mcp-server-everything stdio`.",
    );
  }
  return { file, words: rest };
}

/** How a package runner is told to install nothing, and how it is recognised. */
interface Runner {
  readonly names: readonly string[];
  /** The words that make it one; empty where the program is nothing else. */
  readonly subcommands: readonly (readonly string[])[];
  /** One of these, before the name of the package, keeps it from the network. */
  readonly offline: readonly string[];
}

/** Programs that download and run a package, by their manuals: npm 11, pnpm 10, yarn 4, bun 1, uv 0.9, pipx 1.8. */
const RUNNERS: readonly Runner[] = [
  { names: ["npx"], subcommands: [], offline: ["--offline", "--no", "--no-install"] },
  { names: ["npm"], subcommands: [["exec"], ["x"]], offline: ["--offline", "--no"] },
  { names: ["pnpx"], subcommands: [], offline: ["--offline"] },
  { names: ["pnpm"], subcommands: [["dlx"]], offline: ["--offline"] },
  { names: ["yarn"], subcommands: [["dlx"]], offline: [] },
  { names: ["bunx"], subcommands: [], offline: ["--no-install"] },
  { names: ["bun"], subcommands: [["x"]], offline: ["--no-install"] },
  { names: ["uvx"], subcommands: [], offline: ["--offline"] },
  { names: ["uv"], subcommands: [["tool", "run"]], offline: ["--offline"] },
  { names: ["pipx"], subcommands: [["run"]], offline: [] },
];

/**
 * Refuses what would download its program at each start: slow, dependent on a registry that may be down, and not what was tested.
 *
 * @throws {ConfigurationError} that says how to have the program in the image.
 */
export function refuseDownload({ file, words }: ServerCommand): void {
  const name = basename(file);
  for (const { names, subcommands, offline } of RUNNERS) {
    if (!names.includes(name)) continue;
    const subcommand = subcommands.find((each) => each.every((word, at) => words[at] === word));
    if (subcommand === undefined && subcommands.length > 0) continue;
    const options = leadingOptions(words.slice(subcommand?.length ?? 0));
    if (options.some((option) => offline.includes(option))) continue;
    const runner = [name, ...(subcommand ?? [])].join(" ");
    const orElse =
      offline[0] === undefined
        ? ""
        : ` Or, where the image has the package in that program's cache, put \`${offline[0]}\` right behind \`${runner}\`.`;
    throw new ConfigurationError(
      `\`${runner}\` would download the server whenever a process starts, which \`NODE_ENV=production\` does not allow. Install the server when the` +
        ` image is built, and give its own command instead.${orElse}`,
    );
  }
}

/** The words before the first that is no option. */
function leadingOptions(words: readonly string[]): readonly string[] {
  const end = words.findIndex((word) => !word.startsWith("-"));
  return end === -1 ? words : words.slice(0, end);
}
