import { once } from "node:events";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { cancellationOf } from "../../../../service/runtime/cancellation.ts";
import { createLogger } from "../../../../service/runtime/log.ts";
import type {
  JsonObject,
  Relay,
  RelayContext,
  RelayRequest,
} from "../../../../service/runtime/relay.ts";
import { readStdioConfiguration } from "../../../../service/servers/stdio/configuration.ts";
import { startStdioServer } from "../../../../service/servers/stdio/index.ts";
import { recordingLog, type Line } from "../../telemetry/fixtures.ts";

export const FIXTURES = join(import.meta.dirname, "fixtures");

/** A server that answers from child processes. */
export interface StartedStdio {
  readonly relay: Relay;
  readonly ready: () => boolean;
  readonly healthy: () => boolean;
  readonly stop: () => Promise<void>;
  readonly lines: readonly Line[];
  /** Resolves with a line that has that message, and passes the test. */
  logged(message: string, test?: (line: Line) => boolean): Promise<Line>;
  /** What subscribers have been told, in order. */
  readonly told: readonly string[];
  /** Resolves when subscribers have been told it. */
  tells(what: string): Promise<void>;
}

/** Starts a fixture; the test's end stops it. */
export async function startFixture(
  context: TestContext,
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<StartedStdio> {
  const { log, lines, written } = recordingLog();
  // As the service's own socket does: the timers of the pool keep no process alive.
  const alive = setInterval(() => undefined, 60_000);
  context.after(() => {
    clearInterval(alive);
  });
  const told: string[] = [];
  const tell = (what: string): void => {
    told.push(what);
    written.emit("told");
  };
  const environment = { PATH: process.env["PATH"], STDIO_STOP_SECONDS: "1", ...variables };
  const [file = "", ...rest] = words;
  const started = await startStdioServer(
    file.endsWith(".ts")
      ? { file: process.execPath, words: [join(FIXTURES, file), ...rest] }
      : { file, words: rest },
    readStdioConfiguration(environment),
    {
      log,
      environment,
      changes: {
        toolsChanged: () => {
          tell("tools");
        },
        promptsChanged: () => {
          tell("prompts");
        },
        resourcesChanged: () => {
          tell("resources");
        },
        resourceUpdated: (uri) => {
          tell(uri);
        },
      },
    },
  );
  const { relay } = started;
  const stop = async (): Promise<void> => {
    await started.stop?.();
  };
  context.after(stop);
  if (relay === undefined) throw new Error("The stdio server has no relay.");
  return {
    relay,
    ready: () => started.ready?.() === true,
    healthy: () => started.healthy?.() === true,
    stop,
    lines,
    told,
    logged: async (message, test = () => true) => {
      for (;;) {
        const found = lines.find((line) => line["msg"] === message && test(line));
        if (found !== undefined) return found;
        await once(written, message);
      }
    },
    tells: async (what) => {
      while (!told.includes(what)) await once(written, "told");
    },
  };
}

/** A call's context, but where said. */
export function callContext(overrides: Partial<RelayContext> = {}): RelayContext {
  const { signal = new AbortController().signal } = overrides;
  return {
    log: createLogger("test", { id: "replica-1", zone: "zone-a" }, "silent"),
    signal,
    cancellation: cancellationOf(signal),
    caller: undefined,
    callerToken: undefined,
    era: "modern",
    protocolVersion: "2026-07-28",
    clientCapabilities: {},
    carrier: {},
    progress: undefined,
    message: undefined,
    ...overrides,
  };
}

export function toolCall(name: string, params: JsonObject = {}): RelayRequest {
  return { method: "tools/call", params: { name, ...params }, parameterHeaders: {} };
}

/** The text of a tool's result. */
export function textOf(result: JsonObject): string {
  const [first] = result["content"] as readonly { readonly text: string }[];
  return first?.text ?? "";
}

/** What a tool says in JSON. */
export async function callTool(
  { relay }: Pick<StartedStdio, "relay">,
  name: string,
  params: JsonObject = {},
  context: Partial<RelayContext> = {},
): Promise<unknown> {
  const text = textOf(await relay.send(toolCall(name, params), callContext(context)));
  return text.startsWith("{") || text.startsWith("[") || /^\d+$/u.test(text)
    ? JSON.parse(text)
    : text;
}

/** Whether a process is there. */
export function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}
