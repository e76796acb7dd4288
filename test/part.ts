/** `node test/part.ts PART`: runs a part of the tests, started by `run.ts`. */
import { globSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { inOrder, isPartName, PARTS } from "./parts.ts";

/** A test that failed, as `run.ts` hears of it. */
export interface Failure {
  readonly name: string;
  readonly file: string;
  readonly message: string;
}

/** As much of a message as tells what was wrong; what a command wrote may be long, and its end says most. */
const MESSAGE_CHARACTERS = 3000;

const [name = ""] = process.argv.slice(2);
if (!isPartName(name)) throw new Error(`There is no part \`${name}\`.`);
const { files, atOnce, lean } = PARTS[name];

function shortened(message: string): string {
  return message.length <= 2 * MESSAGE_CHARACTERS
    ? message
    : `${message.slice(0, MESSAGE_CHARACTERS)}\n…\n${message.slice(-MESSAGE_CHARACTERS)}`;
}

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
stream.on("test:fail", ({ name: test, file = "", details: { error } }) => {
  // A suite fails by its tests, which tell for themselves.
  if ("failureType" in error && error.failureType === "subtestsFailed") return;
  const { cause } = error;
  const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  const failure: Failure = { name: test, file, message: shortened(message) };
  process.send?.(failure);
});
stream.on("end", () => {
  if (!succeeded) process.exitCode = 1;
});
(stream.compose(new spec()) as Readable).pipe(process.stdout);
