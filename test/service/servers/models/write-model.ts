import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { MANIFEST_FILE, type Manifest } from "../../../../service/servers/models/manifest.ts";

/** A commit that no repository has. */
export const REVISION = "0123456789abcdef0123456789abcdef01234567";

/** Writes a model's folder with its manifest, as the download does. @param files texts, bytes, or what becomes JSON, by their paths. */
export async function writeModel(
  folder: string,
  repository: string,
  files: Readonly<Record<string, object | Uint8Array>>,
): Promise<void> {
  const described: Manifest["files"] = {};
  await mkdir(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const bytes =
      content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content, null, 2));
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    described[path] = { size: bytes.length, sha256 };
  }
  const manifest: Manifest = {
    repository,
    revision: REVISION,
    precision: { cpu: "fp32", cuda: "fp32" },
    files: described,
  };
  await writeFile(join(folder, MANIFEST_FILE), JSON.stringify(manifest, null, 2));
}
