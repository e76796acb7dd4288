import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { TestContext } from "node:test";
import { installPackages } from "../../../../local/ecs/packages/install.ts";
import type { ImagePackages } from "../../../../local/graph/image-packages.ts";

/** Watches nothing: what is started ends by itself. */
export const REAPER = { watch: () => undefined, forget: () => undefined, close: () => undefined };

export interface Machine {
  readonly bin: string;
  readonly cache: string;
  /** What the installers were asked, a line each. */
  readonly asked: () => Promise<string[]>;
  readonly told: string[];
  readonly install: (packages: Partial<ImagePackages>) => Promise<string[]>;
}

/** A machine whose PATH has these programs alone, beside a shell. */
export async function machine(
  context: TestContext,
  programs: Readonly<Record<string, string>>,
): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), "mcp-install-"));
  context.after(() => rm(folder, { recursive: true }));
  const bin = join(folder, "bin");
  const log = join(folder, "asked");
  await mkdir(bin);
  await writeFile(log, "");
  for (const [name, script] of Object.entries(programs)) {
    const file = join(bin, name);
    await writeFile(file, `#!/bin/sh\necho "${name} $*" >> '${log}'\n${script}\n`);
    await chmod(file, 0o755);
  }
  const before = { PATH: process.env["PATH"], npm_execpath: process.env["npm_execpath"] };
  context.after(() => Object.assign(process.env, before));
  process.env["PATH"] = [bin, "/usr/bin", "/bin"].join(delimiter);
  delete process.env["npm_execpath"];
  const cache = join(folder, "cache");
  const told: string[] = [];
  return {
    bin,
    cache,
    asked: async () => (await readFile(log, "utf8")).split("\n").filter(Boolean),
    told,
    install: (packages) =>
      installPackages(
        "server",
        { npm: [], pypi: [], ...packages },
        {
          reaper: REAPER,
          signal: undefined,
          cache,
          tell: (text) => {
            told.push(text);
          },
        },
      ),
  };
}
