import { rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { LocalError } from "./graph/graph.ts";
import type { Endpoint } from "./endpoints.ts";

/**
 * Takes an earlier run's file away: who waits for it must not find an old address.
 *
 * @throws {LocalError} where the file could not be written later.
 */
export async function prepareReadyFile(path: string): Promise<void> {
  const folder = await stat(dirname(path)).catch(() => undefined);
  if (folder?.isDirectory() !== true) {
    throw new LocalError(
      `\`--ready-file\` is \`${path}\`, whose folder does not exist. Create \`${dirname(path)}\`, or give another path.`,
    );
  }
  await rm(path, { force: true });
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
