import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import type { Input } from "./input.ts";
import { leaks, objections } from "./oracle.ts";
import { NotHttp, ResponseReader, type Answer } from "./response-reader.ts";

/** How long an answer may take, in milliseconds: far more than any of them needs. */
const PATIENCE_MILLISECONDS = 15_000;

/** What a subscription says first; nothing follows until somebody changes something. */
const SUBSCRIBED = "notifications/subscriptions/acknowledged";

/** What became of an input. */
export interface Verdict {
  readonly answers: readonly Answer[];
  /** Empty where all is well. */
  readonly wrong: readonly string[];
}

/** One client: it sends input after input, over one connection as long as that lives. */
export class Lane {
  readonly #port: number;
  #connection: Connection | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async send(input: Input): Promise<Verdict> {
    // What breaks a connection gets one of its own.
    const connection =
      input.kind === "complete"
        ? (this.#connection ??= await open(this.#port))
        : await open(this.#port);
    const verdict = await exchange(connection, input);
    const last = verdict.answers.at(-1)?.headers.get("connection");
    if (connection.ended() || verdict.wrong.length > 0 || last === "close")
      connection.socket.destroy();
    if (connection.socket.destroyed && connection === this.#connection)
      this.#connection = undefined;
    return verdict;
  }

  close(): void {
    this.#connection?.socket.destroy();
  }
}

interface Connection {
  readonly socket: Socket;
  readonly reader: ResponseReader;
  /** Everything received so far, as Latin-1. */
  readonly received: () => string;
  readonly ended: () => boolean;
  /** Resolves at the next byte, or end. */
  readonly progress: () => Promise<void>;
  /** Resolves {@link progress} although nothing has come. */
  readonly wake: () => void;
}

async function open(port: number): Promise<Connection> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  const reader = new ResponseReader();
  let received = "";
  let ended = false;
  let wake = (): void => undefined;
  // A reset is one way in which a server may close a connection.
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    reader.push(chunk);
    received += chunk.toString("latin1");
    wake();
  });
  for (const event of ["end", "close"]) {
    socket.on(event, () => {
      ended = true;
      wake();
    });
  }
  await once(socket, "connect");
  return {
    socket,
    reader,
    received: () => {
      const text = received;
      received = "";
      return text;
    },
    ended: () => ended,
    progress: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
    wake: () => {
      wake();
    },
  };
}

async function exchange(connection: Connection, input: Input): Promise<Verdict> {
  const { socket, reader } = connection;
  await write(socket, input);
  if (input.kind === "abandoned") {
    socket.destroy();
    return { answers: [], wrong: [] };
  }
  const answers: Answer[] = [];
  const wrong: string[] = [];
  const deadline = AbortSignal.timeout(PATIENCE_MILLISECONDS);
  deadline.addEventListener("abort", connection.wake);
  try {
    while (!(await isDone(connection, input, answers))) {
      if (!deadline.aborted) continue;
      wrong.push(`There was no answer within ${PATIENCE_MILLISECONDS} ms.`);
      break;
    }
    if (isSubscribed(connection)) socket.destroy();
    else if (input.kind === "complete") wrong.push(...incomplete(input, answers, reader));
  } catch (error) {
    if (!(error instanceof NotHttp)) throw error;
    wrong.push(error.message);
  } finally {
    deadline.removeEventListener("abort", connection.wake);
  }
  wrong.push(...answers.flatMap((answer) => objections(input, answer)));
  wrong.push(...leaks(connection.received()));
  return { answers, wrong };
}

/** Reads what has come; where that is not all, it waits for more. */
async function isDone(
  connection: Connection,
  { kind, methods }: Input,
  answers: Answer[],
): Promise<boolean> {
  const closed = connection.ended();
  for (const method of methods.slice(answers.length)) {
    const answer = connection.reader.next(method, closed);
    if (answer === undefined) break;
    answers.push(answer);
  }
  if (closed || isSubscribed(connection)) return true;
  if (kind === "complete" && answers.length === methods.length) return true;
  await connection.progress();
  return false;
}

function isSubscribed({ reader }: Connection): boolean {
  return reader.rest.includes(SUBSCRIBED);
}

/** A request must be answered, unless the answer before it has announced the end. */
function incomplete(
  { methods }: Input,
  answers: readonly Answer[],
  { rest }: ResponseReader,
): string[] {
  if (answers.length === methods.length)
    return rest.length === 0
      ? []
      : [`Behind the answer follows ${JSON.stringify(rest.toString("latin1"))}.`];
  if (answers.at(-1)?.headers.get("connection") === "close") return [];
  return [
    `Of ${methods.length} requests ${answers.length} were answered before the connection was closed.`,
  ];
}

async function write(socket: Socket, { pieces, kind }: Input): Promise<void> {
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) await turn();
    if (socket.writable) socket.write(piece);
  }
  if (kind === "broken" && socket.writable) socket.end();
}
