import type { AuthInfo } from "@modelcontextprotocol/server";
import type { Caller } from "../caller.ts";

/** What the MCP SDK hands to the functions of a server about their caller. */
export function authInfoOf(
  caller: Caller,
  resourceMetadataUrl: string,
  expiresAt: number | undefined,
): AuthInfo {
  return {
    // The credential ends here: a tool that passed it on would make this server a confused deputy.
    token: "",
    clientId: caller.clientId ?? caller.subject ?? caller.id,
    scopes: caller.scopes === "all" ? [] : [...caller.scopes],
    ...(expiresAt === undefined ? {} : { expiresAt }),
    resourceMetadataUrl,
    extra: { caller },
  };
}

/** The caller that the guard has put there; undefined where nobody has to prove who they are. */
export function callerOf(authInfo: AuthInfo | undefined): Caller | undefined {
  const caller = authInfo?.extra?.["caller"];
  return isCaller(caller) ? caller : undefined;
}

/** An application that mounts this one may have a guard of its own, with other ideas of what `extra` holds. */
function isCaller(value: unknown): value is Caller {
  return typeof value === "object" && value !== null && "id" in value && "scopes" in value;
}
