import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { lookAt, UNLIMITED } from "../../service/runtime/json-text.ts";
import { random } from "./hot-path/requests.ts";

const SEED = 20_260_728;
const TEXTS = 20_000;
const PATH = ["params", "arguments"];

/** The JSON of the value at a path, without the blanks around it. */
function textAt(text: string, path: readonly string[]): string | undefined {
  const { span } = lookAt(text, UNLIMITED, path);
  return span === undefined ? undefined : text.slice(span.begin, span.end).trim();
}

type Random = () => number;

function pick<T>(next: Random, from: readonly [T, ...T[]]): T {
  return from[Math.floor(next() * from.length)] ?? from[0];
}

const blank = (next: Random): string =>
  next() < 0.8 ? "" : pick(next, [" ", "\n", "\r\n", "\t", " \t\n\r "]);

/** Names that lead to the value, some of them written otherwise, and names that look like them. */
const NAMES = [
  '"params"',
  '"params"',
  '"params"',
  '"arguments"',
  '"arguments"',
  '"arguments"',
  '"id"',
  '"Params"',
  '"params "',
  '"größe"',
  '""',
  '"__proto__"',
  '"}"',
] as const;

const ESCAPED = [
  '"arguments\\\\"',
  '"para\\u006ds"',
  '"\\u0061rguments"',
  '"a\\nb"',
  '"\\""',
] as const;

const LEAVES = [
  "1",
  "-0",
  "1.50e+2",
  "true",
  "null",
  '""',
  '"params"',
  '"arguments"',
  '"{[\\"}]"',
  '"\\\\"',
  '"\\\\\\""',
  '"\\u0022,"',
  '":"',
  '"é\u2028𝄞"',
  "[]",
  "{}",
] as const;

function value(next: Random, depth: number, escapes: boolean): string {
  if (depth === 0 || next() < 0.35) return pick(next, LEAVES);
  const count = Math.floor(next() * 4);
  if (next() < 0.3) {
    const items = Array.from({ length: count }, () =>
      padded(next, value(next, depth - 1, escapes)),
    );
    return `[${items.join(",")}]`;
  }
  return object(next, depth, escapes);
}

function object(next: Random, depth: number, escapes: boolean): string {
  const members = Array.from({ length: Math.floor(next() * 5) }, () => {
    const name = escapes && next() < 0.1 ? pick(next, ESCAPED) : pick(next, NAMES);
    return `${padded(next, name)}:${padded(next, value(next, depth - 1, escapes))}`;
  });
  return `{${members.length === 0 ? blank(next) : members.join(",")}}`;
}

const padded = (next: Random, text: string): string => `${blank(next)}${text}${blank(next)}`;

/** What `JSON.parse` finds at a path. */
function parsedAt(text: string, path: readonly string[]): unknown {
  let at: unknown = JSON.parse(text);
  for (const name of path) {
    if (typeof at !== "object" || at === null || Array.isArray(at)) return undefined;
    at = Object.hasOwn(at, name) ? (at as Record<string, unknown>)[name] : undefined;
  }
  return at;
}

describe("GIVEN JSON of all shapes WHEN the text of a value is looked for", () => {
  test("THEN it is the one that `JSON.parse` finds, and there is none where that finds none", () => {
    const next = random(SEED);
    let found = 0;
    for (let count = 0; count < TEXTS; count++) {
      const text = padded(next, object(next, 5, false));
      for (const path of [PATH, ["params"], ["params", "params", "params"], ["__proto__"]]) {
        const at = textAt(text, path);
        const expected = parsedAt(text, path);
        if (at !== undefined && path === PATH) found++;
        assert.deepEqual(at === undefined ? undefined : JSON.parse(at), expected, text);
        assert.equal(at, at?.trim());
        assert.ok(at === undefined || text.includes(at));
      }
    }
    assert.ok(found > TEXTS / 20, `the value was there in ${found} texts alone`);
  });

  test("THEN names with escapes hide it, but never put another one in its place", () => {
    const next = random(SEED + 1);
    let hidden = 0;
    for (let count = 0; count < TEXTS; count++) {
      const text = padded(next, object(next, 5, true));
      const at = textAt(text, PATH);
      const expected = parsedAt(text, PATH);
      if (at === undefined && expected !== undefined) {
        hidden++;
        assert.match(text, /"[^"]*\\[^"]*"/u);
      } else if (at !== undefined) assert.deepEqual(JSON.parse(at), expected, text);
    }
    assert.ok(hidden > 0);
  });
});

describe("GIVEN one text WHEN the text of a value is looked for", () => {
  const found: readonly (readonly [text: string, at: string | undefined])[] = [
    ['{"params":{"arguments":{"a" : [1, 2]}}}', '{"a" : [1, 2]}'],
    ['{"params" :\n{ "arguments"\t: 1.50 , "name":"x"}}', "1.50"],
    ['{"params":{"arguments":1},"params":{"arguments":2}}', "2"],
    ['{"params":{"arguments":1},"params":{"name":"x"}}', undefined],
    ['{"params":{"arguments":1},"params":5}', undefined],
    ['{"params":{"arguments":1,"arguments":[]}}', "[]"],
    ['{"params":[{"arguments":1}]}', undefined],
    ['{"params":[],"x":{"arguments":1}}', undefined],
    ['{"x":{"params":{"arguments":1}}}', undefined],
    ['{"arguments":1}', undefined],
    ['{"params":{"x":{"arguments":1}}}', undefined],
    ['{"x":"params","y":{"arguments":1}}', undefined],
    ['{"x":["params",{"arguments":1}]}', undefined],
    ['{"x":"\\"params\\":{\\"arguments\\":1}","params":{"arguments":2}}', "2"],
    ['{"x":"\\\\","params":{"arguments":"\\\\"}}', '"\\\\"'],
    [
      '{"params":{"arguments":{"arguments":1,"params":{"arguments":2}}}}',
      '{"arguments":1,"params":{"arguments":2}}',
    ],
    // Another spelling of the same name: the last one counts, which this cannot see.
    ['{"params":{"arguments":1,"\\u0061rguments":2}}', undefined],
    ['{"\\u0070arams":{"arguments":2},"params":{"arguments":1}}', undefined],
    // Where the path does not lead, escapes do not matter.
    ['{"x":{"\\u0061":1},"params":{"arguments":{"\\u0061":1},"y":{"\\n":1}}}', '{"\\u0061":1}'],
    ["{}", undefined],
  ];
  for (const [text, at] of found) {
    test(`THEN ${text} has ${String(at)}`, () => {
      assert.equal(textAt(text, PATH), at);
    });
  }
});

describe("GIVEN limits WHEN a text is looked at", () => {
  test("THEN brackets in strings count for nothing, and the first limit that is exceeded is told", () => {
    const deep = '{"a":[{"b":"[[[[{{{{\\"[["}]}';
    assert.deepEqual(lookAt(deep, { depth: 3, containers: 3 }, []), {});
    assert.deepEqual(lookAt(deep, { depth: 2, containers: 3 }, []), { exceeded: "depth" });
    assert.deepEqual(lookAt(deep, { depth: 3, containers: 2 }, []), { exceeded: "containers" });
    assert.deepEqual(lookAt("[{},{},{}]", { depth: 2, containers: 3 }, []), {
      exceeded: "containers",
    });
  });

  test("THEN what is no JSON does no harm, however it ends", () => {
    const next = random(SEED + 2);
    for (let count = 0; count < 2000; count++) {
      const text = object(next, 5, true);
      const cut = text.slice(0, Math.floor(next() * text.length));
      lookAt(cut, UNLIMITED, PATH);
      lookAt(`${cut}${pick(next, ["}", "]", '"', "\\", ",", ":", "{"])}`, UNLIMITED, PATH);
    }
  });
});
