import { createHash, randomUUID } from "node:crypto";
import { mkdir, realpath, rename, rm, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { LocalError } from "../../graph/graph.ts";
import type { ImagePackages } from "../../graph/image-packages.ts";
import { NOT_FOUND, runProgram } from "../machine-program.ts";
import type { Reaper } from "../reaper.ts";

/** What installing needs. */
export interface InstallSurroundings {
  readonly reaper: Reaper;
  readonly signal: AbortSignal | undefined;
  readonly tell: (text: string) => void;
  /** Where installations are kept. Default: `pulumi-mcp-service/stdio` in this user's cache. */
  readonly cache?: string;
}

/** By the XDG Base Directory Specification. */
function userCache(): string {
  const own = process.env["XDG_CACHE_HOME"];
  const cache = own === undefined || own === "" ? join(homedir(), ".cache") : own;
  return join(cache, "pulumi-mcp-service", "stdio");
}

/**
 * Installs what the build of an image would install, once for all runs.
 *
 * @returns the folders of the programs that the packages bring, in the order in which the image has them on its `PATH`.
 * @throws {LocalError} with the installer's last words.
 */
export async function installPackages(
  container: string,
  packages: ImagePackages,
  surroundings: InstallSurroundings,
): Promise<string[]> {
  const { cache = userCache(), tell } = surroundings;
  const { platform, arch, versions } = process;
  // Native modules are for one system and one version of Node.
  const key = JSON.stringify({ ...packages, platform, arch, modules: versions.modules });
  const home = join(cache, createHash("sha256").update(key).digest("hex").slice(0, 16));
  // A virtual environment cannot be moved: each installation has a folder of its own, and what is complete has a name.
  const complete = join(home, "complete");
  const found = await realpath(complete).catch(() => undefined);
  if (found !== undefined) return programFolders(packages, found);

  const fresh = join(home, randomUUID());
  await mkdir(fresh, { recursive: true });
  try {
    tell(`installs ${listed([...packages.npm, ...packages.pypi])} for \`${container}\``);
    if (packages.npm.length > 0) await installNpm(container, packages.npm, fresh, surroundings);
    if (packages.pypi.length > 0) await installPypi(container, packages.pypi, fresh, surroundings);
    const link = join(home, randomUUID());
    await symlink(fresh, link);
    await rename(link, complete);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
  return programFolders(packages, await realpath(complete));
}

function programFolders({ npm, pypi }: ImagePackages, installation: string): string[] {
  return [
    ...(pypi.length === 0 ? [] : [join(installation, "pypi", "bin")]),
    ...(npm.length === 0 ? [] : [join(installation, "npm", "node_modules", ".bin")]),
  ];
}

/** Settings of npm that say where packages come from; what else `npm start` hands on is meant for its own project. */
const SOURCES =
  /^npm_config_(?:registry|userconfig|cache|cafile|https?_proxy|proxy|noproxy|(?:prefer_)?offline)$/iu;

/** The options of service/Dockerfile: the same packages, and none of their scripts. */
async function installNpm(
  container: string,
  packages: readonly string[],
  folder: string,
  surroundings: InstallSurroundings,
): Promise<void> {
  const { npm_execpath: own } = process.env;
  // The npm that runs this, if one does.
  const npm =
    own !== undefined && basename(own) === "npm-cli.js" ? [process.execPath, own] : ["npm"];
  const variables = Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => /^npm_/iu.test(name) && !SOURCES.test(name))
      .map((name) => [name, undefined]),
  );
  const home = join(folder, "npm");
  await mkdir(home);
  const options = ["--save-exact", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"];
  const words = ["install", "--prefix", home, ...options, "--no-update-notifier", "--"];
  await install(container, "npm", [...npm, ...words], packages, {
    ...surroundings,
    variables,
    home,
  });
}

async function installPypi(
  container: string,
  packages: readonly string[],
  folder: string,
  surroundings: InstallSurroundings,
): Promise<void> {
  const home = join(folder, "pypi");
  await install(container, "python3", ["python3", "-m", "venv", home], [], {
    ...surroundings,
    home: folder,
  });
  const python = join(home, "bin", "python");
  const options = ["--only-binary", ":all:", "--disable-pip-version-check", "--no-input", "--"];
  await install(container, "pip", [python, "-m", "pip", "install", ...options], packages, {
    ...surroundings,
    home,
  });
}

async function install(
  container: string,
  program: string,
  words: readonly string[],
  packages: readonly string[],
  {
    reaper,
    signal,
    variables = {},
    home,
  }: InstallSurroundings & {
    readonly variables?: Readonly<Record<string, string | undefined>>;
    readonly home: string;
  },
): Promise<void> {
  const { exitCode, lastLines } = await runProgram([...words, ...packages], {
    reaper,
    signal,
    variables,
    folder: home,
  });
  if (exitCode === 0) return;
  const what = packages.length === 0 ? "a virtual environment" : listed(packages);
  throw new LocalError(
    exitCode === NOT_FOUND
      ? `The image of \`${container}\` is made of packages, for which \`${program}\` is needed, and this machine has none on its PATH. Install it.`
      : `\`${program}\` could not install ${what} for \`${container}\`; it ended with exit code ${exitCode}. Its last lines:\n${lastLines.join("\n")}`,
  );
}

function listed(packages: readonly string[]): string {
  return packages.map((name) => `\`${name}\``).join(", ");
}
