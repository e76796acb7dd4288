import type { Response as Outgoing } from "express";

/** Requests that no server has seen: the answer has no id, since none was read. */
const REFUSALS = {
  starting: { status: 503, code: -32_000, message: "This replica is still starting." },
  busy: {
    status: 503,
    code: -32_000,
    message: "This replica is working on as many requests as it takes. Try again.",
  },
  "no subscriptions": {
    status: 503,
    code: -32_000,
    message: "This replica takes no more subscriptions. Try again.",
  },
  method: {
    status: 405,
    code: -32_000,
    message: "Method not allowed: this endpoint answers POST.",
  },
} as const;

export type Refusal = keyof typeof REFUSALS;

/** Seconds: the next moment may be better, and another replica is. */
export const RETRY_AFTER_SECONDS = "1";

/** Answers a request that is not served, as JSON-RPC. */
export function refuse(response: Outgoing, reason: Refusal): void {
  const { status, code, message } = REFUSALS[reason];
  response
    .status(status)
    .set(extraHeaders(status))
    .json({ jsonrpc: "2.0", error: { code, message }, id: null });
}

/** Answers a body that is not what may be asked. @param status default 400. */
export function refuseBody(
  response: Outgoing,
  { code, reason }: { readonly code: number; readonly reason: string },
  status = 400,
): void {
  response.status(status).json({ jsonrpc: "2.0", error: { code, message: reason }, id: null });
}

/** A refusal for where a web response is due. */
export function refusal(reason: Refusal): Response {
  const { status, code, message } = REFUSALS[reason];
  return Response.json(
    { jsonrpc: "2.0", error: { code, message }, id: null },
    { status, headers: extraHeaders(status) },
  );
}

function extraHeaders(status: number): Record<string, string> {
  if (status === 503) return { "Retry-After": RETRY_AFTER_SECONDS };
  return status === 405 ? { Allow: "POST" } : {};
}
