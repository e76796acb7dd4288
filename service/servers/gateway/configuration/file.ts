import { watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { z } from "zod";
import type { UpstreamSource } from "./source.ts";

const contents = z.record(z.string(), z.unknown());

/** Upstreams in a JSON file, `{ "<name>": <configuration>, … }`, which may be edited or replaced at any time. */
export function fileSource(file: string): UpstreamSource {
  const path = resolve(file);
  let seen: string | undefined;
  return {
    place: `the file \`${file}\``,
    read: async (signal) => {
      const text = await readFile(path, { encoding: "utf8", signal });
      if (text === seen) return undefined;
      const upstreams = contents.safeParse(parse(text, file));
      if (!upstreams.success)
        throw new Error(
          `\`${file}\` holds no object of upstreams by their names. Write \`{ "weather": { "url": "https://…/mcp" } }\`.`,
        );
      seen = text;
      return new Map(
        Object.entries(upstreams.data).map(([name, value]) => [name, JSON.stringify(value)]),
      );
    },
    onHint: (listener) => {
      // The folder, since editors replace a file instead of writing into it.
      const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
        if (name === null || name === basename(path)) listener();
      });
      // A folder that vanishes ends the watching; polling goes on.
      watcher.on("error", () => {
        watcher.close();
      });
      return () => {
        watcher.close();
      };
    },
  };
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`\`${file}\` is not JSON.`, { cause });
  }
}
