import { UNWRITABLE, type Answer } from "../protocol/answer.ts";
import type { OpenCall } from "../protocol/exchange.ts";
import { RETRY_AFTER_SECONDS } from "../protocol/refusal.ts";
import type { Recognised } from "./recognise.ts";

/** The code with which 2026-07-28 says that a client lacks a capability; it comes with HTTP 400. */
const MISSING_CAPABILITY = -32_021;

/** A message in one line of JSON, as it is written: the text, and then what has been encoded before, and {@link END}. */
export interface WrittenAnswer {
  readonly text: string;
  readonly rest?: Buffer;
}

/** What ends a message whose `rest` is a result. */
export const END = "}";

/** From here on a result is kept encoded, in UTF-16 code units: one more piece to write costs about as much as encoding that much. */
const LARGE = 16 * 1024;

/** JSON that many answers share, in the form in which it is written fastest. */
export function keptForAnswers(json: string): string | Buffer {
  return json.length < LARGE ? json : Buffer.from(json);
}

type End = Parameters<OpenCall["end"]>[0];

/** The answer as the client gets it, and what the instruments are told. */
export function writeAnswer(
  answer: Answer,
  id: string | number,
): { readonly message: WrittenAnswer; readonly end: End } {
  switch (answer.kind) {
    case "text":
      return { message: { text: rpc(id, "result", answer.result) }, end: OK };
    case "bytes":
      return {
        message: { text: `${begin(id, "result")}${answer.begin}`, rest: answer.rest },
        end: OK,
      };
    case "result":
    case "error":
      return writeNew(answer, id);
  }
}

function writeNew(
  answer: Extract<Answer, { kind: "result" | "error" }>,
  id: string | number,
): { readonly message: WrittenAnswer; readonly end: End } {
  const { outcome } = answer;
  try {
    if (answer.kind === "result") {
      const text = answer.written ?? JSON.stringify(answer.result);
      if (typeof text !== "string")
        return { message: { text: begin(id, "result"), rest: text }, end: { outcome } };
      return { message: { text: rpc(id, "result", text) }, end: { outcome } };
    }
    const { error, cause } = answer;
    return {
      message: { text: rpc(id, "error", JSON.stringify(error)) },
      end: { outcome, errorCode: error.code, ...(cause === undefined ? {} : { error: cause }) },
    };
  } catch (error) {
    // Only what is no JSON cannot be written down.
    return {
      message: { text: rpc(id, "error", JSON.stringify(UNWRITABLE)) },
      end: { outcome: "internal_error", errorCode: UNWRITABLE.code, error },
    };
  }
}

const OK: End = { outcome: "ok" };

function rpc(id: string | number, name: "result" | "error", text: string): string {
  return `${begin(id, name)}${text}}`;
}

function begin(id: string | number, name: "result" | "error"): string {
  return `{"jsonrpc":"2.0","id":${typeof id === "number" ? id : JSON.stringify(id)},"${name}":`;
}

export function statusOf(answer: Answer, { era }: Recognised): number {
  if (answer.kind !== "error") return 200;
  return era === "modern" && answer.error.code === MISSING_CAPABILITY ? 400 : answer.status;
}

const NO_HEADERS: readonly string[] = [];
const RETRY_AFTER: readonly string[] = ["Retry-After", RETRY_AFTER_SECONDS];

/** Headers beside those that every answer has, names and values in turn. */
export function headersOf(answer: Answer): readonly string[] {
  return answer.kind === "error" && answer.status === 503 ? RETRY_AFTER : NO_HEADERS;
}
