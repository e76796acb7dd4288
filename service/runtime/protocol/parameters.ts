import { INVALID_PARAMS, type RequestId } from "@modelcontextprotocol/server";
import { z } from "zod";

/** In characters: templates match an address by trying; the longest that browsers and proxies agree on is about as long. */
export const LONGEST_URI = 2048;

/** Lists have one page here, so no cursor was ever given out. */
const LISTS: ReadonlySet<string> = new Set([
  "tools/list",
  "resources/list",
  "resources/templates/list",
  "prompts/list",
]);

const message = z.object({
  id: z.union([z.string(), z.number()]),
  method: z.string(),
  params: z.object({ uri: z.unknown().optional(), cursor: z.unknown().optional() }),
});

/** An answer that needs no server. */
export interface ErrorAnswer {
  readonly jsonrpc: "2.0";
  readonly id: RequestId;
  readonly error: { readonly code: number; readonly message: string };
}

/** Refuses parameters that the SDK takes though they can mean nothing here; undefined where there is nothing to refuse. */
export function refuseParameters(body: unknown): ErrorAnswer | undefined {
  const parsed = message.safeParse(body);
  if (!parsed.success) return undefined;
  const { id, method, params } = parsed.data;
  const refused = (reason: string): ErrorAnswer => ({
    jsonrpc: "2.0",
    id,
    error: { code: INVALID_PARAMS, message: reason },
  });
  if (typeof params.uri === "string" && params.uri.length > LONGEST_URI) {
    return refused(`\`uri\` has more than ${LONGEST_URI} characters.`);
  }
  if (LISTS.has(method) && typeof params.cursor === "string") {
    return refused("`cursor` is none that this server has given out: its lists have one page.");
  }
  return undefined;
}
