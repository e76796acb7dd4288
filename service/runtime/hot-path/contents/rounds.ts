import { INVALID_PARAMS } from "@modelcontextprotocol/server";
import { readAnswers, type Answers } from "../../input-required.ts";
import type { Answer } from "../../protocol/answer.ts";
import { isObject } from "../../protocol/relay-result.ts";
import { stateOwner } from "../../protocol/run.ts";
import type { JsonObject } from "../../relay.ts";
import type { HotCall } from "../answerer.ts";
import type { Recognised } from "../recognise.ts";
import type { Served } from "./served.ts";

/** What a client is told whose state was sealed elsewhere, for another call, or too long ago. */
export const INVALID_STATE: Answer = {
  kind: "error",
  error: {
    code: INVALID_PARAMS,
    message: "Invalid or expired requestState",
    data: { reason: "invalid_request_state" },
  },
  status: 200,
  outcome: "protocol_error",
};

/**
 * The state of an earlier round; undefined on the first one.
 *
 * @throws where it was not sealed for this call.
 */
export function stateOf(
  { id, method, params: { requestState } }: Recognised,
  { exchange }: HotCall,
  { seal }: Pick<Served, "seal">,
): unknown {
  if (typeof requestState !== "string") return undefined;
  const opened = seal.open(requestState, stateOwner(exchange, id, method));
  // As the SDK has it.
  return opened === undefined ? requestState : opened;
}

const NO_ANSWERS = readAnswers(undefined);

/** What the client answered to the questions of an earlier round. */
export function answersOf({ inputResponses }: JsonObject): Answers {
  return isObject(inputResponses) ? readAnswers(bareAnswers(inputResponses)) : NO_ANSWERS;
}

/** Answers in an envelope of JSON-RPC are none, says 2026-07-28. */
function bareAnswers(responses: JsonObject): Record<string, unknown> {
  const bare = Object.entries(responses).filter(
    ([, entry]) => isObject(entry) && !("method" in entry) && !("result" in entry),
  );
  return Object.fromEntries(bare);
}
