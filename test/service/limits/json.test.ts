import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { jsonLimits, parseJson, type ParsedJson } from "../../../service/runtime/limits/json.ts";

const LIMITS = jsonLimits({ maxOngoingRequests: 100 });

const parse = (text: string | Buffer): ParsedJson => parseJson(Buffer.from(text), LIMITS);

/** `depth` levels of arrays below one object: `{"a":[[…]]}`. */
const nested = (depth: number): string => `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;

const refusal = (code: number, reason: string): unknown => ({ kind: "refused", code, reason });
const NOT_JSON = refusal(-32_700, "The request body is not valid JSON.");
const NOT_UTF8 = refusal(-32_700, "The request body is not valid UTF-8.");
const TOO_DEEP = refusal(
  -32_600,
  "The request body is nested deeper than 64 levels of arrays and objects.",
);
const NO_MESSAGE = refusal(-32_600, "The request body is neither a JSON object nor an array.");

describe("GIVEN a body that is one message", () => {
  const values: [given: string, text: string, message: object][] = [
    ["plain JSON", '{"jsonrpc":"2.0","id":1}', { jsonrpc: "2.0", id: 1 }],
    ["blanks around it", ' \t\r\n{"id":1}\n', { id: 1 }],
    ["a byte order mark", '\uFEFF{"id":1}', { id: 1 }],
    ["brackets in strings", `{"a":"${"[{".repeat(500)}"}`, { a: "[{".repeat(500) }],
    ["brackets in names", `{"${"[".repeat(100)}":1}`, { ["[".repeat(100)]: 1 }],
    [
      "brackets behind escaped quotes",
      `{"a":"\\"${"[".repeat(100)}\\""}`,
      { a: `"${"[".repeat(100)}"` },
    ],
    [
      "strings that end in backslashes",
      `{"a":"\\\\","b":"\\\\\\\\","c":[[]]}`,
      { a: "\\", b: "\\\\", c: [[]] },
    ],
    ["escaped brackets", '{"a":"\\u005b\\u007B"}', { a: "[{" }],
    ["lone surrogates, which JSON can escape", '{"a":"\\ud800"}', { a: "\ud800" }],
    ["characters of four bytes", '{"a":"🧨𝔘"}', { a: "🧨𝔘" }],
    ["a name that comes twice", '{"a":1,"a":2}', { a: 2 }],
  ];
  for (const [given, text, message] of values) {
    test(`WHEN it has ${given} THEN it is parsed`, () => {
      assert.deepEqual(parse(text), { kind: "message", message });
    });
  }

  test("WHEN it names `__proto__` THEN that is a property, and no prototype changes", () => {
    const parsed = parse(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    );
    assert.ok(parsed.kind === "message");
    assert.deepEqual(Object.keys(parsed.message), ["__proto__", "constructor"]);
    assert.equal(Object.getPrototypeOf(parsed.message), Object.prototype);
    assert.equal(Reflect.get({}, "polluted"), undefined);
  });

  test("WHEN it is nested 64 levels deep THEN it is parsed; 65 are refused", () => {
    assert.equal(parse(nested(64)).kind, "message");
    assert.deepEqual(parse(nested(65)), TOO_DEEP);
    assert.equal(parse(`{"a":[${"[],".repeat(500)}[]]}`).kind, "message");
    assert.deepEqual(parse('{"a":'.repeat(65) + "1" + "}".repeat(65)), TOO_DEEP);
  });

  test("WHEN it has 100 000 arrays and objects THEN it is parsed; one more is refused", () => {
    const of = (containers: number): string => `{"a":[${"{},".repeat(containers - 3)}{}]}`;
    assert.equal(parse(of(100_000)).kind, "message");
    assert.deepEqual(
      parse(of(100_001)),
      refusal(-32_600, "The request body has more than 100000 arrays and objects."),
    );
  });
});

describe("GIVEN a body that is no message", () => {
  const refused: [given: string, body: string | Buffer, expected: unknown][] = [
    ["nothing", "", NOT_JSON],
    ["blanks", " \n", NOT_JSON],
    ["a byte order mark alone", "\uFEFF", NOT_JSON],
    ["two byte order marks", '\uFEFF\uFEFF{"id":1}', NOT_JSON],
    ["words", "initialize", NOT_JSON],
    ["an open object", '{"a":1', NOT_JSON],
    ["an open string", '{"a":"[[[[', NOT_JSON],
    ["an open escape", '{"a":"\\', NOT_JSON],
    ["a surplus bracket", '{"a":1}}', NOT_JSON],
    ["surplus brackets before deep ones", "]".repeat(100) + "[".repeat(150), NOT_JSON],
    ["brackets that do not match", '{"a":[}]', NOT_JSON],
    ["two values", "{}{}", NOT_JSON],
    ["NaN", '{"id":NaN}', NOT_JSON],
    ["a comment", '{"id":1}//', NOT_JSON],
    ["a raw control character", '{"a":"\n"}', NOT_JSON],
    ["NUL", '\0{"a":1}', NOT_JSON],
    ["a cut character", Buffer.from('{"a":"é"}').subarray(0, 7), NOT_UTF8],
    ["a byte that UTF-8 has not", Buffer.from([0x7b, 0xff, 0x7d]), NOT_UTF8],
    ["an encoded surrogate", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), NOT_UTF8],
    ["an overlong bracket", Buffer.from([0xc1, 0x9b]), NOT_UTF8],
    ["UTF-16", Buffer.from('\uFEFF{"id":1}', "utf16le"), NOT_UTF8],
    ["a number", "42", NO_MESSAGE],
    ["a string", '"initialize"', NO_MESSAGE],
    ["null", "null", NO_MESSAGE],
    ["5 000 000 open arrays", "[".repeat(5_000_000), TOO_DEEP],
    ["200 000 objects in each other", '{"a":'.repeat(200_000), TOO_DEEP],
  ];
  for (const [given, body, expected] of refused) {
    test(`WHEN it is ${given} THEN it is refused with its reason`, () => {
      assert.deepEqual(parse(body), expected);
    });
  }
});

describe("GIVEN a batch", () => {
  const batch = (messages: number): string => `[${Array(messages).fill('{"id":1}').join(",")}]`;

  test("WHEN it has 50 messages THEN it is parsed; 51 are refused", () => {
    const parsed = parse(batch(50));
    assert.ok(parsed.kind === "batch");
    assert.deepEqual(parsed.messages, Array(50).fill({ id: 1 }));
    assert.deepEqual(
      parse(batch(51)),
      refusal(-32_600, "The batch has 51 messages; at most 50 are taken at once."),
    );
  });

  test("WHEN it is empty THEN it is refused", () => {
    assert.deepEqual(parse("[]"), refusal(-32_600, "The batch has no messages."));
  });

  test("WHEN the replica has room for fewer requests THEN no batch may need more", () => {
    const limits = jsonLimits({ maxOngoingRequests: 2 });
    assert.equal(parseJson(Buffer.from(batch(2)), limits).kind, "batch");
    assert.equal(parseJson(Buffer.from(batch(3)), limits).kind, "refused");
  });
});
