import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { json, text } from "node:stream/consumers";
import { promisify } from "node:util";
import { cachedFolder } from "./cached.ts";

const FOLDER = join(import.meta.dirname, "python");
const run = promisify(execFile);

/** Why Python clients cannot be tested here, for a test's `skip`: on a machine of CI they must. */
export const withoutPython =
  spawnSync("python3", ["--version"]).status !== 0 && process.env["CI"] === undefined
    ? "python3 is not installed"
    : false;

/** Where the interpreter is that has these requirements; installed on first use. */
async function pythonWith(environment: string): Promise<string> {
  const requirements = join(FOLDER, `${environment}.txt`);
  // An environment works with the interpreter alone that has made it.
  const { stdout: interpreter } = await run("python3", [
    "-c",
    "import sys; print(sys.version, sys.executable)",
  ]);
  const recipe = `${interpreter}${await readFile(requirements, "utf8")}`;
  const folder = await cachedFolder(`python-${environment}`, recipe, async (fresh) => {
    await run("python3", ["-m", "venv", fresh]);
    await run(join(fresh, "bin", "python"), [
      ...["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"],
      ...["--requirement", requirements],
    ]);
  });
  return join(folder, "bin", "python");
}

/**
 * Lets a Python client talk.
 *
 * @param client the script, `<client>_client.py`.
 * @param environment the file of its requirements, without `.txt`.
 * @param given what the script reads.
 * @returns what it says, or how it failed.
 */
export async function runPython(
  client: "mcp" | "fastmcp",
  environment: string,
  given: unknown,
): Promise<{ said: unknown } | { failure: string }> {
  const script = join(FOLDER, `${client}_client.py`);
  // Without `-B` it would leave compiled modules beside the script.
  const child = spawn(await pythonWith(environment), ["-B", script], {
    stdio: ["pipe", "pipe", "pipe"],
    timeout: 60_000,
  });
  child.stdin.end(JSON.stringify(given));
  const [code, failure, said] = await Promise.all([
    once(child, "exit").then(([status]) => status as number | null),
    text(child.stderr),
    json(child.stdout).catch(() => undefined),
  ]);
  return code === 0 ? { said } : { failure };
}
