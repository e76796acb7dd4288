import type { ClientCapabilities, LoggingLevel } from "@modelcontextprotocol/server";
import type { Logger } from "pino";
import type { Caller } from "./caller.ts";
import type { Answers } from "./input-required.ts";

/** What every function of a server's author gets beside its input. */
export interface CallContext {
  /** A logger whose lines carry the request id and, where the client sends one, the trace id. */
  readonly log: Logger;
  /** Aborts when the client goes away, the call is cancelled, or it takes longer than `CALL_TIMEOUT_SECONDS`. */
  readonly signal: AbortSignal;
  /** Who calls; undefined where `AUTH_MODE` is `none`. */
  readonly caller: Caller | undefined;
  /** What the client says it can do; nothing where its protocol revision says so elsewhere (before 2026-07-28). */
  readonly clientCapabilities: ClientCapabilities;
  /** Reports progress; does nothing where the client did not ask for it, does not keep up, or has left. */
  readonly progress: (update: ProgressUpdate) => Promise<void>;
  /**
   * Sends a log message to the client; does nothing where the client did not ask for that level or has left. What only the server's own
   * people should read belongs into `log`.
   */
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- clients that show messages to people will be around for years
  readonly logToClient: (level: LoggingLevel, data: unknown) => Promise<void>;
  /** What the client answered to the requests of an earlier round, see {@link requireInput}. Empty on the first round. */
  readonly answers: Answers;
  /** The state that an earlier round of this call passed to {@link requireInput}; undefined on the first round. */
  readonly state: unknown;
}

/** One step of a long call. */
export interface ProgressUpdate {
  /** How much is done; must grow from one update to the next. */
  readonly progress: number;
  /** How much there is to do, in the same unit as `progress`. */
  readonly total?: number;
  /** What is happening, for people. */
  readonly message?: string;
}
