#!/usr/bin/env node
/** `npm start`: runs a Pulumi program on this machine. */
import { writeFile } from "node:fs/promises";
import { parseCommandLine, USAGE } from "./command-line.ts";
import { LocalError } from "./graph/graph.ts";
import { readProject } from "./graph/project.ts";
import { run } from "./run.ts";
import { Terminal } from "./terminal.ts";

async function main(): Promise<void> {
  const options = parseCommandLine(process.argv.slice(2));
  if (options === "help") {
    console.log(USAGE);
    return;
  }
  const project = await readProject(options.program, options.stack, options.config);
  const terminal = new Terminal(process.stdout, { logs: options.logs });
  terminal.begin(project.program);
  const running = await run({
    project,
    port: options.port,
    sampleData: options.sampleData,
    events: terminal,
  });

  let closing: Promise<never> | undefined;
  const close = (exitCode: number): Promise<never> =>
    (closing ??= (async () => {
      terminal.end();
      await running.close();
      process.exit(exitCode);
    })());
  process.on("SIGINT", () => void close(0));
  process.on("SIGTERM", () => void close(0));
  // The terminal has been closed.
  process.on("SIGHUP", () => void close(0));
  process.on("SIGUSR2", () => {
    running.deploy().then(
      () => {
        terminal.deployed();
      },
      (error: unknown) => {
        terminal.failed(messageOf(error));
      },
    );
  });

  try {
    await running.ready;
    if (options.readyFile !== undefined)
      await writeFile(options.readyFile, readyFile(running.endpoints));
    terminal.ready(running.endpoints, options.sampleData);
  } catch (error) {
    terminal.failed(messageOf(error));
    await close(1);
  }
}

/** What scripts wait for: the first endpoint, and all of them by name where there are several. */
function readyFile(
  endpoints: readonly { service: string; url: string; token: string | undefined }[],
): string {
  const [first] = endpoints;
  return `${JSON.stringify({
    url: first?.url,
    token: first?.token,
    services: Object.fromEntries(
      endpoints.map(({ service, url, token }) => [service, { url, token }]),
    ),
  })}\n`;
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
