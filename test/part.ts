/** `node test/part.ts PART`: runs a part of the tests, started by `run.ts`. */
import { globSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { inOrder, isPartName, PARTS } from "./parts.ts";

const [name = ""] = process.argv.slice(2);
if (!isPartName(name)) throw new Error(`There is no part \`${name}\`.`);
const { files, atOnce, lean } = PARTS[name];

const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    ending.abort();
  });
}

const stream = run({
  files: inOrder(globSync(files)),
  signal: ending.signal,
  ...(atOnce === undefined
    ? { isolation: "none" }
    : {
        concurrency: atOnce,
        execArgv: lean ? ["--import", join(import.meta.dirname, "lean-promises.ts")] : [],
      }),
});
let succeeded = false;
stream.on("test:summary", ({ success, file }) => {
  // Each file has a summary, too.
  if (file === undefined) succeeded = success;
});
stream.on("end", () => {
  if (!succeeded) process.exitCode = 1;
});
(stream.compose(new spec()) as Readable).pipe(process.stdout);
