import { modern, legacy } from "../calls.ts";

/** A kind of call, of which every single one has a text of its own. */
export interface EchoCall {
  readonly era: "modern" | "legacy";
  /** Of the tool, as the server under load names it. */
  readonly tool: string;
  /** Of the text that goes there and comes back, in bytes. */
  readonly bytes: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A line of prose, with what has to be escaped in JSON. */
const LINE = 'The "quick" brown fox jumps over the lazy dog, and the dog does not mind it.\n';

const PLACE = "@@@@@@@@@@@@";

export interface WrittenCall {
  readonly headers: Readonly<Record<string, string>>;
  /** The body of one call, and the words in it that no other call has. */
  next(): { readonly body: string; readonly mark: string };
}

/** Writes down once what all calls of a kind share. */
export function writeCalls({ era, tool, bytes, headers }: EchoCall): WrittenCall {
  const text = PLACE + LINE.repeat(Math.ceil(bytes / LINE.length)).slice(PLACE.length, bytes);
  const params = { name: tool, arguments: { text } };
  const call = era === "modern" ? modern("tools/call", params, tool) : legacy("tools/call", params);
  const [before = "", after = ""] = call.body.split(PLACE);
  return {
    headers: { ...call.headers, ...headers },
    next: () => {
      const mark = String(counter++).padStart(PLACE.length, "0");
      return { body: before + mark + after, mark };
    },
  };
}

// No two processes count the same.
let counter = process.pid * 1_000_000;
