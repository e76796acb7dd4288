import type { IncomingHttpHeaders } from "node:http";
import { AttemptFailure } from "../failure.ts";

/** What a proxy in front of the upstream says when the upstream does not answer it: the request may have got there. */
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/** The failure that a status stands for; undefined where the body says what is the matter. */
export function statusFailure(
  status: number,
  headers: IncomingHttpHeaders,
): AttemptFailure | undefined {
  const predicate = `answered with HTTP ${status}`;
  // RFC 9110, 15.6.4, and RFC 6585, 4: whoever says when to come again has not taken the request.
  if ((status === 503 || status === 429) && headers["retry-after"] !== undefined) {
    return new AttemptFailure("is busy", { reason: "busy", mayHaveRun: false });
  }
  if (GATEWAY_STATUSES.has(status)) {
    return new AttemptFailure(predicate, { reason: "broken", mayHaveRun: true });
  }
  if (status >= 500) {
    return new AttemptFailure(predicate, { reason: "server_error", mayHaveRun: true });
  }
  if (status >= 300 && status < 400) {
    return new AttemptFailure(`${predicate}, and redirects are not followed`, {
      reason: "invalid_answer",
      mayHaveRun: true,
    });
  }
  return undefined;
}

/** The failure that an error of the connection stands for. */
export function connectionFailure(error: Error, sent: boolean): AttemptFailure {
  if (error instanceof AttemptFailure) return error;
  const code = "code" in error && typeof error.code === "string" ? ` (${error.code})` : "";
  return sent
    ? new AttemptFailure(`broke the connection off${code}`, {
        reason: "broken",
        mayHaveRun: true,
        connection: true,
        cause: error,
      })
    : new AttemptFailure(`cannot be reached${code}`, {
        reason: "refused",
        mayHaveRun: false,
        connection: true,
        cause: error,
      });
}
