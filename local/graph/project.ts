import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { LocalError } from "./graph.ts";

/** A program, and the configuration that it would be deployed with. */
export interface Project {
  readonly program: string;
  readonly name: string;
  readonly stack: string;
  readonly config: Readonly<Record<string, string>>;
}

const projectFile = z.object({
  name: z.string(),
  main: z.string().optional(),
  config: z.record(z.string(), z.unknown()).nullish(),
});
/** An empty file, or an empty `config`, is none. */
const stackFile = z.object({ config: z.record(z.string(), z.unknown()).nullish() }).nullable();

/**
 * Finds the program and its configuration: defaults of `Pulumi.yaml`, then `Pulumi.<stack>.yaml`, then what is given here.
 *
 * @param path a program, or a folder with a `Pulumi.yaml`.
 * @throws {LocalError} where there is neither.
 */
export async function readProject(
  path: string,
  stack: string,
  given: Readonly<Record<string, string>>,
): Promise<Project> {
  const target = resolve(path);
  const kind = await stat(target).catch(() => undefined);
  if (kind === undefined) {
    throw new LocalError(
      `There is no \`${path}\`. Give a Pulumi program, or a folder that holds a \`Pulumi.yaml\`.`,
    );
  }
  const folder = await projectFolder(kind.isDirectory() ? target : dirname(target), path);
  const project = await readYaml(join(folder, "Pulumi.yaml"), projectFile);
  if (project === undefined) throw new LocalError(`There is no \`Pulumi.yaml\` in \`${folder}\`.`);
  const overrides = await readYaml(join(folder, `Pulumi.${stack}.yaml`), stackFile);

  const config: Record<string, string> = {};
  const add = (key: string, value: unknown): void => {
    if (value === undefined) return;
    config[key.includes(":") ? key : `${project.name}:${key}`] =
      typeof value === "string" ? value : JSON.stringify(value);
  };
  for (const [key, value] of Object.entries(project.config ?? {})) {
    const given = defaultOf(value);
    add(key, isEncrypted(given) ? undefined : given);
  }
  for (const [key, value] of Object.entries(overrides?.config ?? {}))
    add(key, isEncrypted(value) ? undefined : value);
  for (const [key, value] of Object.entries(given)) add(key, value);
  return {
    program: kind.isDirectory() ? await mainOf(folder, project.main) : target,
    name: project.name,
    stack,
    config,
  };
}

/** A program may lie below its project. */
async function projectFolder(start: string, path: string): Promise<string> {
  for (let folder = start; ; folder = dirname(folder)) {
    if (await stat(join(folder, "Pulumi.yaml")).catch(() => undefined)) return folder;
    if (dirname(folder) === folder) {
      throw new LocalError(
        `There is no \`Pulumi.yaml\` beside \`${path}\` or above it. Run this in the folder of a Pulumi project, or give its path.`,
      );
    }
  }
}

async function mainOf(folder: string, main: string | undefined): Promise<string> {
  const candidates =
    main === undefined
      ? ["index.ts", "index.js"]
      : [main, join(main, "index.ts"), join(main, "index.js")];
  for (const candidate of candidates) {
    const path = join(folder, candidate);
    if ((await stat(path).catch(() => undefined))?.isFile()) return path;
  }
  throw new LocalError(
    `The \`main\` of \`${join(folder, "Pulumi.yaml")}\` names no program: none of ${candidates.map((name) => `\`${name}\``).join(", ")} is a file.`,
  );
}

async function readYaml<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return schema.parse(parse(text));
  } catch (error) {
    throw new LocalError(
      `\`${path}\` cannot be read: ${error instanceof z.ZodError ? z.prettifyError(error) : String(error)}`,
    );
  }
}

function defaultOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const entry = value as { default?: unknown; value?: unknown };
  return entry.value ?? entry.default;
}

/** Only the engine holds the key; a program that needs such a value says so, and `--config` gives one for this run. */
function isEncrypted(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}
