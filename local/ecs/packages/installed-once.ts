import { createHash, randomUUID } from "node:crypto";
import { mkdir, realpath, rename, rm, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** This package's part of the user's cache, by the XDG Base Directory Specification. */
export function userCache(kind: "models" | "stdio"): string {
  const own = process.env["XDG_CACHE_HOME"];
  const cache = own === undefined || own === "" ? join(homedir(), ".cache") : own;
  return join(cache, "pulumi-mcp-service", kind);
}

/**
 * The folder of what has been installed before, by this run or another; else what `make` installs now.
 *
 * @param recipe what decides on the installation.
 * @param make installs into the folder that it gets.
 */
export async function installedOnce(
  cache: string,
  recipe: object,
  make: (fresh: string) => Promise<void>,
): Promise<string> {
  const { platform, arch, versions } = process;
  // Native modules are for one system and one version of Node.
  const key = JSON.stringify({ ...recipe, platform, arch, modules: versions.modules });
  const home = join(cache, createHash("sha256").update(key).digest("hex").slice(0, 16));
  // A virtual environment cannot be moved: each installation has a folder of its own, and what is complete has a name.
  const complete = join(home, "complete");
  const found = await realpath(complete).catch(() => undefined);
  if (found !== undefined) return found;

  const fresh = join(home, randomUUID());
  await mkdir(fresh, { recursive: true });
  try {
    await make(fresh);
    const link = join(home, randomUUID());
    await symlink(fresh, link);
    await rename(link, complete);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
  return realpath(complete);
}
