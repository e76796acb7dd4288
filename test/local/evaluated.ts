import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { evaluate } from "../../local/graph/evaluate.ts";
import type { Graph } from "../../local/graph/graph.ts";

export const IMPORTS = `import * as aws from "@pulumi/aws"; import * as random from "@pulumi/random"; import * as pulumi from "@pulumi/pulumi";\n`;

/** Evaluates a program that lies in a file. */
export function evaluatedFile(
  program: string,
  config: Readonly<Record<string, string>> = {},
  signal = new AbortController().signal,
): Promise<Graph> {
  const watch = { watch: () => undefined, forget: () => undefined };
  const request = {
    program,
    project: "test",
    stack: "dev",
    config,
    loadBalancerAddresses: ["127.0.0.1:8000"],
  };
  return evaluate(request, watch, signal);
}

/** A folder for programs, which finds this repository's packages. */
export async function programFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "evaluate-"));
  context.after(() => rm(folder, { recursive: true }));
  await symlink(
    join(import.meta.dirname, "..", "..", "node_modules"),
    join(folder, "node_modules"),
  );
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  return folder;
}

/** Evaluates a program text in a folder of its own. */
export async function evaluated(
  context: TestContext,
  text: string,
  signal?: AbortSignal,
): Promise<Graph> {
  const program = join(await programFolder(context), "program.ts");
  await writeFile(program, text);
  return evaluatedFile(program, { "test:size": "3" }, signal);
}
