import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** Outside the checkout, where the Pulumi CLI of the engine tests is kept too: `npm ci` would empty a folder of `node_modules`. */
const CACHE = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "pulumi-mcp-service",
  "test-clients",
);

/**
 * A folder that is filled once and kept: what takes long to install. It is filled elsewhere and moved into place, so that neither an
 * interruption nor another test run can leave half of it.
 *
 * @param recipe what it is made from; another one fills it again.
 */
export async function cachedFolder(
  name: string,
  recipe: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(CACHE, name);
  const isCurrent = async (): Promise<boolean> =>
    (await readFile(join(folder, "recipe.txt"), "utf8").catch(() => undefined)) === recipe;
  if (await isCurrent()) return folder;
  await mkdir(CACHE, { recursive: true });
  const fresh = await mkdtemp(`${folder}-`);
  try {
    await fill(fresh);
    await writeFile(join(fresh, "recipe.txt"), recipe);
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    // Another run may have been faster.
    if (!(await isCurrent())) throw error;
  }
  return folder;
}
