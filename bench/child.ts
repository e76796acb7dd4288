import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Report } from "./replica.ts";

/** A replica in a process of its own. */
export interface Child {
  readonly origin: string;
  /** What it holds after everything that can be freed has been. */
  memory(): Promise<NodeJS.MemoryUsage>;
  end(): Promise<void>;
}

/** Starts a replica whose container has these variables beside the ones that every benchmark needs. */
export async function startReplica(environment: Readonly<Record<string, string>>): Promise<Child> {
  const child = fork(join(import.meta.dirname, "replica.ts"), {
    execArgv: ["--expose-gc"],
    env: { HOST: "127.0.0.1", PORT: "0", AUTH_MODE: "none", ...environment },
  });
  const exited = once(child, "exit");
  const next = async (): Promise<Report> => {
    const early = exited.then(() => {
      throw new Error("The replica has ended. Its own words above say why.");
    });
    const [report] = (await Promise.race([once(child, "message"), early])) as [Report];
    return report;
  };
  const ready = await next();
  if (ready.kind !== "ready") throw new Error(`The replica said \`${ready.kind}\` first.`);
  return {
    origin: `http://127.0.0.1:${ready.port}`,
    memory: async () => {
      child.send("memory");
      const report = await next();
      if (report.kind !== "memory") throw new Error(`The replica said \`${report.kind}\`.`);
      return report.memory;
    },
    end: async () => {
      child.disconnect();
      await exited;
    },
  };
}
