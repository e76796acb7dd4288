import type { Input } from "./input.ts";
import type { Answer } from "./response-reader.ts";
import { SECRETS } from "./target.ts";

/** What a stack, or a file of the server, looks like. */
const INTERNALS = [
  /\bat [^\n]{0,200}(?:\.[cm]?[jt]s|<anonymous>|native)[:)]/u,
  /node:internal|node_modules|file:\/\/\/\w/u,
  /\.[cm]?ts:\d+/u,
] as const;

const SECRET_TEXTS: readonly string[] = Object.values(SECRETS);

/** What is wrong with bytes that a server has sent, whatever they are. */
export function leaks(sent: string): string[] {
  return [
    ...SECRET_TEXTS.filter((secret) => sent.includes(secret)).map(
      (secret) => `It tells the secret ${secret}.`,
    ),
    ...INTERNALS.filter((pattern) => pattern.test(sent)).map(
      (pattern) => `It shows the server's inside: ${String(pattern.exec(sent)?.[0])}`,
    ),
  ];
}

/** What is wrong with an answer. */
export function objections({ status, label }: Input, answer: Answer): string[] {
  const wrong: string[] = [];
  if (answer.status >= 500) wrong.push(`The status is ${answer.status}.`);
  if (status !== undefined && answer.status !== status)
    wrong.push(`The status is ${answer.status} instead of ${status}.`);
  const type = answer.headers.get("content-type") ?? "";
  const text = answer.body.toString();
  if (Buffer.compare(Buffer.from(text), answer.body) !== 0) wrong.push("The body is not UTF-8.");
  if (type.startsWith("application/json")) wrong.push(...jsonObjections(text));
  else if (type.startsWith("text/event-stream")) wrong.push(...streamObjections(text));
  else if (text !== "") wrong.push(`The body is of type ${JSON.stringify(type)}.`);
  if (label === "valid" && answer.status !== 200 && answer.status !== 202)
    wrong.push(`A valid request is answered ${answer.status}: ${text}`);
  return wrong;
}

function jsonObjections(text: string): string[] {
  if (text === "") return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return ["The body is of type application/json, and not JSON."];
  }
  if (typeof value === "object" && value !== null && !("jsonrpc" in value) && !Array.isArray(value))
    return [];
  return (Array.isArray(value) ? value : [value]).flatMap(messageObjections);
}

/** What is wrong with the text of a stream, by the grammar of the HTML standard as far as the protocol uses it. */
export function streamObjections(text: string): string[] {
  const events = text.split("\n\n");
  // What follows the last empty line is an event that was cut off.
  if (events.pop() !== "") return ["The stream ends within an event."];
  return events.flatMap((event) => {
    const data: string[] = [];
    for (const line of event.split("\n")) {
      const [, name, value] = /^(event|data|id|retry)?:(?: ?)(.*)$/u.exec(line) ?? [];
      if (value === undefined) return [`A line of the stream is ${JSON.stringify(line)}.`];
      if (name === "data") data.push(value);
    }
    const payload = data.join("\n");
    if (payload === "") return [];
    try {
      return messageObjections(JSON.parse(payload));
    } catch {
      return [`The data of an event is ${JSON.stringify(payload)}.`];
    }
  });
}

function messageObjections(message: unknown): string[] {
  if (typeof message !== "object" || message === null) return ["A message is no object."];
  const { jsonrpc, id, method, result, error } = message as Record<string, unknown>;
  const wrong: string[] = [];
  if (jsonrpc !== "2.0") wrong.push(`The JSON-RPC version is ${JSON.stringify(jsonrpc)}.`);
  if (typeof method === "string") return wrong;
  if (
    id !== null &&
    typeof id !== "string" &&
    typeof id !== "number" &&
    !(id === undefined && error !== undefined)
  )
    wrong.push(`The id is ${JSON.stringify(id)}.`);
  if ((result === undefined) === (error === undefined))
    wrong.push("There is not one of result and error.");
  if (error !== undefined && !isError(error)) wrong.push(`The error is ${JSON.stringify(error)}.`);
  if (result !== undefined && (typeof result !== "object" || result === null))
    wrong.push("The result is no object.");
  return wrong;
}

function isError(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { code, message } = error as Record<string, unknown>;
  return Number.isInteger(code) && typeof message === "string";
}
