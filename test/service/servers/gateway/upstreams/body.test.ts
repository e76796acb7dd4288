import assert from "node:assert/strict";
import { test } from "node:test";
import { BodyText } from "../../../../../service/servers/gateway/upstreams/http/body.ts";

test("GIVEN a body WHEN it comes in pieces of any size THEN its text is the same, and no piece is changed", () => {
  const text = "ü€😀".repeat(5000);
  const bytes = Buffer.from(text);
  for (const size of [1, 7, 16_384, bytes.length]) {
    const body = new BodyText(bytes.length);
    const whole = Buffer.from(bytes);
    for (let start = 0; start < whole.length; start += size)
      body.add(whole.subarray(start, start + size));
    assert.equal(body.text(), text);
    assert.deepEqual(whole, bytes);
  }
  assert.equal(new BodyText(1).text(), "");
});

test("GIVEN a body of several pieces WHEN they are collected THEN no piece but the first is kept", () => {
  const body = new BodyText(10);
  const piece = Buffer.alloc(1);
  body.add(Buffer.from("-"));
  for (const letter of "abc") {
    piece.write(letter);
    body.add(piece);
  }
  assert.equal(body.text(), "-abc");
});

test("GIVEN a body that is too long WHEN the piece comes that makes it so THEN it is refused", () => {
  const body = new BodyText(3);
  body.add(Buffer.from("abc"));
  assert.throws(
    () => {
      body.add(Buffer.from("d"));
    },
    { name: "AttemptFailure", reason: "invalid_answer" },
  );
});
