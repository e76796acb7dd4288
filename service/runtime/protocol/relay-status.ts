import type { JSONRPCErrorResponse } from "@modelcontextprotocol/server";
import { RETRY_AFTER_SECONDS } from "./refusal.ts";

/**
 * Gives an answer of the SDK the status 503 where a relay has refused the call: the SDK says 200 to every error of a handler, and begins the
 * stream for a client of the 2025 revisions before there is one.
 *
 * @param refusal settles with the first message that goes out.
 */
export async function withRefusal(
  pending: Promise<Response>,
  refusal: () => Promise<JSONRPCErrorResponse | undefined> | undefined,
): Promise<Response> {
  const response = await pending;
  if (response.status !== 200) return response;
  const refused = await refusal();
  if (refused === undefined) return response;
  await response.body?.cancel();
  return Response.json(refused, {
    status: 503,
    headers: { "Retry-After": RETRY_AFTER_SECONDS },
  });
}
