import { legacy, modern } from "../calls.ts";

export type Era = "modern" | "legacy";

/** A kind of call, of which every single one has a number of its own, so that nobody's cache can answer it. */
export interface NumberedCall {
  readonly headers: Readonly<Record<string, string>>;
  /** What stands before the number in the body, and behind it. */
  readonly before: string;
  readonly after: string;
  /** The numbers are whole ones from this one on, in turn. */
  readonly first: number;
  readonly count: number;
  /** In the body each is divided by this. */
  readonly divisor: number;
  /** What the answer holds, with the number plus `added` behind it. */
  readonly expected: string;
  readonly added: number;
}

const PLACE = 987_654_321;

/** What a client of the SDK sends beside the arguments, where nobody asked it for progress. */
const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** A call of `add`, whose sum nobody can know before. */
export function addCall(era: Era, token: string): NumberedCall {
  return {
    ...toolCall(era, "add", { a: PLACE, b: 1 }, { Authorization: `Bearer ${token}` }),
    first: 100_000_000,
    count: 100_000_000,
    divisor: 1,
    expected: '"sum":',
    added: 1,
  };
}

/** A forecast for a place of its own, by its latitude between 30 and 49 degrees. */
export function forecastCall(era: Era): NumberedCall {
  return {
    ...toolCall(era, "get_forecast", { latitude: PLACE, longitude: -97.5 }, {}),
    first: 300_000,
    count: 190_000,
    divisor: 10_000,
    expected: "at grid point ",
    added: 0,
  };
}

function toolCall(era: Era, name: string, input: object, headers: Record<string, string>) {
  const params = { name, arguments: input };
  const call =
    era === "modern"
      ? modern("tools/call", { ...params, _meta: META }, name)
      : legacy("tools/call", params);
  const [before = "", after = ""] = call.body.split(String(PLACE));
  return { headers: { ...call.headers, ...headers }, before, after };
}

/** One call. */
export interface WrittenCall {
  readonly body: string;
  /** What its answer holds, and no other's. */
  readonly mark: string;
}

/** @param index which of the calls of its kind. */
export function writeCall(call: NumberedCall, index: number): WrittenCall {
  const number = call.first + (index % call.count);
  return {
    body: `${call.before}${number / call.divisor}${call.after}`,
    mark: `${call.expected}${number + call.added}`,
  };
}
