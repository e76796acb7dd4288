#!/usr/bin/env node
/** `mcp-local`, and `npm start`: runs a Pulumi program on this machine, drills it, or draws it. */
import { messageOf } from "./message-of.ts";
import { nodeProblem } from "./node-version.ts";

/** Each command is loaded when it is asked for: a picture of the graph needs no load balancer. */
async function main(words: readonly string[]): Promise<void> {
  const [command, ...rest] = words;
  const problem = nodeProblem(process.versions.node);
  if (problem !== undefined) {
    console.error(problem);
    process.exit(1);
  }
  if (command === "drill") {
    const { drillCommand } = await import("./drills/command.ts");
    process.exit(await drillCommand(rest, process.stdout));
  }
  if (command === "graph") {
    const { graphCommand } = await import("./drawing/graph-command.ts");
    process.exitCode = await graphCommand(rest);
    return;
  }
  const { startCommand } = await import("./start.ts");
  await startCommand(words);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  process.exit(1);
});
