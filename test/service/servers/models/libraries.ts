import { execFile } from "node:child_process";
import { copyFile, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { cachedFolder } from "../../../e2e/cached.ts";

const run = promisify(execFile);

const LIBRARIES = join(
  import.meta.dirname,
  ..."../../../../service/servers/models/libraries".split("/"),
);

/** Settings of npm that say where packages come from; any other one of the shell's could only get in the way. */
const SOURCES =
  /^npm_config_(?:registry|userconfig|cache|cafile|https?_proxy|proxy|noproxy|(?:prefer_)?offline)$/iu;

/** The folder with transformers.js and what it needs, as the image installs it; installed on first use, outside the project's own tree. */
export async function modelLibraries(): Promise<string> {
  const lock = await readFile(join(LIBRARIES, "package-lock.json"), "utf8");
  return cachedFolder("model-libraries", lock, async (folder) => {
    for (const file of ["package.json", "package-lock.json"])
      await copyFile(join(LIBRARIES, file), join(folder, file));
    await npm(folder, ["ci"]);
  });
}

/** The folder of a package that has models in it. @param specifier with an exact version. */
export async function packageWithModels(name: string, version: string): Promise<string> {
  const specifier = `${name}@${version}`;
  const folder = await cachedFolder(
    `models-of-${name.replaceAll(/[@/]+/gu, "-")}`,
    specifier,
    (fresh) => npm(fresh, ["install", specifier]),
  );
  return join(folder, "node_modules", ...name.split("/"));
}

/** Without install scripts: ONNX Runtime's would download its CUDA files from elsewhere. */
async function npm(folder: string, words: readonly string[]): Promise<void> {
  const { npm_execpath: own } = process.env;
  const [program, ...leading]: [string, ...string[]] =
    own !== undefined && basename(own) === "npm-cli.js" ? [process.execPath, own] : ["npm"];
  const environment = Object.entries(process.env).filter(
    ([name]) => SOURCES.test(name) || !/^npm_/iu.test(name),
  );
  const options = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
  await run(program, [...leading, ...words, ...options], {
    cwd: folder,
    env: { ...Object.fromEntries(environment), npm_config_globalconfig: join(folder, "none") },
  });
}
