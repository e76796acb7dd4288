/**
 * `node test/run.ts PART…`: runs parts of the tests, one after another: those that wait for what is to come within a time get the machine
 * for themselves. Ends with the failures of all parts, since the end is what a reader of a long log sees.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Failure } from "./part.ts";
import { isPartName, PARTS, type PartName } from "./parts.ts";

const REPOSITORY = join(import.meta.dirname, "..");
const CACHE = join(REPOSITORY, "node_modules", ".cache", "pulumi-mcp-service");

/** Compiled modules, for all processes that tests start: hundreds load the AWS package or this one's sources. */
process.env["NODE_COMPILE_CACHE"] ??= join(CACHE, "compiled");

const failures: Failure[] = [];
const ending = new AbortController();

/** @returns whether all of it passed. */
async function runPart(part: PartName): Promise<boolean> {
  const preloaded = PARTS[part].lean
    ? ["--import", join(import.meta.dirname, "lean-promises.ts")]
    : [];
  const child = spawn(process.execPath, [...preloaded, join("test", "part.ts"), part], {
    cwd: REPOSITORY,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  child.on("message", (failure) => failures.push(failure as Failure));
  const forward = (signal: NodeJS.Signals): void => {
    ending.abort();
    child.kill(signal);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, forward);
  const [code] = (await once(child, "close")) as [number | null];
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, forward);
  return code === 0;
}

const parts = process.argv.slice(2);
const wrong = parts.find((part) => !isPartName(part));
if (parts.length === 0 || wrong !== undefined) {
  throw new Error(
    `\`${wrong ?? ""}\` is no part of the tests. Name some of: ${Object.keys(PARTS).join(", ")}.`,
  );
}
let succeeded = true;
for (const part of parts.filter(isPartName)) {
  if (!ending.signal.aborted) succeeded = (await runPart(part)) && succeeded;
}
for (const { file, name, message } of failures)
  console.error(`\nFailed: ${name}\n  ${file}\n  ${message.replaceAll("\n", "\n  ")}`);
if (!succeeded) process.exitCode = 1;
