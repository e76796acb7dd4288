import { readCredentials } from "../auth/credentials.ts";
import type { Caller } from "../caller.ts";

/** The token that proved who calls; undefined where nobody has to, whatever the header says. */
export function bearerToken(
  caller: Caller | undefined,
  authorization: string | undefined,
): string | undefined {
  if (caller === undefined || authorization === undefined) return undefined;
  const credentials = readCredentials(["authorization", authorization]);
  return credentials.kind === "token" ? credentials.token : undefined;
}
