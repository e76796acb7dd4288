import { INTERNAL_ERROR, INVALID_PARAMS, type Implementation } from "@modelcontextprotocol/server";
import type { Cancellation } from "../cancellation.ts";
import { receivedText } from "../received.ts";
import { CallEnding, DeadlineExceeded } from "../limits/deadline.ts";
import { RelayError, type Relay, type RelayRequest } from "../relay.ts";
import type { Answer } from "./answer.ts";
import type { Exchange } from "./exchange.ts";
import { relayContext, type ContextParts } from "./relay-context.ts";
import { isObject, resultFor } from "./relay-result.ts";

/** The code of "resource not found" in the 2025 revisions, which 2026-07-28 forbids. */
const RESOURCE_NOT_FOUND = -32_002;
/** 2026-07-28: the request takes something of its client that this one has not declared, as no client of the 2025 revisions can for a relay. */
const MISSING_CAPABILITY = -32_021;

/** What passing a call on takes. */
export interface RelayCall extends ContextParts {
  readonly exchange: Exchange;
  /** That the client has gone. */
  readonly leaving: Cancellation;
  readonly callTimeoutSeconds: number;
  readonly serverInfo: Implementation;
}

/** Passes a request on, under the deadline. It never rejects. */
export async function askRelay(
  relay: Relay,
  request: RelayRequest,
  given: RelayCall,
): Promise<Answer> {
  const { exchange, leaving } = given;
  const ending = new CallEnding(given.callTimeoutSeconds);
  let working: Promise<unknown> | undefined;
  try {
    const result = await ending.run(() => {
      const sending = relay.send(request, relayContext(given, ending));
      working = sending;
      exchange.working.add(sending);
      return sending;
    }, leaving);
    if (working !== undefined) exchange.working.delete(working);
    return resulting(request, result, given);
  } catch (error) {
    return failed(request, error, given);
  }
}

function resulting(
  request: RelayRequest,
  received: unknown,
  { open, serverInfo }: RelayCall,
): Answer {
  if (!isObject(received)) throw new TypeError("The relay gave no object as its result.");
  const { method } = request;
  const { era } = open.call;
  const asks = received["resultType"] === "input_required";
  if (asks && era === "legacy") return cannotAsk(request);
  const result = resultFor(era, method, received, serverInfo);
  return {
    kind: "result",
    result,
    written: receivedText(result),
    outcome: asks ? "input_required" : received["isError"] === true ? "tool_error" : "ok",
  };
}

/** Asking a client of the 2025 revisions takes a connection that a stateless server has not. */
function cannotAsk(request: RelayRequest): Answer {
  const message = `${subjectOf(request)} has to ask you something first, which takes a client of protocol revision 2026-07-28 or later.`;
  return request.method === "tools/call"
    ? {
        kind: "result",
        result: { content: [{ type: "text", text: message }], isError: true },
        outcome: "tool_error",
      }
    : {
        kind: "error",
        error: { code: INVALID_PARAMS, message },
        status: 200,
        outcome: "tool_error",
      };
}

function failed(
  request: RelayRequest,
  error: unknown,
  { open, leaving, callTimeoutSeconds }: RelayCall,
): Answer {
  if (leaving.aborted) {
    return {
      kind: "error",
      error: { code: INTERNAL_ERROR, message: "The call was cancelled." },
      status: 200,
      outcome: "cancelled",
    };
  }
  if (error instanceof RelayError)
    return error.code === MISSING_CAPABILITY && open.call.era === "legacy"
      ? cannotAsk(request)
      : refused(error);
  const isLate = error instanceof DeadlineExceeded;
  const subject = subjectOf(request);
  return {
    kind: "error",
    error: {
      code: INTERNAL_ERROR,
      message: isLate
        ? `${subject} took longer than ${callTimeoutSeconds} seconds and was ended.`
        : `${subject} failed for a reason of its own, not because of its arguments.`,
      // It may have had an effect.
      data: { retryable: false },
    },
    status: 200,
    outcome: isLate ? "timeout" : "internal_error",
    ...(isLate ? {} : { cause: error }),
  };
}

function refused({ code, message, data, outcome, status, cause }: RelayError): Answer {
  return {
    kind: "error",
    error: {
      code: wireCode(code),
      message,
      ...(data === undefined ? {} : { data }),
    },
    status,
    outcome,
    ...(cause === undefined ? {} : { cause }),
  };
}

function wireCode(code: number): number {
  if (!Number.isSafeInteger(code)) return INTERNAL_ERROR;
  return code === RESOURCE_NOT_FOUND ? INVALID_PARAMS : code;
}

/** What the sentence is about. */
function subjectOf({ method, params }: RelayRequest): string {
  switch (method) {
    case "tools/call":
      return `The tool \`${String(params["name"])}\``;
    case "prompts/get":
      return `The prompt \`${String(params["name"])}\``;
    case "resources/read":
      return `The resource \`${String(params["uri"])}\``;
    case "completion/complete":
      return "The completion";
  }
}
