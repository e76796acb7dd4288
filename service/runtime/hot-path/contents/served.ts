import type { Implementation } from "@modelcontextprotocol/server";
import { stamped } from "../../protocol/relay-result.ts";
import type { StateSeal } from "../../protocol/sealed-state.ts";
import type { JsonObject } from "../../relay.ts";
import type { Recognised } from "../recognise.ts";

/** What is the same for every call of a server. */
export interface Served {
  readonly seal: StateSeal;
  readonly callTimeoutSeconds: number;
  readonly serverInfo: Implementation;
}

/** A result as clients of the era expect it. */
export function resultIn(
  era: Recognised["era"],
  result: JsonObject,
  { serverInfo }: Pick<Served, "serverInfo">,
): JsonObject {
  return era === "modern" ? stamped(result, serverInfo) : result;
}
