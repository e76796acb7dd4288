/**
 * `npm test`: two test runners side by side. The tests of `infra/` share one process, since loading the AWS package takes longer than most of
 * them; the others get a process a file, two at a time, because they start servers and replicas.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";

const OTHERS = "test/{service,local,e2e,conformance,fuzz}/**/*.test.ts";
const INFRA = "test/infra/**/*.test.ts";

/** Shows one runner's output as it comes; the other one's, which would mix with it, is kept until the end. */
async function runTests(words: readonly string[], show: "at once" | "at the end"): Promise<number> {
  const child = spawn(process.execPath, ["--test", ...words], {
    stdio: ["ignore", show === "at once" ? "inherit" : "pipe", "inherit"],
  });
  const kept: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => kept.push(chunk));
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => child.kill(signal));
  const [code] = (await once(child, "close")) as [number | null];
  endings.push(() => process.stdout.write(Buffer.concat(kept)));
  return code ?? 1;
}

const endings: (() => void)[] = [];
const codes = await Promise.all([
  runTests(["--test-concurrency=2", OTHERS], "at once"),
  runTests(["--test-isolation=none", INFRA], "at the end"),
]);
for (const print of endings) print();
process.exitCode = codes.some((code) => code !== 0) ? 1 : 0;
