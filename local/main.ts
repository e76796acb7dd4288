#!/usr/bin/env node
/** `mcp-local`, and `npm start`: runs a Pulumi program on this machine, drills it, or draws it. */
import { messageOf } from "./message-of.ts";

/** Each command is loaded when it is asked for: a picture of the graph needs no load balancer. */
async function main([command, ...words]: readonly string[]): Promise<void> {
  switch (command) {
    case "drill": {
      const { drillCommand } = await import("./drills/command.ts");
      process.exit(await drillCommand(words, process.stdout));
      break;
    }
    case "graph": {
      const { graphCommand } = await import("./drawing/graph-command.ts");
      process.exitCode = await graphCommand(words);
      break;
    }
    default: {
      const { startCommand } = await import("./start.ts");
      await startCommand(command === undefined ? [] : [command, ...words]);
    }
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  process.exit(1);
});
