import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "./temporary-folder.ts";
import { modelLibraries } from "./libraries.ts";
import { writeTextDirectionModel } from "./text-direction.ts";
import { writeTinyTranslator } from "./tiny-translator.ts";

const WRITERS = { classifier: writeTextDirectionModel, translator: writeTinyTranslator };

/** A folder for `MODELS_PATH`: the libraries, and the models of the servers that are named, each small and quick on a CPU. */
export async function modelsFolder(
  ...servers: readonly (keyof typeof WRITERS)[]
): Promise<{ readonly path: string; remove: () => Promise<void> }> {
  const folder = await temporaryFolder();
  await symlink(join(await modelLibraries(), "node_modules"), join(folder.path, "node_modules"));
  for (const server of servers) await WRITERS[server](join(folder.path, server));
  return folder;
}
