import type { Logger } from "../../runtime/log.ts";
import type { JsonObject } from "../../runtime/relay.ts";
import type { Clock } from "../../runtime/telemetry/clock.ts";
import type { Exit, StartProcess } from "./child-process.ts";
import { createConnection, type Connection } from "./connection.ts";
import { shakeHands, type Handshake } from "./handshake.ts";
import { stringOf } from "./messages.ts";
import { createOutputLog, type OutputLevel } from "./output-log.ts";

/** One process of the server. */
export interface Child {
  /** Counts the processes of this replica, from 1. */
  readonly number: number;
  readonly processId: number | undefined;
  readonly connection: Connection;
  /** Whether so much waits for it to read that it gets no more calls. */
  isFull(): boolean;
  /** Undefined until it can be asked. */
  readonly handshake: Handshake | undefined;
  /** Resolves when it can be asked; never where it ends before. */
  readonly ready: Promise<Handshake>;
  readonly ended: Promise<ChildEnd>;
  /** Asks it to end: its standard input closes, then come SIGTERM and SIGKILL. Resolves when it has ended. */
  stop(): Promise<void>;
  /** Ends it at once. @param reason for the log. */
  kill(reason: string): void;
}

/** How a child ended. */
export interface ChildEnd extends Exit {
  /** Whether it was asked to. */
  readonly expected: boolean;
  /** Why it was killed. */
  readonly reason?: string;
}

/** What children have in common. */
export interface ChildOptions {
  readonly start: StartProcess;
  readonly log: Logger;
  readonly clock: Clock;
  /** In milliseconds. */
  readonly startTimeoutMilliseconds: number;
  /** How long it may read nothing while lines wait for it, in milliseconds. */
  readonly stallMilliseconds: number;
  /** In milliseconds, for each of the two steps before SIGKILL. */
  readonly stopMilliseconds: number;
  readonly logLinesPerSecond: number;
  readonly redact: (text: string) => string;
}

/** What a child tells those who started it. */
export interface ChildEvents {
  readonly notified: Notified;
  /** It has read something, and may take calls again. */
  readonly drained: (child: Child) => void;
}

/**
 * How much may wait for a child to read, in bytes: as much as a line of its own may have by default. Calls beyond that go to another child, or wait, or are
 * refused; the one that goes beyond it is still taken, whatever its size.
 */
export const MOST_WAITING_BYTES = 16 * 1024 * 1024;

/** Gets the notifications of a child that belong to no request, but log messages, which are logged. */
export type Notified = (child: Child, method: string, params: JsonObject) => void;

/** Levels of log messages, as RFC 5424 has them; a child's emergency is not this process's. */
const LEVELS: Readonly<Record<string, OutputLevel>> = {
  debug: "debug",
  info: "info",
  notice: "info",
  warning: "warn",
  error: "error",
  critical: "error",
  alert: "error",
  emergency: "error",
};

/**
 * Starts a child and speaks with it.
 *
 * @param era that of its siblings, where one is known.
 */
export function startChild(
  number: number,
  {
    start,
    clock,
    startTimeoutMilliseconds,
    stallMilliseconds,
    stopMilliseconds,
    ...options
  }: ChildOptions,
  { notified, drained }: ChildEvents,
  era?: Handshake["era"],
): Child {
  const log = options.log.child({ child: number });
  const output = createOutputLog(log, {
    clock,
    linesPerSecond: options.logLinesPerSecond,
    redact: options.redact,
  });
  let handshake: Handshake | undefined;
  let expected = false;
  let isOver = false;
  let killedFor: string | undefined;
  let otherLines = 0;
  /** Of answers to what it has asked, since it read something. */
  let replyBytes = 0;
  let stopStall: (() => void) | undefined;
  const { promise: ended, resolve: hasEnded } = Promise.withResolvers<ChildEnd>();

  const connection = createConnection({
    clock,
    write: (line) => {
      program.write(line);
    },
    reply: (line) => {
      if (stopStall !== undefined) replyBytes += Buffer.byteLength(line);
      if (replyBytes <= MOST_WAITING_BYTES) program.write(line);
      else child.kill("it asks on and on, and does not read what it is answered");
    },
    notified: (method, params) => {
      if (method !== "notifications/message") {
        notified(child, method, params);
        return;
      }
      const level = LEVELS[stringOf(params, "level") ?? ""] ?? "info";
      output("notification", level, JSON.stringify(params["data"] ?? null));
    },
    noise: (line) => {
      otherLines += 1;
      output("stdout", "warn", line);
    },
  });

  const program = start({
    line: connection.receive,
    lineTooLong: () => {
      child.kill("a line on its standard output is longer than `STDIO_MAX_LINE_BYTES`");
    },
    blocked: () => {
      stopStall ??= clock.after(stallMilliseconds, () => {
        child.kill(
          `it read nothing of its standard input for ${stallMilliseconds / 1000} seconds, while ${program.waitingBytes()} bytes waited for it`,
        );
      });
    },
    drained: () => {
      stopStall?.();
      stopStall = undefined;
      replyBytes = 0;
      drained(child);
    },
    errorLine: (text) => {
      output("stderr", "info", text);
    },
    exited: (exit) => {
      isOver = true;
      const reason = options.redact(killedFor ?? describeExit(exit));
      connection.close(`The stdio server ended: ${reason}.`);
      stopStart();
      stopStall?.();
      const fields = { code: exit.code, signal: exit.signal, err: exit.error, otherLines };
      if (expected) log.debug(fields, "stdio server process ended");
      else log.error({ ...fields, reason }, "stdio server process ended by itself or was killed");
      hasEnded({ ...exit, expected, ...(killedFor === undefined ? {} : { reason: killedFor }) });
    },
  });

  const child: Child = {
    number,
    processId: program.id,
    isFull: () => program.waitingBytes() >= MOST_WAITING_BYTES,
    connection,
    get handshake() {
      return handshake;
    },
    ready: new Promise((resolve) => {
      shakeHands(connection, clock, era).then(
        (done) => {
          stopStart();
          handshake = done;
          log.info(
            {
              pid: program.id,
              era: done.era,
              protocolVersion: done.protocolVersion,
              server: done.server,
            },
            "stdio server process is ready",
          );
          resolve(done);
        },
        (error: unknown) => {
          child.kill(error instanceof Error ? error.message : "it could not be initialised");
        },
      );
    }),
    ended,
    stop: async () => {
      expected = true;
      program.endInput();
      const cancels = [
        clock.after(stopMilliseconds, () => {
          program.signal("SIGTERM");
        }),
        clock.after(2 * stopMilliseconds, () => {
          program.signal("SIGKILL");
        }),
      ];
      await ended;
      for (const cancel of cancels) cancel();
    },
    kill: (reason) => {
      if (isOver) return;
      if (!expected) killedFor ??= reason;
      program.signal("SIGKILL");
    },
  };

  const stopStart = clock.after(startTimeoutMilliseconds, () => {
    child.kill(
      `it could not be asked within ${startTimeoutMilliseconds / 1000} seconds (\`STDIO_START_TIMEOUT_SECONDS\`)`,
    );
  });
  return child;
}

/** The handshake of a child that can be asked. */
export function handshakeOf({ handshake }: Child): Handshake {
  if (handshake === undefined) throw new Error("The process cannot be asked yet.");
  return handshake;
}

function describeExit({ code, signal, error }: Exit): string {
  if (error !== undefined) return error.message;
  return signal === null ? `exit code ${String(code)}` : `signal ${signal}`;
}
