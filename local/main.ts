#!/usr/bin/env node
/** `mcp-local`, and `npm start`: runs a Pulumi program on this machine, drills it, or draws it. */
import { messageOf } from "./message-of.ts";
import { startCommand } from "./start.ts";

async function main([command, ...words]: readonly string[]): Promise<void> {
  await startCommand(command === undefined ? [] : [command, ...words]);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  process.exit(1);
});
