import { z } from "zod";
import { REQUEST_ID } from "./message.ts";

/** What a server says to a request: a result, or why there is none. */
export type Answer =
  { readonly result: Readonly<Record<string, unknown>> } | { readonly problem: string };

const response = z.union([
  z.object({ id: z.literal(REQUEST_ID), result: z.record(z.string(), z.unknown()) }),
  z.object({ error: z.object({ code: z.number(), message: z.string() }) }),
]);

/** Reads the answer to one request from a body that has come whole: JSON, or a stream of server-sent events whose last message it is. */
export function readAnswer(contentType: string, body: string): Answer {
  const texts = /^text\/event-stream\b/iu.test(contentType) ? eventData(body) : [body];
  for (const text of texts.reverse()) {
    const parsed = response.safeParse(parseJson(text));
    if (!parsed.success) continue;
    if ("result" in parsed.data) return { result: parsed.data.result };
    const { code, message } = parsed.data.error;
    return { problem: `JSON-RPC error ${code}: ${message}` };
  }
  return { problem: "the answer is no JSON-RPC response" };
}

/** Why a tool call that was answered has failed nevertheless; undefined where it has not. */
export function failureOfCall(answer: Answer): string | undefined {
  if ("problem" in answer) return answer.problem;
  return answer.result["isError"] === true ? "the tool answered with an error" : undefined;
}

/** The data of each event (HTML standard, "Server-sent events"). */
function eventData(body: string): string[] {
  return body.split(/\r?\n\r?\n/u).flatMap((event) => {
    const lines = event
      .split(/\r?\n/u)
      .flatMap((line) => (line.startsWith("data:") ? [line.slice(5).replace(/^ /u, "")] : []));
    return lines.length === 0 ? [] : [lines.join("\n")];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
