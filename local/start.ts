import { parseCommandLine, USAGE } from "./command-line.ts";
import { gatewaysFirst } from "./endpoints.ts";
import { messageOf } from "./message-of.ts";
import { readProject } from "./graph/project.ts";
import { checkReadyFile, removeReadyFile, writeReadyFile } from "./ready-file.ts";
import { EventLog } from "./console/event-log.ts";
import { logged } from "./console/logged-events.ts";
import { openPage } from "./console/open-page.ts";
import { runSource } from "./console/run-source.ts";
import { statusLines } from "./console/status-lines.ts";
import type { Page } from "./page/page.ts";
import { run } from "./run.ts";
import { Terminal } from "./terminal.ts";

/**
 * Runs a program until a signal ends it.
 *
 * @param words the command line.
 */
export async function startCommand(words: readonly string[]): Promise<void> {
  const options = parseCommandLine(words);
  if (options === "help") {
    console.log(USAGE);
    return;
  }
  const project = await readProject(options.program, options.stack, options.config);
  const { readyFile } = options;
  if (readyFile !== undefined) await checkReadyFile(readyFile);
  const terminal = new Terminal(process.stdout, { logs: options.logs });
  terminal.begin(project.program);
  const abort = new AbortController();
  const log = new EventLog();
  // The clock of a run begins with the machine's, and goes as much faster as it is told to.
  const now = (): number => performance.now() * options.speed;
  const starting = run({
    project,
    port: options.port,
    sampleData: options.sampleData,
    containers: options.containers,
    speed: options.speed,
    signal: abort.signal,
    events: logged(
      {
        happened: terminal.happened.bind(terminal),
        line: terminal.line.bind(terminal),
        refused: terminal.refused.bind(terminal),
        declared: (stack, endpoints) => {
          // Not before the port is known to be ours: another run's file stays.
          if (readyFile !== undefined) removeReadyFile(readyFile);
          terminal.declared(stack, endpoints);
        },
      },
      log,
      now,
    ),
  });

  // From before the first replica is healthy on: a start is worth watching.
  const watching = starting.then((running) => runSource(running, project.program, log));
  const opening: Promise<Page | undefined> = watching.then((source) => {
    abort.signal.addEventListener("abort", () => {
      source.close();
    });
    return options.pagePort === false ? undefined : openPage(options.pagePort, source);
  });
  opening.catch(() => undefined);

  let closing: Promise<never> | undefined;
  const close = (exitCode: number): Promise<never> =>
    (closing ??= (async () => {
      terminal.end();
      abort.abort();
      const running = await starting.catch(() => undefined);
      if (running !== undefined && readyFile !== undefined) removeReadyFile(readyFile);
      await (await opening.catch(() => undefined))?.close();
      await running?.close();
      process.exit(exitCode);
    })());
  // Before the first task runs, so that none can be left behind. SIGHUP: the terminal has been closed.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => void close(0));

  // One deployment after the other, the first one only when the start is done.
  let deployed: Promise<void> = starting.then((running) => running.ready);
  deployed.catch(() => undefined);
  process.on("SIGUSR2", () => {
    deployed = deployed
      .then(async () => {
        await (await starting).deploy();
        terminal.deployed();
      })
      .catch((error: unknown) => {
        console.error(messageOf(error));
      });
  });

  // The Enter key of a person; whoever pipes something in means no key.
  if (process.stdin.isTTY) {
    process.stdin.on("data", () => {
      watching.then(
        (source) => {
          terminal.lines(statusLines(source.snapshot()));
        },
        () => undefined,
      );
    });
  }

  const running = await starting.catch(async (error: unknown) => {
    // A person who stops the start does not want to hear that it failed.
    if (closing !== undefined) await closing;
    throw error;
  });
  try {
    const page = await opening;
    terminal.page(page?.url);
    await running.ready;
    if (readyFile !== undefined) await writeReadyFile(readyFile, running.endpoints);
    const missing = running.services.filter(({ hasBegun }) => !hasBegun).map(({ name }) => name);
    terminal.ready(gatewaysFirst(running), options.sampleData, page?.url, missing);
  } catch (error) {
    console.error(`\n${messageOf(error)}`);
    await close(1);
  }
}
