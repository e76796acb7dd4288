import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStream } from "../../../../../service/servers/gateway/upstreams/http/event-stream.ts";
import { encodeHeaderValue } from "../../../../../service/servers/gateway/upstreams/mcp/header-value.ts";

/** What a parser gives for a text that comes in chunks of so many bytes. */
function read(text: string, size: number): string[] {
  const messages: string[] = [];
  const stream = new EventStream(1000, (data) => messages.push(data));
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += size)
    stream.add(bytes.subarray(start, start + size));
  return messages;
}

const TEXTS: readonly (readonly [text: string, messages: readonly string[]])[] = [
  ["data: one\n\ndata: two\n\n", ["one", "two"]],
  ["data: one\r\n\r\ndata: two\r\n\r\n", ["one", "two"]],
  ["data: one\r\rdata: two\r\rdata", ["one", "two"]],
  ["\uFEFFdata: a\ndata: b\ndata\n\n", ["a\nb\n"]],
  [": keep-alive\n\nid: 7\nretry: 10\nevent: message\ndata:ü€😀\n\n", ["ü€😀"]],
  ["event: other\ndata: one\n\ndata:  two\n\n", [" two"]],
  ["data: never ended", []],
  ["data:\n\n\n\n", []],
];

for (const [text, messages] of TEXTS) {
  test(`GIVEN the stream ${JSON.stringify(text)} WHEN it comes in chunks of any size THEN its messages are the same`, () => {
    for (let size = 1; size <= Buffer.byteLength(text); size++) {
      // A lone CR ends a line only when what follows is known.
      const expected = text.endsWith("\r") ? messages.slice(0, -1) : messages;
      assert.deepEqual(read(text, size), expected, `chunks of ${size}`);
    }
  });
}

test("GIVEN an event of many short lines WHEN they are too long together THEN the stream is refused", () => {
  assert.throws(() => read("data: 0123456789\n".repeat(200), 64), {
    name: "AttemptFailure",
    reason: "invalid_answer",
  });
});

test("GIVEN names of every kind WHEN they go into a header THEN unsafe ones are encoded as the specification says", () => {
  assert.equal(encodeHeaderValue("get weather"), "get weather");
  assert.equal(encodeHeaderValue("file:///a?b=c"), "file:///a?b=c");
  for (const unsafe of ["", " a", "a ", "ü", "a\r\nb: c", "=?base64?YQ==?=", "a\u0000"]) {
    const encoded = encodeHeaderValue(unsafe);
    const inner = /^=\?base64\?([A-Za-z0-9+/=]*)\?=$/u.exec(encoded)?.[1];
    assert.equal(Buffer.from(inner ?? "?", "base64").toString(), unsafe);
  }
});

test("GIVEN a long line that comes in many pieces WHEN it is read THEN no piece is looked at twice", (t) => {
  const messages: string[] = [];
  const stream = new EventStream(2 ** 22, (data) => messages.push(data));
  stream.add(Buffer.from(`data: ${"a".repeat(2 ** 20)}`));
  const { mock } = t.mock.method(String.prototype, "indexOf");
  for (let piece = 0; piece < 1000; piece++) stream.add(Buffer.from("b"));
  const looked = mock.calls.map(({ this: text }) => String(text).length);
  mock.restore();
  assert.equal(Math.max(...looked), 1);
  stream.add(Buffer.from("\n\n"));
  assert.equal(messages[0]?.length, 2 ** 20 + 1000);
});
