import { setTimeout as wait } from "node:timers/promises";
import type { Logger } from "./log.ts";
import { standardOutput } from "./standard-output.ts";

/** How long the last lines may take to be read, in milliseconds: ECS sends SIGKILL `stopTimeout` after SIGTERM, whoever reads. */
const FLUSH_MILLISECONDS = 1000;

/**
 * Ends the process well:
 *
 * - SIGTERM (ECS's word) and SIGINT (a person's) drain it, exit code 0; another one changes nothing, SIGKILL follows anyway;
 * - an exception that nobody catches leaves unknown state behind: drained as well, exit code 1;
 * - a promise that nobody awaits concerns one call at most: its rejection is logged, and every other call goes on.
 */
export function watchProcess(log: Logger, drain: () => Promise<void>): void {
  let code = 0;
  let ending: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    try {
      await drain();
    } catch (error) {
      code = 1;
      log.fatal({ err: error }, "drain failed");
    }
    await Promise.race([standardOutput.flush(), wait(FLUSH_MILLISECONDS)]);
    process.exit(code);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      ending ??= end();
    });
  }
  process.on("uncaughtException", (error) => {
    code = 1;
    log.fatal({ err: error }, "uncaught exception");
    ending ??= end();
  });
  process.on("unhandledRejection", (reason) => {
    log.error({ err: reason }, "unhandled rejection");
  });
}
