import type { Random } from "./random.ts";
import { METHODS } from "./requests.ts";

/** Values that programs trip over; texts that begin with `RAW:` stand for JSON that no value of JavaScript becomes. */
const AWKWARD: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  -0.5,
  1e308,
  2 ** 53,
  -(2 ** 63),
  1.5,
  "",
  " ",
  "0",
  "null",
  "\0",
  "\ud800",
  "\udfff\ud800",
  "é",
  "🧨".repeat(50),
  "\u202e",
  "a".repeat(10_000),
  "\r\nX: y",
  "../../etc/passwd",
  "__proto__",
  "constructor",
  "${7*7}",
  "<script>",
  "=?base64?????=",
  "docs://",
  "docs://../..",
  "docs://%ff/%00",
  "RAW:1e400",
  "RAW:-0",
  "RAW:1E+2",
  "RAW:9007199254740993",
  `RAW:${"9".repeat(400)}`,
  "RAW:NaN",
  "RAW:Infinity",
  "RAW:undefined",
  "RAW:'x'",
  "RAW:01",
  'RAW:"\\u0000"',
  'RAW:"\\ud800"',
  'RAW:{"__proto__":{"isError":true}}',
  'RAW:{"toString":1,"valueOf":1,"then":1}',
  [],
  {},
  [[]],
  [null],
  { "": "" },
  { length: -1 },
  { constructor: null, hasOwnProperty: 1 },
  `RAW:${"[".repeat(70)}${"]".repeat(70)}`,
  `RAW:${"[".repeat(40)}${"]".repeat(40)}`,
  `RAW:${'{"a":'.repeat(58)}1${"}".repeat(58)}`,
  Array.from({ length: 2000 }, (_, index) => index),
  Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, index])),
];

/** Members that are put into some object of the text, whether it has them already or not. */
const MEMBERS: readonly string[] = [
  '"__proto__":{"name":"break"}',
  '"jsonrpc":"1.0"',
  '"id":null',
  '"id":{}',
  '"method":"tools/call"',
  '"method":1',
  '"params":[]',
  '"name":"break"',
  '"result":{}',
  '"error":{"code":1,"message":"x"}',
  '"_meta":null',
  '"_meta":{"progressToken":{}}',
  '"arguments":null',
  '"arguments":"x"',
  '"cursor":"x"',
  '"uri":1',
  '"io.modelcontextprotocol/protocolVersion":"1999-01-01"',
  '"io.modelcontextprotocol/logLevel":"loud"',
  '"traceparent":"00-0-0-0"',
  '"traceparent":7',
  '"inputResponses":[]',
  '"inputResponses":{"name":{"action":"accept"}}',
  '"requestState":"x"',
  '"requestState":{}',
  '"notifications":{}',
  '"task":{"ttl":1}',
];

/** The JSON text of a message to which up to four things have happened. */
export function mutatedJson(message: unknown, random: Random): string {
  let value = structuredClone(message);
  for (let count = random.integer(0, 3); count > 0; count--) value = mutate(value, random);
  let text = serialize(value);
  if (random.chance(0.3)) {
    const objects = [...text.matchAll(/\{/gu)].map(({ index }) => index + 1);
    if (objects.length > 0) {
      const at = random.pick(objects);
      const follows = text[at] === "}" ? "" : ",";
      text = `${text.slice(0, at)}${random.pick(MEMBERS)}${follows}${text.slice(at)}`;
    }
  }
  return text;
}

/** The bytes of a text to which something has happened below the level of JSON. */
export function mutatedBytes(text: string, random: Random): Buffer {
  const bytes = Buffer.from(text);
  const at = random.integer(0, Math.max(0, bytes.length - 1));
  switch (random.integer(0, 6)) {
    case 0:
      bytes[at] = random.integer(0, 255);
      return bytes;
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([
        bytes.subarray(0, at),
        random.bytes(random.integer(1, 20)),
        bytes.subarray(at),
      ]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.integer(1, 20))]);
    case 4:
      return Buffer.concat([bytes, bytes]);
    case 5:
      return Buffer.concat([Buffer.from("\uFEFF"), bytes]);
    default:
      return Buffer.from(text, "utf16le");
  }
}

/** Puts something else in the place of one value, somewhere in the message. */
function mutate(value: unknown, random: Random): unknown {
  if (typeof value !== "object" || value === null || random.chance(0.15)) return awkward(random);
  if (Array.isArray(value)) {
    const items: unknown[] = [...(value as unknown[])];
    const at = random.integer(0, items.length);
    if (random.chance(0.3) || at === items.length) items.splice(at, 0, awkward(random));
    else if (random.chance(0.3)) items.splice(at, 1);
    else items[at] = mutate(items[at], random);
    return items;
  }
  const entries: [string, unknown][] = Object.entries(value);
  if (entries.length === 0) return { [String(awkward(random))]: awkward(random) };
  const at = random.integer(0, entries.length - 1);
  const [name, member] = entries[at] ?? ["", undefined];
  const choice = random.fraction();
  if (choice < 0.15) entries.splice(at, 1);
  else if (choice < 0.25)
    entries[at] = [`${name}${random.pick(["", " ", "\0", "x"])}`, awkward(random)];
  else if (choice < 0.3) entries[at] = [name, random.pick(entries)[1]];
  else if (name === "method" && random.chance(0.7)) entries[at] = [name, random.pick(METHODS)];
  else entries[at] = [name, mutate(member, random)];
  return Object.fromEntries(entries);
}

function awkward(random: Random): unknown {
  return random.pick(AWKWARD);
}

function serialize(value: unknown): string {
  if (typeof value === "string" && value.startsWith("RAW:")) return value.slice(4);
  if (Array.isArray(value)) return `[${value.map(serialize).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}:${serialize(member)}`,
  );
  return `{${members.join(",")}}`;
}
