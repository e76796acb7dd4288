import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { LocalError } from "../../graph/graph.ts";

const run = promisify(execFile);

/** Runs git; a failure is a sentence. */
export async function git(folder: string, words: readonly string[]): Promise<string> {
  try {
    // No hooks: a checkout that nobody works in is no reason to run them.
    const { stdout } = await run(
      "git",
      ["-C", folder, "-c", "core.hooksPath=/dev/null", ...words],
      {
        maxBuffer: 64 * 1024 * 1024,
        env: { ...process.env, LC_ALL: "C" },
      },
    );
    return stdout.trim();
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT")
      throw new LocalError(
        "`git` is not installed here, and `--diff` compares with what git keeps.",
      );
    throw new LocalError(
      `\`git ${words.join(" ")}\` failed: ${(stderr ?? String(error)).trim().split("\n").at(-1) ?? ""}`,
    );
  }
}

/** The folder that holds the repository of a folder. */
export async function repositoryOf(folder: string): Promise<string> {
  return git(folder, ["rev-parse", "--show-toplevel"]).catch((error: unknown) => {
    if (error instanceof LocalError && !error.message.includes("not a git repository")) throw error;
    throw new LocalError(
      `\`${folder}\` is in no git repository, and \`--diff\` compares with what git keeps.`,
    );
  });
}

/** The commit that a branch, a tag or a hash means. */
export async function commitOf(repository: string, reference: string): Promise<string> {
  return git(repository, [
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${reference}^{commit}`,
  ]).catch(() => {
    throw new LocalError(
      `\`--diff\` is \`${reference}\`, which is no commit of \`${repository}\`. Give a branch, a tag or a hash; a shallow clone has few of them: fetch it first.`,
    );
  });
}

/** The files that differ between a commit and the working tree, below a folder; those that git ignores are none. */
export async function changedFiles(
  repository: string,
  commit: string,
  folder: string,
): Promise<string[]> {
  const [tracked, untracked] = await Promise.all([
    git(repository, ["diff", "--name-only", commit, "--", folder]),
    git(repository, ["ls-files", "--others", "--exclude-standard", "--", folder]),
  ]);
  return [...tracked.split("\n"), ...untracked.split("\n")].filter((line) => line !== "");
}
