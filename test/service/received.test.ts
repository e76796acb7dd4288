import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { receivedIn, receivedText } from "../../service/runtime/received.ts";
import type { JsonObject } from "../../service/runtime/relay.ts";

/** Long enough to be worth it. */
const LONG = "x".repeat(3000);

function received(message: string, isAtHand = false): ReturnType<typeof receivedText> {
  const { result } = JSON.parse(message) as { result: JsonObject };
  const given = receivedIn(message, result, isAtHand ? Buffer.from(message) : undefined);
  assert.equal(given, result);
  return receivedText(result);
}

describe("GIVEN a result and the message that it came in", () => {
  const text = `{"x-vendor": 1.50,"content":[{"type":"text","text":"${LONG}"}]}`;

  test("WHEN its text is asked for THEN it is what stands there, number by number", () => {
    assert.equal(received(`{"jsonrpc":"2.0","id":1,"result":${text}}`), text);
    assert.equal(received(`{"result":1,"id":1,"result":${text},"jsonrpc":"2.0"}`), text);
  });

  for (const [named, letter] of [
    ["ASCII", "a"],
    ["more than ASCII", "é\u2028𝄞"],
  ] as const) {
    test(`WHEN its bytes are at hand, and it is ${named} THEN they say the same`, () => {
      const own = text.replace("x-vendor", letter);
      const got = received(`{"id":"${letter}","result":${own}}`, true);
      assert.equal(typeof got, letter === "a" ? "object" : "string");
      assert.equal(got?.toString(), own);
    });
  }

  test("WHEN its bytes are at hand, and are no UTF-8 THEN clients get what was read, not the bytes", () => {
    const bytes = Buffer.from(`{"id":1,"result":${text}}`);
    bytes[bytes.indexOf("xxx")] = 0xff;
    const message = bytes.toString("utf8");
    const { result } = JSON.parse(message) as { result: JsonObject };
    assert.equal(receivedText(receivedIn(message, result, bytes)), text.replace("xxx", "\uFFFDxx"));
  });

  test("WHEN the message has more than one line THEN there is none, since an event of a stream ends with its line", () => {
    for (const broken of ["\n", "\r", "\r\n"])
      assert.equal(received(`{"id":1,"result":{"a":${broken}1,"b":"${LONG}"}}`), undefined);
  });

  test("WHEN a name beside it is written with escapes THEN there is none, since it may be the same name", () => {
    assert.equal(received(`{"id":1,"result":${text},"\\u0069":1}`), undefined);
  });

  test("WHEN it is short THEN there is none, since writing it costs no more", () => {
    assert.equal(received('{"id":1,"result":{"a":1}}'), undefined);
  });

  test("WHEN another result is made of it THEN that has none, and nobody sees the message", () => {
    const message = `{"id":1,"result":${text}}`;
    const { result } = JSON.parse(message) as { result: JsonObject };
    receivedIn(message, result);
    for (const copy of [{ ...result }, structuredClone(result), Object.assign({}, result)])
      assert.equal(receivedText(copy), undefined);
    assert.equal(JSON.stringify(result), JSON.stringify(JSON.parse(text)));
    assert.deepEqual(Object.keys(result), ["x-vendor", "content"]);
  });

  test("WHEN nothing was remembered THEN there is none", () => {
    assert.equal(receivedText({ content: [] }), undefined);
  });
});
