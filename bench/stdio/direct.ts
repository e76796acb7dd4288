import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { writeCalls } from "../gateway/call.ts";

/** A stdio server that is asked by the benchmark itself. */
export interface DirectChild {
  /** One call after the other, for so long. @returns how long each took, in milliseconds. */
  measure(bytes: number, seconds: number): Promise<readonly number[]>;
  end(): Promise<void>;
}

export function startDirectChild(command: string, words: readonly string[]): DirectChild {
  const child = spawn(command, words, { stdio: ["pipe", "pipe", "inherit"] });
  let heard: (line: string) => void = () => undefined;
  createInterface({ input: child.stdout }).on("line", (line) => {
    heard(line);
  });
  const exited = once(child, "exit");
  return {
    measure: async (bytes, seconds) => {
      const calls = writeCalls({ era: "modern", tool: "echo", bytes });
      const times: number[] = [];
      const end = performance.now() + seconds * 1000;
      while (performance.now() < end) {
        const { body, mark } = calls.next();
        const { promise, resolve } = Promise.withResolvers<string>();
        heard = resolve;
        const started = performance.now();
        child.stdin.write(`${body}\n`);
        const line = await promise;
        times.push(performance.now() - started);
        if (!line.includes(mark)) throw new Error(`The child said ${line.slice(0, 200)}`);
      }
      return times;
    },
    end: async () => {
      child.stdin.end();
      child.kill();
      await exited;
    },
  };
}
