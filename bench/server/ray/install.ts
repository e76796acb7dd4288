import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Ray of the guide's image; `mcp` below 2, as the guide's code needs it. Ray Serve 2.57.0 imports `jinja2` and does not require it. */
const REQUIREMENTS = ["ray[serve]==2.57.0", "mcp<2", "httpx", "jinja2"];

const folder = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "pulumi-mcp-service-bench",
  "ray",
);

export const RAY_PYTHON = join(folder, "bin", "python");

export const isRayInstalled = (): boolean => existsSync(join(folder, "bin", "serve"));

/** Takes 420 MiB of disk. @throws where there is no Python, or the registry is out of reach. */
export async function installRay(): Promise<void> {
  await mkdir(folder, { recursive: true });
  await execute("python3", ["-m", "venv", folder]);
  await execute(join(folder, "bin", "pip"), ["install", "--quiet", ...REQUIREMENTS]);
}

/** What is installed, such as `Python 3.12.8, ray 2.57.0, mcp 1.27.0`. */
export async function rayVersions(): Promise<string> {
  const script =
    "import importlib.metadata as m, platform; print('Python ' + platform.python_version(), *(f'{n} {m.version(n)}' for n in ('ray', 'mcp', 'uvicorn')), sep=', ')";
  const { stdout } = await execute(RAY_PYTHON, ["-c", script]);
  return stdout.trim();
}
