import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The newest version that the Go module proxy serves; users have theirs from the official installer. */
export const VERSION = "3.250.0";

/** The folder `bin/pulumi` lies in where this project has built it; outside the checkout, since a build takes minutes. */
const CACHE = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "pulumi-mcp-service",
  `pulumi-${VERSION}`,
);

/**
 * The root of a Pulumi CLI, for `PulumiCommand.get`: undefined stands for the one on the PATH, which goes first; else one that has been
 * built from its Go module, now or earlier.
 */
export async function pulumiRoot(): Promise<string | undefined> {
  if (await succeeds("pulumi", ["version"])) return undefined;
  if ((await stat(join(CACHE, "bin", "pulumi")).catch(() => undefined)) === undefined)
    await build();
  return CACHE;
}

async function build(): Promise<void> {
  if (!(await succeeds("go", ["version"]))) {
    throw new Error(
      "The engine tests need the Pulumi CLI. Install it (https://www.pulumi.com/docs/install/), or install Go (1.25 or newer), from whose" +
        " module proxy the CLI can be built.",
    );
  }
  console.error(
    `Building the Pulumi CLI ${VERSION} from its Go module, once; this takes some minutes.`,
  );
  const folder = await mkdtemp(join(tmpdir(), "pulumi-cli-"));
  const module = "github.com/pulumi/pulumi";
  try {
    await writeFile(
      join(folder, "go.mod"),
      `module cli\n\ngo 1.25\n\nrequire ${module}/pkg/v3 v${VERSION}\n`,
    );
    // Without the version the Automation API refuses the CLI.
    const flags = `-X ${module}/sdk/v3/go/common/version.Version=v${VERSION}`;
    await run(
      "go",
      ["build", "-mod=mod", "-o", "pulumi", "-ldflags", flags, `${module}/pkg/v3/cmd/pulumi`],
      {
        cwd: folder,
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    await chmod(join(folder, "pulumi"), 0o755);
    await mkdir(join(CACHE, "bin"), { recursive: true });
    await run("cp", [join(folder, "pulumi"), join(CACHE, "bin", "pulumi.new")]);
    // Whole or not at all, should two runs build at once.
    await rename(join(CACHE, "bin", "pulumi.new"), join(CACHE, "bin", "pulumi"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function succeeds(command: string, words: string[]): Promise<boolean> {
  return run(command, words).then(
    () => true,
    () => false,
  );
}

if (import.meta.main) await pulumiRoot();
