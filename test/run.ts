/**
 * `node test/run.ts PART…`: runs parts of the tests. `infra` and `engine` follow each other beside `others`, which wait for a good part of
 * their time.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { isPartName, PARTS, type PartName } from "./parts.ts";

const REPOSITORY = join(import.meta.dirname, "..");
const CACHE = join(REPOSITORY, "node_modules", ".cache", "pulumi-mcp-service");

/** Compiled modules, for all processes that tests start: hundreds load the AWS package or this one's sources. */
process.env["NODE_COMPILE_CACHE"] ??= join(CACHE, "compiled");

const endings: (() => void)[] = [];

/** Shows a part's output as it comes, or keeps it until the end, where it would mix with another one's. */
async function runPart(part: PartName, show: "at once" | "at the end"): Promise<boolean> {
  const preloaded = PARTS[part].lean
    ? ["--import", join(import.meta.dirname, "lean-promises.ts")]
    : [];
  const child = spawn(process.execPath, [...preloaded, join("test", "part.ts"), part], {
    cwd: REPOSITORY,
    stdio: ["ignore", show === "at once" ? "inherit" : "pipe", "inherit"],
  });
  const kept: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => kept.push(chunk));
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => child.kill(signal));
  const [code] = (await once(child, "close")) as [number | null];
  endings.push(() => process.stdout.write(Buffer.concat(kept)));
  return code === 0;
}

const parts = process.argv.slice(2);
const wrong = parts.find((part) => !isPartName(part));
if (parts.length === 0 || wrong !== undefined) {
  throw new Error(
    `\`${wrong ?? ""}\` is no part of the tests. Name some of: ${Object.keys(PARTS).join(", ")}.`,
  );
}
const wanted = parts.filter(isPartName);
const withOthers = wanted.includes("others");
const others = withOthers ? runPart("others", "at once") : true;
let succeeded = true;
for (const part of wanted.filter((name) => name !== "others"))
  succeeded = (await runPart(part, withOthers ? "at the end" : "at once")) && succeeded;
succeeded = (await others) && succeeded;
for (const print of endings) print();
if (!succeeded) process.exitCode = 1;
