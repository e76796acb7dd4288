import { INVALID_PARAMS, INTERNAL_ERROR } from "@modelcontextprotocol/server";
import { RelayError } from "../../runtime/relay.ts";

/** Nothing has been run, and the same request may be sent again: the runtime's own code under load. */
const UNAVAILABLE = -32000;

/** What is not there and what somebody may not use are told in the same words. */
export function unknownTarget(
  what: "tool" | "prompt" | "resource template",
  name: unknown,
): RelayError {
  return new RelayError(
    typeof name === "string" ? `There is no ${what} \`${cut(name)}\`.` : `The ${what} has no name.`,
    { code: INVALID_PARAMS, outcome: "protocol_error" },
  );
}

/** As the specification has it for resources (2026-07-28, "Resources", "Error Handling"). */
export function unknownResource(uri: unknown): RelayError {
  return new RelayError(
    typeof uri === "string" ? `There is no resource \`${cut(uri)}\`.` : "The resource has no URI.",
    {
      code: INVALID_PARAMS,
      outcome: "protocol_error",
      ...(typeof uri === "string" ? { data: { uri } } : {}),
    },
  );
}

/** An upstream that has not told yet what it offers: it may have what is asked for. */
export function notThereYet(upstream: string): RelayError {
  return new RelayError(
    `The upstream \`${upstream}\` has not answered this gateway yet. Try again in a moment.`,
    {
      code: UNAVAILABLE,
      data: { upstream, retryable: true },
      outcome: "internal_error",
      status: 503,
    },
  );
}

/** What an upstream's client throws, for clients of the gateway: they are told whose failure it is. Errors of the upstream's own stay as they are. */
export function failureOf(upstream: string, error: unknown): RelayError {
  if (!(error instanceof RelayError))
    return new RelayError(
      `The upstream \`${upstream}\` could not be asked. It may have done what it was asked to.`,
      {
        code: INTERNAL_ERROR,
        data: { upstream, retryable: false },
        outcome: "internal_error",
        cause: error,
      },
    );
  const { code, message, data, outcome, status, cause } = error;
  if (typeof data !== "object" || data === null || !("retryable" in data) || "upstream" in data)
    return error;
  return new RelayError(message, { code, data: { upstream, ...data }, outcome, status, cause });
}

/** Names in sentences stay short, whatever clients send. */
function cut(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
