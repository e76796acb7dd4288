import { copyFile, mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { LocalError } from "../../graph/graph.ts";
import type { ImagePackages } from "../../graph/image-packages.ts";
import { NOT_FOUND, runProgram } from "../machine-program.ts";
import type { Reaper } from "../reaper.ts";
import { installedOnce, userCache } from "./installed-once.ts";

/** What installing needs. */
export interface InstallSurroundings {
  readonly reaper: Reaper;
  readonly signal: AbortSignal | undefined;
  readonly tell: (text: string) => void;
  /** Where installations are kept. Default: `pulumi-mcp-service` in this user's cache. */
  readonly cache?: string;
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
  const { cache = userCache("stdio"), tell } = surroundings;
  const installation = await installedOnce(cache, packages, async (fresh) => {
    tell(`installs ${listed([...packages.npm, ...packages.pypi])} for \`${container}\``);
    if (packages.npm.length > 0) await installNpm(container, packages.npm, fresh, surroundings);
    if (packages.pypi.length > 0) await installPypi(container, packages.pypi, fresh, surroundings);
  });
  return programFolders(packages, installation);
}

/**
 * Installs the libraries of an image that has them by a lock, once for all runs.
 *
 * @param lockFolder where `package.json` and `package-lock.json` are.
 * @returns the folder that they are in, `node_modules`.
 * @throws {LocalError} with npm's last words.
 */
export async function installLibraries(
  container: string,
  lockFolder: string,
  surroundings: InstallSurroundings,
): Promise<string> {
  const { cache = userCache("models"), tell } = surroundings;
  const files = ["package.json", "package-lock.json"];
  const [manifest = "", lock = ""] = await Promise.all(
    files.map((file) => readFile(join(lockFolder, file), "utf8")),
  );
  const installation = await installedOnce(cache, { manifest, lock }, async (fresh) => {
    tell(`installs the libraries of the models for \`${container}\``);
    for (const file of files) await copyFile(join(lockFolder, file), join(fresh, file));
    const words = [...npmProgram(), "ci", "--omit=dev", "--ignore-scripts", ...QUIET];
    await install(container, "npm", words, [], "the libraries of the models", {
      ...surroundings,
      variables: npmVariables(),
      home: fresh,
    });
  });
  return join(installation, "node_modules");
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

/** The npm that runs this, if one does. */
function npmProgram(): string[] {
  const { npm_execpath: own } = process.env;
  return own !== undefined && basename(own) === "npm-cli.js" ? [process.execPath, own] : ["npm"];
}

function npmVariables(): Record<string, undefined> {
  return Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => /^npm_/iu.test(name) && !SOURCES.test(name))
      .map((name) => [name, undefined]),
  );
}

const QUIET = ["--no-audit", "--no-fund", "--no-update-notifier"];

/** The options of service/Dockerfile: the same packages, and none of their scripts. */
async function installNpm(
  container: string,
  packages: readonly string[],
  folder: string,
  surroundings: InstallSurroundings,
): Promise<void> {
  const home = join(folder, "npm");
  await mkdir(home);
  const options = ["--save-exact", "--omit=dev", "--ignore-scripts", ...QUIET];
  const words = ["install", "--prefix", home, ...options, "--"];
  await install(container, "npm", [...npmProgram(), ...words], packages, listed(packages), {
    ...surroundings,
    variables: npmVariables(),
    home,
  });
}

const ENVIRONMENT = "a virtual environment";

async function installPypi(
  container: string,
  packages: readonly string[],
  folder: string,
  surroundings: InstallSurroundings,
): Promise<void> {
  const home = join(folder, "pypi");
  await install(container, "python3", ["python3", "-m", "venv", home], [], ENVIRONMENT, {
    ...surroundings,
    home: folder,
  });
  const python = join(home, "bin", "python");
  const options = ["--only-binary", ":all:", "--disable-pip-version-check", "--no-input", "--"];
  const words = [python, "-m", "pip", "install", ...options];
  await install(container, "pip", words, packages, listed(packages), { ...surroundings, home });
}

async function install(
  container: string,
  program: string,
  words: readonly string[],
  packages: readonly string[],
  /** What it installs, in a sentence. */
  what: string,
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
  throw new LocalError(
    exitCode === NOT_FOUND
      ? `The image of \`${container}\` is made of packages, for which \`${program}\` is needed, and this machine has none on its PATH. Install it.`
      : `\`${program}\` could not install ${what} for \`${container}\`; it ended with exit code ${exitCode}. Its last lines:\n${lastLines.join("\n")}`,
  );
}

function listed(packages: readonly string[]): string {
  return packages.map((name) => `\`${name}\``).join(", ");
}
