import { mkdtemp, realpath, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { commitOf, git, repositoryOf } from "./git.ts";

/** The files of a commit, in a folder that is gone afterwards. */
export interface Revision {
  readonly repository: string;
  readonly commit: string;
  /** Where a path of the working tree lies in it. */
  at(path: string): string;
}

/**
 * Checks a commit out beside the working tree, lets `use` read it, and removes it, whatever happens.
 *
 * @param program a file of the working tree.
 */
export async function withRevision<T>(
  program: string,
  reference: string,
  use: (revision: Revision) => Promise<T>,
): Promise<T> {
  const repository = await repositoryOf(dirname(await realpath(program)));
  const commit = await commitOf(repository, reference);
  const parent = await realpath(await mkdtemp(join(tmpdir(), "mcp-local-diff-")));
  const folder = join(parent, "revision");
  try {
    await git(repository, ["worktree", "add", "--detach", "--force", folder, commit]);
    await linkIgnored(repository, folder, await realpath(program));
    return await use({
      repository,
      commit,
      at: (path) => join(folder, relative(repository, path)),
    });
  } finally {
    await git(repository, ["worktree", "remove", "--force", folder]).catch(() => undefined);
    await rm(parent, { recursive: true, force: true });
    await git(repository, ["worktree", "prune"]).catch(() => undefined);
  }
}

/** A stack's configuration, which some keep out of git. */
const STACK_FILE = /(?:^|\/)Pulumi\.[^/]+\.yaml$/u;

/** What git does not keep, such as packages and what is built, is that of the working tree: to make it anew takes minutes, and the network. */
async function linkIgnored(repository: string, folder: string, program: string): Promise<void> {
  const ignored = await git(repository, [
    "ls-files",
    "-z",
    "--others",
    "--ignored",
    "--exclude-standard",
    "--directory",
  ]);
  const places = new Set([
    ...ignored.split("\0").filter((place) => place !== ""),
    ...foldersUp(relative(repository, dirname(program))).map((up) => join(up, "node_modules")),
  ]);
  for (const place of places) {
    const original = join(repository, place);
    // A program that is compiled must not be taken for its former self.
    if (!(await isFolder(original)) && !STACK_FILE.test(place)) continue;
    if (!relative(original, program).startsWith("..")) continue;
    const link = join(folder, place.replace(/\/$/u, ""));
    if (await isFolder(dirname(link)))
      await symlink(original, link).catch((error: unknown) => {
        // The commit may hold one of its own.
        if ((error as { code?: unknown }).code !== "EEXIST") throw error;
      });
  }
  const above = await nearestAbove(repository);
  if (above !== undefined) await symlink(above, join(dirname(folder), "node_modules"));
}

/** A folder and all above it, down to the one that all are relative to. */
function foldersUp(folder: string): string[] {
  return folder === "" || folder === "." ? ["."] : [folder, ...foldersUp(dirname(folder))];
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** Packages may be installed above the repository, where Node finds them, too. */
async function nearestAbove(repository: string): Promise<string | undefined> {
  for (let folder = dirname(repository); folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, "node_modules");
    if (await isFolder(candidate)) return candidate;
  }
  return undefined;
}
