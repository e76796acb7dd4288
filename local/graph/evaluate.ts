import { fork } from "node:child_process";
import { dirname, join } from "node:path";
import type { EvaluationReply, EvaluationRequest } from "./evaluator.ts";
import { LocalError, type Graph } from "./graph.ts";

/** A program of a thousand resources takes a few seconds; one that takes longer waits for something that will not come. */
const DEADLINE_MILLISECONDS = 120_000;

/** Who ends a process group, should this process die first. */
export interface ProcessWatch {
  watch(processGroup: number): void;
  forget(processGroup: number): void;
}

/**
 * Evaluates a Pulumi program without an engine, an account or a network, and returns the resources it declares.
 *
 * @param signal ends the evaluation.
 * @throws {LocalError} with the program's own error, where it fails.
 */
export async function evaluate(
  request: EvaluationRequest,
  watch: ProcessWatch,
  signal: AbortSignal,
): Promise<Graph> {
  const extension = import.meta.filename.endsWith(".ts") ? "ts" : "js";
  const child = fork(join(import.meta.dirname, `evaluator.${extension}`), {
    // As under `pulumi up`, where relative paths start at the program's folder.
    cwd: dirname(request.program),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // A group of its own, as all that is started here: it ends by `signal`, or with this process.
    detached: true,
  });
  const { pid } = child;
  if (pid !== undefined) watch.watch(pid);
  const abort = (): boolean => child.kill("SIGKILL");
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  const deadline = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MILLISECONDS);
  try {
    const reply = await new Promise<EvaluationReply>((resolve, reject) => {
      child.once("message", (message) => {
        resolve(message as EvaluationReply);
      });
      child.once("error", reject);
      // A message may still be in the channel when the process has gone; the channel closes after the last one.
      let ending = "it did not end";
      child.once("exit", (code, signal) => {
        ending = signal ?? `exit code ${code ?? 0}`;
        if (!child.connected) resolve(ended(ending));
      });
      child.once("disconnect", () => {
        if (child.exitCode !== null || child.signalCode !== null) resolve(ended(ending));
      });
      // Where it is gone already, its end says so.
      child.send(request, () => undefined);
    });
    if ("error" in reply) {
      throw new LocalError(
        `The program \`${request.program}\` cannot be evaluated: ${reply.error}`,
      );
    }
    return reply.graph;
  } finally {
    clearTimeout(deadline);
    signal.removeEventListener("abort", abort);
    child.kill("SIGKILL");
    if (pid !== undefined) watch.forget(pid);
  }
}

function ended(how: string): EvaluationReply {
  return { error: `it ended with ${how} before all of its resources were declared` };
}
