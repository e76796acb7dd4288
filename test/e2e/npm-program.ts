import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { cachedFolder } from "./cached.ts";

const run = promisify(execFile);

/** A program that a package of npm brings. */
export interface NpmProgram {
  readonly package: string;
  /** An exact one. */
  readonly version: string;
  /** Its name in the package's `bin`. */
  readonly program: string;
}

/** The path of the program's file, for Node; installed on first use, outside the project's own tree. */
export async function npmProgram(wanted: NpmProgram): Promise<string> {
  const specifier = `${wanted.package}@${wanted.version}`;
  const folder = await cachedFolder(`${wanted.program}-${wanted.version}`, specifier, (fresh) =>
    install(specifier, fresh),
  );
  const root = join(folder, "node_modules", ...wanted.package.split("/"));
  const { bin } = z
    .object({ bin: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(join(root, "package.json"), "utf8")));
  const file = bin[wanted.program];
  if (file === undefined) throw new Error(`${specifier} has no program \`${wanted.program}\`.`);
  return join(root, file);
}

/** Settings of npm that say where packages come from; any other one of the shell's could only get in the way. */
const SOURCES =
  /^npm_config_(?:registry|userconfig|cache|cafile|https?_proxy|proxy|noproxy|(?:prefer_)?offline)$/iu;

/** Installs it with the npm that runs this, else with the one on the path. */
async function install(specifier: string, folder: string): Promise<void> {
  const { npm_execpath: own } = process.env;
  const [program, ...leading]: [string, ...string[]] =
    own !== undefined && basename(own) === "npm-cli.js" ? [process.execPath, own] : ["npm"];
  const environment = Object.entries(process.env).filter(
    ([name]) => SOURCES.test(name) || !/^npm_/iu.test(name),
  );
  const options = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
  await run(program, [...leading, "install", ...options, specifier], {
    cwd: folder,
    // A file that does not exist: the machine's own may set anything.
    env: { ...Object.fromEntries(environment), npm_config_globalconfig: join(folder, "none") },
  });
}
