import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import type { ListedFile } from "./wanted-model.ts";

/** A file as the hub lists it: Git's own name of its content, and its SHA-256 where it is kept in Git LFS. */
export interface HubFile extends ListedFile {
  readonly gitSha1: string;
  readonly sha256: string | undefined;
}

/** What came. */
export interface Downloaded {
  readonly size: number;
  readonly sha256: string;
}

/** Hugging Face, or a mirror of its addresses. */
export class Hub {
  readonly #origin: string;
  readonly #pause: (milliseconds: number) => Promise<unknown>;

  /** @param pause waits between attempts; for tests. */
  constructor(origin: string, pause: (milliseconds: number) => Promise<unknown> = wait) {
    this.#origin = origin.replace(/\/+$/u, "");
    this.#pause = pause;
  }

  /** All files of a repository at a commit. */
  async list(repository: string, revision: string): Promise<HubFile[]> {
    const files: HubFile[] = [];
    let next: string | undefined =
      `${this.#origin}/api/models/${repository}/tree/${revision}?recursive=true`;
    while (next !== undefined) {
      const answer = await this.#get(next);
      for (const { type, path, size, oid, lfs } of treeSchema.parse(await answer.json()))
        if (type === "file") files.push({ path, size, gitSha1: oid, sha256: lfs?.oid });
      next = /<(?<url>[^>]+)>;\s*rel="next"/u.exec(answer.headers.get("link") ?? "")?.groups?.[
        "url"
      ];
    }
    return files;
  }

  /**
   * Writes a file of a repository at a commit into a folder.
   *
   * @throws {Error} where what came is not what the hub lists; the file is of no use then.
   */
  async download(
    repository: string,
    revision: string,
    file: HubFile,
    folder: string,
  ): Promise<Downloaded> {
    const path = pathIn(folder, file.path);
    const answer = await this.#get(
      `${this.#origin}/${repository}/resolve/${revision}/${file.path}`,
    );
    await mkdir(dirname(path), { recursive: true });
    const sha256 = createHash("sha256");
    const gitSha1 = createHash("sha1").update(`blob ${file.size}\0`);
    let size = 0;
    const count = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        size += chunk.length;
        sha256.update(chunk);
        gitSha1.update(chunk);
        done(size > file.size ? new Error(`\`${file.path}\` is longer than listed.`) : null, chunk);
      },
    });
    await pipeline(Readable.from(answer.body ?? []), count, createWriteStream(path));
    const digest = sha256.digest("hex");
    const isListed =
      size === file.size &&
      (file.sha256 === undefined ? gitSha1.digest("hex") === file.gitSha1 : digest === file.sha256);
    if (!isListed) {
      throw new Error(
        `\`${file.path}\` of \`${repository}\` came with ${size} bytes and the SHA-256 ${digest}, which is not what is listed at ${revision}. Try again, or another \`MODELS_HUB\`.`,
      );
    }
    return { size, sha256: digest };
  }

  async #get(url: string): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await fetch(url).catch((error: unknown) => error as Error);
      if (answer instanceof Response && answer.ok) return answer;
      const mayPass = answer instanceof Error || answer.status === 429 || answer.status >= 500;
      if (answer instanceof Response) await answer.body?.cancel();
      if (!mayPass || attempt === MOST_ATTEMPTS) {
        const why =
          answer instanceof Error ? "cannot be reached" : `answers with status ${answer.status}`;
        throw new Error(
          `\`${url}\` ${why}. Check the model's name and revision, or name a mirror in \`MODELS_HUB\`.`,
          {
            cause: answer,
          },
        );
      }
      await this.#pause(attempt * PAUSE_MILLISECONDS);
    }
  }
}

const MOST_ATTEMPTS = 4;
const PAUSE_MILLISECONDS = 2000;

/** What a repository names its files must not lead out of the folder. */
function pathIn(folder: string, path: string): string {
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    throw new Error(`\`${path}\` is no name of a file in a model's folder.`);
  }
  return join(folder, ...parts);
}

/** https://huggingface.co/docs/hub/api: the tree of a repository. */
const treeSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: z.int().nonnegative(),
    oid: z.string(),
    lfs: z.object({ oid: z.string() }).optional(),
  }),
);
