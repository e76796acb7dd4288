import { Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { readConfiguration } from "../service/runtime/configuration.ts";
import { startHost } from "../service/runtime/host.ts";
import { createLogger } from "../service/runtime/log.ts";
import type { ServerDefinition } from "../service/runtime/server.ts";
import { defineTool, ToolError } from "../service/runtime/tool.ts";

/** What a replica under a benchmark tells the process that started it. */
export type Report =
  | { readonly kind: "ready"; readonly port: number }
  | { readonly kind: "memory"; readonly memory: NodeJS.MemoryUsage };

const definition: ServerDefinition = {
  name: "bench",
  version: "1.0.0",
  tools: [
    defineTool({
      name: "add",
      description: "Adds two numbers.",
      input: z.object({ a: z.number(), b: z.number() }),
      output: z.object({ sum: z.number() }),
      run: ({ a, b }) => ({ sum: a + b }),
    }),
    defineTool({
      name: "wait",
      description: "Takes its time, and says how long that was.",
      input: z.object({ milliseconds: z.number().max(60_000) }),
      output: z.object({ took: z.number() }),
      run: async ({ milliseconds }, { signal }) => {
        const started = performance.now();
        await delay(milliseconds, undefined, { signal });
        return { took: performance.now() - started };
      },
    }),
    defineTool({
      name: "progress",
      description: "Tells of its progress.",
      run: async (_input, { progress }) => {
        for (const step of [1, 2, 3]) await progress({ progress: step, total: 3 });
        return "Done.";
      },
    }),
    defineTool({
      name: "refuse",
      description: "Fails on purpose.",
      run: () => {
        throw new ToolError("Ask for something else.");
      },
    }),
    defineTool({
      name: "break",
      description: "Fails by mistake.",
      run: () => {
        throw new Error("broken");
      },
    }),
  ],
  resources: [{ name: "guide", uri: "docs://guide", read: () => "Read me." }],
};

/** Log lines are written as in a container, and read by nobody. */
const nowhere = new Writable({
  write: (_chunk, _encoding, done) => {
    done();
  },
});

const tell = (report: Report): void => {
  process.send?.(report);
};

/** Rounds of collecting until nothing more can be freed; what a round finalizes, only a later one frees. */
const MOST_ROUNDS = 20;

/** How much less than the last round's the heap must be for another one, in bytes. */
const WORTHWHILE_BYTES = 64 * 1024;

/** What is held after everything that can be freed has been. */
async function settledMemory(): Promise<NodeJS.MemoryUsage> {
  let memory = process.memoryUsage();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    globalThis.gc?.();
    // Finalizers run as tasks of their own, and weak references let go only between tasks.
    await delay(50);
    const next = process.memoryUsage();
    const freed = memory.heapUsed - next.heapUsed;
    memory = next;
    if (round > 2 && freed < WORTHWHILE_BYTES) break;
  }
  return memory;
}

process.on("message", () => {
  void settledMemory().then((memory) => {
    tell({ kind: "memory", memory });
  });
});
process.on("disconnect", () => process.exit());

const log = createLogger("bench", { id: "replica-1", zone: "zone-a" }, "info", nowhere);
const host = await startHost(definition, readConfiguration(process.env), log);
tell({ kind: "ready", port: host.address.port });
