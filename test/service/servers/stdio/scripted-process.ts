import type {
  LineProcess,
  ProcessEvents,
  StartProcess,
} from "../../../../service/servers/stdio/child-process.ts";

export type Message = Readonly<Record<string, unknown>>;

/** A process that is none: a test plays the server. */
export class ScriptedProcess implements LineProcess {
  readonly id = undefined;
  readonly received: Message[] = [];
  /** What has been done to it: `end of input`, `SIGTERM`, `SIGKILL`. */
  readonly done: string[] = [];
  readonly #events: ProcessEvents;
  readonly #answer: Answer;
  #isOver = false;
  #waitingBytes = 0;

  constructor(events: ProcessEvents, answer: Answer) {
    this.#events = events;
    this.#answer = answer;
  }

  readonly write = (line: string): void => {
    const message = JSON.parse(line) as Message;
    this.received.push(message);
    const { id, method } = message;
    if (typeof id !== "number" || typeof method !== "string") return;
    const body = this.#answer(method, message);
    if (body !== undefined) this.say({ jsonrpc: "2.0", id, ...body });
  };

  readonly waitingBytes = (): number => this.#waitingBytes;

  /** Has so much not been read, in bytes; nothing: all has been. */
  unread(bytes: number): void {
    this.#waitingBytes = bytes;
    if (bytes === 0) this.#events.drained();
    else this.#events.blocked();
  }

  endInput(): void {
    this.done.push("end of input");
  }

  /** SIGKILL ends it. */
  signal(signal: "SIGTERM" | "SIGKILL"): void {
    this.done.push(signal);
    if (signal === "SIGKILL") this.exit(null, "SIGKILL");
  }

  /** Writes a line, in a turn of its own. */
  say(message: Message | string): void {
    const line = typeof message === "string" ? message : JSON.stringify(message);
    queueMicrotask(() => {
      if (!this.#isOver) this.#events.line(line);
    });
  }

  exit(code: number | null, signal: string | null = null, error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.exited({ code, signal, ...(error === undefined ? {} : { error }) });
  }

  methods(): unknown[] {
    return this.received.map(({ method }) => method);
  }

  /** The requests of a method that it has got. */
  requests(method: string): Message[] {
    return this.received.filter((message) => message["method"] === method);
  }
}

/** What answers a request: the result or error of the answer; undefined for none. */
export type Answer = (
  method: string,
  message: Message,
) => { readonly result: unknown } | { readonly error: Message } | undefined;

/** Starts scripted processes, and keeps them in order. */
export function scriptedProcesses(answer: Answer): {
  readonly start: StartProcess;
  readonly processes: ScriptedProcess[];
} {
  const processes: ScriptedProcess[] = [];
  return {
    processes,
    start: (events) => {
      const started = new ScriptedProcess(events, answer);
      processes.push(started);
      return started;
    },
  };
}

export const INITIALIZED = {
  protocolVersion: "2025-11-25",
  capabilities: { tools: {} },
  serverInfo: { name: "scripted", version: "1" },
};

export const DISCOVERED = {
  supportedVersions: ["2026-07-28"],
  capabilities: { tools: { listChanged: true } },
  instructions: "Be brief.",
  _meta: { "io.modelcontextprotocol/serverInfo": { name: "scripted", version: "2" } },
};

/** A server of 2025-11-25 that answers `ping`, and nothing that a test wants to answer by itself. */
export const legacyAnswer: Answer = (method) => {
  if (method === "initialize") return { result: INITIALIZED };
  if (method === "ping") return { result: {} };
  if (method === "server/discover") return { error: { code: -32601, message: "Unknown." } };
  return undefined;
};
