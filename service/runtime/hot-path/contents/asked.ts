import {
  INTERNAL_ERROR,
  type InputRequiredResult,
  type ProtocolError,
} from "@modelcontextprotocol/server";
import type { Answer } from "../../protocol/answer.ts";
import { isObject } from "../../protocol/relay-result.ts";
import type { Recognised } from "../recognise.ts";
import { declaredCapabilities } from "../../protocol/request-meta.ts";
import { refuseInputRequests } from "./input-requests.ts";
import { resultIn, type Served } from "./served.ts";

/** Questions for the client, or an error where it cannot be asked. */
export function asked(
  { era, method, params: { _meta: meta } }: Recognised,
  questions: InputRequiredResult,
  served: Pick<Served, "serverInfo">,
): Answer {
  const declared = declaredCapabilities(isObject(meta) ? meta : {});
  const refused = refuseInputRequests(method, questions, declared);
  if (refused !== undefined) {
    return errorAnswer(
      refused,
      refused.code === INTERNAL_ERROR ? "internal_error" : "protocol_error",
    );
  }
  return {
    kind: "result",
    result: resultIn(era, questions, served),
    outcome: "input_required",
  };
}

/** An error as the answer of its call. */
export function errorAnswer(
  { code, message, data }: ProtocolError,
  outcome: Extract<Answer, { kind: "error" }>["outcome"],
): Answer {
  return {
    kind: "error",
    error: { code, message, ...(data === undefined ? {} : { data }) },
    status: 200,
    outcome,
  };
}
