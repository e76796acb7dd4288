/**
 * `node refused.ts <config as JSON>`: previews the repository's program and prints what the engine says. A process of its own, since the SDK
 * leaves the rejection of a program's promise unhandled, which node's test runner takes for a failure of whatever test runs then.
 */
import { createStack } from "./harness.ts";
import { repositoryProgram } from "./programs.ts";

process.on("unhandledRejection", () => undefined);

const cleanups: (() => unknown)[] = [];
const engine = await createStack(
  { after: (cleanup) => cleanups.push(cleanup) },
  repositoryProgram.run,
  {
    ...repositoryProgram.config,
    ...(JSON.parse(process.argv[2] ?? "{}") as Record<string, string>),
  },
);
const said: unknown = await engine.preview().then(
  () => "accepted",
  (reason: unknown) => reason,
);
console.log(String(said), engine.output(), `${engine.cloud.existing().length} resources exist`);
for (const cleanup of cleanups) await cleanup();
process.exit(0);
