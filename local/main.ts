#!/usr/bin/env node
/** `npm start`: runs a Pulumi program on this machine. */
import { parseCommandLine, USAGE } from "./command-line.ts";
import { LocalError } from "./graph/graph.ts";
import { readProject } from "./graph/project.ts";
import { prepareReadyFile, writeReadyFile } from "./ready-file.ts";
import { run } from "./run.ts";
import { Terminal } from "./terminal.ts";

async function main(): Promise<void> {
  const options = parseCommandLine(process.argv.slice(2));
  if (options === "help") {
    console.log(USAGE);
    return;
  }
  const project = await readProject(options.program, options.stack, options.config);
  if (options.readyFile !== undefined) await prepareReadyFile(options.readyFile);
  const terminal = new Terminal(process.stdout, { logs: options.logs });
  terminal.begin(project.program);
  const starting = run({
    project,
    port: options.port,
    sampleData: options.sampleData,
    events: terminal,
  });

  let closing: Promise<never> | undefined;
  const close = (exitCode: number): Promise<never> =>
    (closing ??= (async () => {
      terminal.end();
      await (await starting.catch(() => undefined))?.close();
      process.exit(exitCode);
    })());
  // Before the first task runs, so that none can be left behind. SIGHUP: the terminal has been closed.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => void close(0));

  const running = await starting.catch(async (error: unknown) => {
    // A person who stops the start does not want to hear that it failed.
    if (closing !== undefined) await closing;
    throw error;
  });
  process.on("SIGUSR2", () => {
    running.deploy().then(
      () => {
        terminal.deployed();
      },
      (error: unknown) => {
        console.error(messageOf(error));
      },
    );
  });
  try {
    await running.ready;
    if (options.readyFile !== undefined) await writeReadyFile(options.readyFile, running.endpoints);
    terminal.ready(running.endpoints, options.sampleData);
  } catch (error) {
    console.error(`\n${messageOf(error)}`);
    await close(1);
  }
}

/** Mistakes of the user are sentences; anything else is one of ours, and its stack belongs into a report. */
function messageOf(error: unknown): string {
  if (error instanceof LocalError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

main().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exit(1);
});
