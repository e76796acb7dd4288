import {
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type InputRequiredResult,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Outcome } from "../calls.ts";
import type { CallContext } from "../context.ts";
import { InputRequired } from "../input-required.ts";
import { DeadlineExceeded, withDeadline } from "../limits/deadline.ts";
import { ResourceNotFound } from "../resource.ts";
import { ToolError } from "../tool.ts";
import { callContext } from "./call-context.ts";
import type { Exchange } from "./exchange.ts";
import { assertJson, InvalidArguments } from "./schemas.ts";
import type { StateSeal } from "./sealed-state.ts";

/** The parameters that differ from round to round. */
const CHANGING: ReadonlySet<string> = new Set(["_meta", "inputResponses", "requestState"]);

/** What running an author's functions takes. */
export interface Runner {
  readonly exchange: Exchange;
  readonly seal: StateSeal;
  readonly callTimeoutSeconds: number;
  /** Whether the caller has these scopes. */
  readonly permits: (scopes: readonly string[] | undefined) => boolean;
}

/** How an author's function ended. */
export type Ended<T> =
  | { readonly kind: "result"; readonly result: T }
  | { readonly kind: "input required"; readonly result: InputRequiredResult }
  | Failure;

/** With a message for the client. */
export interface Failure {
  readonly kind: "failure";
  readonly outcome: Outcome;
  readonly message: string;
}

/** A call among those of its exchange. */
export interface CallIdentity {
  readonly id: string | number;
  readonly method: string;
}

/** What telling how a function ended takes. */
export type Ending = Pick<Runner, "exchange" | "seal" | "callTimeoutSeconds">;

/**
 * Runs an author's function: under the deadline, with its context, and so that nothing it throws reaches the client but what it meant to.
 *
 * @param subject what failed, at the beginning of a sentence, such as ``The tool `double` ``.
 */
export async function run<T>(
  runner: Runner,
  request: ServerContext,
  subject: string,
  work: (context: CallContext) => PromiseLike<T | InputRequired> | T | InputRequired,
): Promise<Ended<T>> {
  const { exchange, callTimeoutSeconds } = runner;
  const { mcpReq } = request;
  try {
    const result = await withDeadline(callTimeoutSeconds, mcpReq.signal, (signal) => {
      const working = start(() => work(callContext(request, exchange, signal)));
      exchange.working.add(working);
      return working;
    });
    return succeeded(runner, mcpReq, subject, result);
  } catch (error) {
    return failed(runner, mcpReq, subject, { error, isCancelled: mcpReq.signal.aborted });
  }
}

/** @throws where what the client is asked for, or the state, is no JSON. */
export function succeeded<T>(
  ending: Ending,
  call: CallIdentity,
  subject: string,
  result: T | InputRequired,
): Ended<T> {
  if (!(result instanceof InputRequired)) return { kind: "result", result };
  if (ending.exchange.era === "legacy") {
    return failure(ending, call, {
      outcome: "tool_error",
      message: `${subject} has to ask you something first, which takes a client of protocol revision 2026-07-28 or later.`,
    });
  }
  return { kind: "input required", result: inputRequiredResult(ending, call, result) };
}

/** How a function ended that threw, or was ended. */
export function failed(
  ending: Ending,
  call: CallIdentity,
  subject: string,
  { error, isCancelled }: { readonly error: unknown; readonly isCancelled: boolean },
): Failure {
  const fail = (outcome: Outcome, message: string): Failure =>
    failure(ending, call, { outcome, message });
  if (error instanceof ResourceNotFound) return fail("protocol_error", error.message);
  if (isCancelled) return fail("cancelled", "The call was cancelled.");
  if (error instanceof DeadlineExceeded) {
    return fail(
      "timeout",
      `${subject} took longer than ${ending.callTimeoutSeconds} seconds and was ended.`,
    );
  }
  if (error instanceof InvalidArguments) return fail("invalid_arguments", error.message);
  if (error instanceof ToolError) return fail("tool_error", error.message);
  return failure(ending, call, {
    outcome: "internal_error",
    message: `${subject} failed for a reason of its own, not because of its arguments. Trying once more may help.`,
    error,
  });
}

function failure(
  { exchange }: Ending,
  { id }: CallIdentity,
  {
    message,
    ...verdict
  }: { readonly message: string; readonly outcome: Outcome; readonly error?: unknown },
): Failure {
  const open = exchange.calls.get(id);
  if (open !== undefined) open.verdict = verdict;
  return { kind: "failure", outcome: verdict.outcome, message };
}

/** The failures that are the client's, or the author's word to it. */
const INVALID: ReadonlySet<Outcome> = new Set(["tool_error", "invalid_arguments"]);

/**
 * Runs an author's function whose failures are JSON-RPC errors: everything but tools.
 *
 * @throws {ProtocolError} with a message for the client.
 */
export async function runOrThrow<T>(
  ...[runner, request, subject, work]: Parameters<typeof run<T>>
): Promise<T | InputRequiredResult> {
  const ended = await run(runner, request, subject, work);
  if (ended.kind === "failure") throw errorOf(runner, request.mcpReq, ended);
  return ended.result;
}

/** A failure as the JSON-RPC error that the client gets. */
export function errorOf(
  { exchange }: Ending,
  { id }: CallIdentity,
  { outcome, message }: Failure,
): ProtocolError {
  if (outcome === "protocol_error")
    return new ResourceNotFoundError(String(exchange.calls.get(id)?.params["uri"]), message);
  const code = INVALID.has(outcome)
    ? ProtocolErrorCode.InvalidParams
    : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, message);
}

/** What throws before its first `await` rejects like what throws after it. */

async function start<T>(work: () => PromiseLike<T> | T): Promise<T> {
  return work();
}

function inputRequiredResult(
  { exchange, seal }: Ending,
  { id, method }: CallIdentity,
  { requests, state }: InputRequired,
): InputRequiredResult {
  assertJson(requests);
  return inputRequired({
    ...(Object.keys(requests).length === 0 ? {} : { inputRequests: requests }),
    ...(state === undefined
      ? {}
      : { requestState: seal.seal(state, stateOwner(exchange, id, method)) }),
  });
}

/** Whom the state of a call belongs to. */
export function stateOwner(
  exchange: Exchange,
  id: string | number,
  method: string,
): Parameters<StateSeal["seal"]>[1] {
  const params = Object.entries(exchange.calls.get(id)?.params ?? {}).filter(
    ([name]) => !CHANGING.has(name),
  );
  return { caller: exchange.caller?.id ?? "", method, params: Object.fromEntries(params) };
}
