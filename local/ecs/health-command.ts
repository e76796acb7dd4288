import type { ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { Container } from "../graph/task-definition.ts";
import type { TaskAddress } from "./addresses.ts";
import type { Probe, ProbeResult } from "./health-monitor.ts";
import { exitCodeOf, signalGroup, startProcess } from "./process.ts";
import type { Reaper } from "./reaper.ts";

/** The loopback address, with the port that follows it, if one does. */
const LOOPBACK = /(?<![\w.-])(?:127\.0\.0\.1|localhost|\[::1\])(?::(\d{1,5})(?!\d))?(?![\w.-])/gu;

/**
 * What the command of a health check is here. On AWS a task has a network interface, and so a loopback address, of its own; here its address is what it
 * has instead.
 */
export function healthCommand(declared: readonly string[], address: TaskAddress): string[] {
  const [kind, ...words] = declared.map((word) => atTask(word, address));
  return kind === "CMD-SHELL" ? ["/bin/sh", "-c", ...words] : words;
}

function atTask(word: string, address: TaskAddress): string {
  return word.replaceAll(LOOPBACK, (_, declared: string | undefined) =>
    declared === undefined ? address.host : `${address.host}:${address.port(Number(declared))}`,
  );
}

/** Runs the command of a container's health check as ECS does: beside the container's own process, with its environment. */
export function healthProbe(
  container: Container,
  declared: readonly string[],
  environment: Readonly<Record<string, string>>,
  { address, reaper }: { readonly address: TaskAddress; readonly reaper: Reaper },
): Probe {
  const command = healthCommand(declared, address);
  const { folder, programFolders = [] } = container;
  return probeOf(startProcess({ command, folder, environment, programFolders }, reaper));
}

/** A health check of which a process is the command. */
export function probeOf(child: ChildProcessByStdio<Writable, Readable, Readable>): Probe {
  let last = "";
  const result = new Promise<ProbeResult>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        last = text.trim().split("\n").at(-1) ?? last;
      });
    }
    child.on("error", (error) => {
      resolve({ passed: false, reason: String(error) });
    });
    // As in a container, what it has started ends with it.
    child.on("exit", () => {
      signalGroup(child.pid, "SIGKILL");
    });
    child.on("close", (code, signal) => {
      const exitCode = exitCodeOf(code, signal);
      resolve({
        passed: exitCode === 0,
        reason: `exit code ${exitCode}${last === "" ? "" : `: ${last}`}`,
      });
    });
  });
  return {
    result,
    end: () => {
      signalGroup(child.pid, "SIGKILL");
    },
  };
}
