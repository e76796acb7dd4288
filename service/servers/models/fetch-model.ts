import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Hub } from "./hub.ts";
import { MANIFEST_FILE, type Manifest, type Precision } from "./manifest.ts";
import { filesOf, type WantedModel } from "./wanted-model.ts";

/** Which precision a model is to have where. */
export type Precisions = Manifest["precision"];

/**
 * Downloads a model into its folder in `root`, checks every file, and writes down what came. The folder is there as a whole or not at all.
 *
 * @throws {Error} where something is not to be had, or not what the hub lists.
 */
export async function fetchModel(
  hub: Hub,
  wanted: WantedModel,
  precision: Precisions,
  root: string,
): Promise<Manifest> {
  const { name, repository, revision } = wanted;
  const precisions = new Set<Precision>([
    precision.cpu,
    ...(precision.cuda ? [precision.cuda] : []),
  ]);
  const chosen = filesOf(wanted, [...precisions], await hub.list(repository, revision));
  const folder = join(root, name);
  const unfinished = join(root, `.${name}.unfinished`);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  try {
    const files: Manifest["files"] = {};
    for (const file of chosen)
      files[file.path] = await hub.download(repository, revision, file, unfinished);
    const manifest: Manifest = { repository, revision, precision, files };
    await writeFile(join(unfinished, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
    return manifest;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
