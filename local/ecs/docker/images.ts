import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ImageBuild } from "../../graph/container-settings.ts";
import { LocalError } from "../../graph/graph.ts";
import type { Container } from "../../graph/task-definition.ts";
import type { Reaper } from "../reaper.ts";
import { docker } from "./client.ts";

/** What preparing an image needs. */
export interface ImageSurroundings {
  readonly reaper: Reaper;
  /** For what the client writes. */
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
  readonly tell: (text: string) => void;
}

/**
 * The words of `docker build`. The tag is the same in every run, so that a new build takes the place of the last one; what runs is named by its id, which
 * no other run can change.
 */
export function buildWords(build: ImageBuild, idFile: string): string[] {
  const { context, dockerfile, target, args, platform } = build;
  const digest = createHash("sha256").update(JSON.stringify(build)).digest("hex");
  return [
    "build",
    ...["--tag", `mcp-local:${digest.slice(0, 12)}`],
    ...["--iidfile", idFile],
    ...(dockerfile === undefined ? [] : ["--file", dockerfile]),
    ...(target === undefined ? [] : ["--target", target]),
    ...(platform === undefined ? [] : ["--platform", platform]),
    ...Object.entries(args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
    context,
  ];
}

/**
 * Builds the image of a container, or pulls the given one.
 *
 * @returns what to run: the id of a built image, or the address of a given one.
 * @throws {LocalError} with the client's last words.
 */
export function prepareImage(
  { name, image, settings }: Container,
  surroundings: ImageSurroundings,
): Promise<string> {
  return settings?.build === undefined
    ? pull(name, image, surroundings)
    : build(name, settings.build, surroundings);
}

async function build(
  container: string,
  declared: ImageBuild,
  { folder, reaper, signal, tell }: ImageSurroundings,
): Promise<string> {
  tell(`builds the image of \`${container}\` from \`${declared.context}\``);
  const idFile = join(folder, `${container}.iid`);
  const { exitCode, lastLines } = await docker(buildWords(declared, idFile), reaper, { signal });
  if (exitCode !== 0) {
    throw new LocalError(
      `The image of \`${container}\` could not be built from \`${declared.context}\`: \`docker build\` ended with exit code ${exitCode}. Its last lines:\n${lastLines.join("\n")}`,
    );
  }
  const id = (await readFile(idFile, "utf8")).trim();
  await rm(idFile);
  return id;
}

async function pull(
  container: string,
  image: string,
  { reaper, signal, tell }: ImageSurroundings,
): Promise<string> {
  const found = await docker(["image", "inspect", "--format", "{{.Id}}", image], reaper, {
    signal,
  });
  if (found.exitCode === 0) return image;
  tell(`pulls the image \`${image}\` of \`${container}\``);
  const { exitCode, lastLines } = await docker(["pull", "--quiet", image], reaper, { signal });
  if (exitCode === 0) return image;
  throw new LocalError(
    `The image \`${image}\` of \`${container}\` could not be pulled: \`docker pull\` ended with exit code ${exitCode}. Its last lines:\n${lastLines.join("\n")}`,
  );
}
