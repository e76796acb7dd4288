import { RelayError } from "../../../../runtime/relay.ts";
import { INTERNAL_ERROR } from "../failure.ts";
import type { Answer } from "./answer.ts";

/** An answer that is an error, as it is for the client: JSON-RPC errors are the upstream's own, and nothing of other bodies is told. */
export function answerError(upstream: string, { status, message }: Answer): RelayError {
  if (message?.kind === "error") {
    const { code, message: text, data } = message.error;
    const outcome = code === INTERNAL_ERROR ? "internal_error" : "protocol_error";
    return new RelayError(text, { code, data, outcome });
  }
  const refused = status === 401 || status === 403;
  return new RelayError(
    refused
      ? `The upstream \`${upstream}\` refuses the gateway's credentials (HTTP ${status}).`
      : `The upstream \`${upstream}\` answered with HTTP ${status}.`,
    { code: INTERNAL_ERROR, data: { retryable: false }, outcome: "internal_error" },
  );
}
