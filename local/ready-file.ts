import { rmSync } from "node:fs";
import { rename, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { LocalError } from "./graph/graph.ts";
import type { Endpoint } from "./endpoints.ts";

/**
 * Checks that the file can be written later.
 *
 * @throws {LocalError} where its folder does not exist, or where it is a folder itself.
 */
export async function checkReadyFile(path: string): Promise<void> {
  const folder = await stat(dirname(path)).catch(() => undefined);
  if (folder?.isDirectory() !== true) {
    throw new LocalError(
      `\`--ready-file\` is \`${path}\`, whose folder does not exist. Create \`${dirname(path)}\`, or give another path.`,
    );
  }
  if ((await stat(path).catch(() => undefined))?.isDirectory() === true) {
    throw new LocalError(
      `\`--ready-file\` is \`${path}\`, which is a folder. Give the path of a file in it.`,
    );
  }
}

/** Takes an earlier run's file away, or this one's: who waits for it must not find an address that nobody serves. */
export function removeReadyFile(path: string): void {
  rmSync(path, { force: true });
}

/** Writes the first endpoint, and all of them by name; the file appears whole, since scripts read it as soon as it is there. */
export async function writeReadyFile(path: string, endpoints: readonly Endpoint[]): Promise<void> {
  const [first] = endpoints;
  const text = JSON.stringify({
    url: first?.url,
    token: first?.token,
    services: Object.fromEntries(
      endpoints.map(({ service, url, token }) => [service, { url, token }]),
    ),
  });
  // Readable by its owner alone: it holds a token.
  await writeFile(`${path}.new`, `${text}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
