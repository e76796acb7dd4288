import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Attempt } from "./attempt.ts";
import type { Order, Report, TrafficSettings } from "./wire.ts";

/** MCP calls over HTTP, at a rate. */
export interface Traffic {
  /** Calls a second, of both kinds of clients together. */
  setRate(callsPerSecond: number): void;
  setToken(token: string | undefined): void;
  /** Lets calls under way finish; resolves when each has been told of. */
  end(graceMilliseconds: number): Promise<void>;
  /** Ends it at once. */
  close(): Promise<void>;
}

/** Starts the thread that calls; resolves when it is ready to. No call is made before a rate is set. */
export async function startTraffic(
  settings: TrafficSettings,
  onAttempt: (attempt: Attempt) => void,
): Promise<Traffic> {
  const extension = import.meta.filename.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(join(import.meta.dirname, `worker.${extension}`), {
    workerData: settings,
  });
  const exited = once(worker, "exit");
  const failed = new Promise<never>((_resolve, reject) => {
    worker.once("error", reject);
  });
  // Told to whoever waits for the end.
  failed.catch(() => undefined);
  let onEnded: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    worker.on("message", (report: Report) => {
      switch (report.kind) {
        case "attempt":
          onAttempt(report.attempt);
          break;
        case "ready":
          resolve();
          break;
        case "ended":
          onEnded();
          break;
      }
    });
  });
  await Promise.race([ready, failed]);
  const order = (message: Order): void => {
    worker.postMessage(message);
  };
  return {
    setRate: (callsPerSecond) => {
      order({ kind: "rate", callsPerSecond });
    },
    setToken: (token) => {
      order({ kind: "token", token });
    },
    end: async (graceMilliseconds) => {
      const ended = new Promise<void>((resolve) => {
        onEnded = resolve;
      });
      order({ kind: "end", graceMilliseconds });
      await Promise.race([ended, exited, failed]);
      await exited;
    },
    close: async () => {
      await worker.terminate();
    },
  };
}
