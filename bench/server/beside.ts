import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Bench, Check } from "./bench.ts";

/** Benchmarks of what stands in front of a server, or wraps one; each tells its figures itself, and its verdict to whoever runs it. */
export type Beside = "balancer" | "stdio";

/** Runs another benchmark, with its own output, so that a change which slows it is seen here. */
export async function measureBeside(bench: Bench, name: Beside): Promise<Check[]> {
  console.log(`\nnpm run bench:${name}`);
  const words = ["--rounds", String(bench.rounds), "--seconds", String(Math.max(1, bench.seconds))];
  const child = spawn(process.execPath, [join(import.meta.dirname, "..", `${name}.ts`), ...words], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const checks: Check[] = [];
  child.on("message", (check) => checks.push(check as Check));
  await once(child, "close");
  if (checks.length === 0)
    throw new Error(
      `\`npm run bench:${name}\` has ended without a verdict. Its own words above say why.`,
    );
  return checks;
}

/** Tells the benchmark that has started this one, if one has. */
export function tellVerdict(check: Check): void {
  process.send?.(check);
  if (process.connected) process.disconnect();
}
