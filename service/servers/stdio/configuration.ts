import { z } from "zod";
import { list, readVariables, wholeNumber, type Environment } from "../../runtime/environment.ts";

/** Everything that the stdio server reads from its environment. */
export interface StdioConfiguration {
  /** How many children there are, 1–64. Default 2: one goes on while the other is replaced. */
  readonly processes: number;
  /** How many requests a child works on at once, 1–10000. Default 32. With `per-call` it is 1, whatever this says. */
  readonly maxOngoingRequests: number;
  /** How many requests wait for a child, 0–10000; more are answered 503. Default 256. */
  readonly maxQueuedRequests: number;
  /** How long a request waits for a child, in seconds, 1–3600, before it is answered 503. Default 10. */
  readonly queueTimeoutSeconds: number;
  /** Names of variables that children get, beside a few that every program needs. Default: none. */
  readonly handedOn: readonly string[];
  /** How long calls of single tools may take, in seconds, 1–3600, by name. Default: as long as any call. */
  readonly toolTimeouts: ReadonlyMap<string, number>;
  /** Tools that may be called twice with the effect of once; `*` stands for any characters. Default: none. What a tool says of itself does not count. */
  readonly idempotentTools: readonly string[];
  /** How long a line of a child may be, in bytes, 1 KiB to 256 MiB; one that sends more is ended. Default 16 MiB. */
  readonly maxLineBytes: number;
  /** `shared`: a child serves many calls, of many callers. `per-call`: each call gets a fresh one. Default `shared`. */
  readonly isolation: "shared" | "per-call";
  /** How long a child may take until it can be asked, in seconds, 1–600. Default 60. */
  readonly startTimeoutSeconds: number;
  /** How long a child may take to show that it is there, in seconds, 1–10. Default 10. */
  readonly checkTimeoutSeconds: number;
  /** How long a child may read nothing while lines wait for it, in seconds: as long as a call may take (`CALL_TIMEOUT_SECONDS`), and at least 30. */
  readonly stallSeconds: number;
  /** How long a child may take to end by itself, in seconds, 0–50; once more after SIGTERM, then comes SIGKILL. Default 2. */
  readonly stopSeconds: number;
  /** How many lines a second of each child are logged, 1–10000; of more, there is a count. Default 50. */
  readonly logLinesPerSecond: number;
}

const MEBIBYTE = 1024 * 1024;

const LONGEST_SECONDS = 3600;

const WRONG_TIMEOUTS = `is no JSON object of whole seconds by name of a tool, each 1 to ${LONGEST_SECONDS}`;

const seconds = z.record(z.string(), z.number().int().min(1).max(LONGEST_SECONDS));

const toolTimeouts = z
  .string()
  .default("{}")
  .transform((text, context): ReadonlyMap<string, number> => {
    const parsed = seconds.safeParse(jsonOf(text));
    if (parsed.success) return new Map(Object.entries(parsed.data));
    context.addIssue({ code: "custom", message: WRONG_TIMEOUTS });
    return z.NEVER;
  });

const isolation = z
  .string()
  .default("shared")
  .superRefine((value, context) => {
    if (value === "shared" || value === "per-call") return;
    context.addIssue({
      code: "custom",
      message: /^per-?session$/iu.test(value)
        ? "takes each client to the same replica every time, which a stateless service behind a load balancer does not do: use `shared`, or `per-call` for a server that must not keep anything"
        : "is neither `shared` nor `per-call`",
    });
  })
  .transform((value) => (value === "per-call" ? "per-call" : "shared"));

const VARIABLE_NAME = /^[A-Za-z_]\w*$/u;

/** Shorter calls say nothing of a machine that is busy for a while, in seconds: as long as a child may not answer until it counts as not ready. */
const SHORTEST_STALL_SECONDS = 30;

const schema = z.object({
  // The host's own, and checked there as here: a tool that blocks its server, which then reads nothing, may do so for as long.
  CALL_TIMEOUT_SECONDS: wholeNumber(1, LONGEST_SECONDS, 300),
  STDIO_PROCESSES: wholeNumber(1, 64, 2),
  STDIO_MAX_ONGOING_REQUESTS: wholeNumber(1, 10_000, 32),
  STDIO_MAX_QUEUED_REQUESTS: wholeNumber(0, 10_000, 256),
  STDIO_QUEUE_TIMEOUT_SECONDS: wholeNumber(1, LONGEST_SECONDS, 10),
  STDIO_ENVIRONMENT: list.refine(
    (names) => names.every((name) => VARIABLE_NAME.test(name)),
    "holds something that is no name of a variable: give names alone, separated by commas",
  ),
  STDIO_TOOL_TIMEOUTS: toolTimeouts,
  STDIO_IDEMPOTENT_TOOLS: list,
  STDIO_MAX_LINE_BYTES: wholeNumber(1024, 256 * MEBIBYTE, 16 * MEBIBYTE),
  STDIO_ISOLATION: isolation,
  STDIO_START_TIMEOUT_SECONDS: wholeNumber(1, 600, 60),
  STDIO_CHECK_TIMEOUT_SECONDS: wholeNumber(1, 10, 10),
  STDIO_STOP_SECONDS: wholeNumber(0, 50, 2),
  STDIO_LOG_LINES_PER_SECOND: wholeNumber(1, 10_000, 50),
});

/** Every variable that is read here; what infra takes in a preview is held against them. */
export const STDIO_CONFIGURATION_NAMES: readonly string[] = Object.keys(schema.shape);

/** A value could be one of `NAME=value`, which some tools take. */
const SECRETS: ReadonlySet<string> = new Set(["STDIO_ENVIRONMENT"]);

/** @throws {ConfigurationError} that names every variable that is wrong, its value and the way out. */
export function readStdioConfiguration(environment: Environment): StdioConfiguration {
  const variables = readVariables(schema, environment, SECRETS);
  return {
    processes: variables.STDIO_PROCESSES,
    maxOngoingRequests: variables.STDIO_MAX_ONGOING_REQUESTS,
    maxQueuedRequests: variables.STDIO_MAX_QUEUED_REQUESTS,
    queueTimeoutSeconds: variables.STDIO_QUEUE_TIMEOUT_SECONDS,
    handedOn: variables.STDIO_ENVIRONMENT,
    toolTimeouts: variables.STDIO_TOOL_TIMEOUTS,
    idempotentTools: variables.STDIO_IDEMPOTENT_TOOLS,
    maxLineBytes: variables.STDIO_MAX_LINE_BYTES,
    isolation: variables.STDIO_ISOLATION,
    startTimeoutSeconds: variables.STDIO_START_TIMEOUT_SECONDS,
    checkTimeoutSeconds: variables.STDIO_CHECK_TIMEOUT_SECONDS,
    stallSeconds: Math.max(SHORTEST_STALL_SECONDS, variables.CALL_TIMEOUT_SECONDS),
    stopSeconds: variables.STDIO_STOP_SECONDS,
    logLinesPerSecond: variables.STDIO_LOG_LINES_PER_SECOND,
  };
}

/** @returns undefined where the text is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
