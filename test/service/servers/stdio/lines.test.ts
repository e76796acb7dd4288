import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { splitLines } from "../../../../service/servers/stdio/lines.ts";

/** Splits chunks, and gives the lines. */
function linesOf(chunks: readonly Buffer[], mostBytes = 1024): string[] {
  const lines: string[] = [];
  chunks.forEach(
    splitLines({
      mostBytes,
      line: (text) => lines.push(text),
    }),
  );
  return lines;
}

describe("GIVEN the framing of standard output (point 4)", () => {
  const text = "zażółć\n🙂🙃\r\n\nlast\nunfinished";

  for (const size of [1, 2, 3, 5, 7, 1000]) {
    test(`WHEN bytes come ${size} at a time THEN each character is whole, and so is each line`, () => {
      const bytes = Buffer.from(text);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      assert.deepEqual(linesOf(chunks), ["zażółć", "🙂🙃", "last"]);
    });
  }

  test("WHEN a line is as long as it may be THEN it comes; WHEN longer, and nobody minds, THEN its beginning does", () => {
    assert.deepEqual(linesOf([Buffer.from("1234\n12345\n1\n")], 4), ["1234", "1234", "1"]);
  });

  test("WHEN a line is too long THEN it is told once, before the line ends, and nothing follows", () => {
    const happened: string[] = [];
    const push = splitLines({
      mostBytes: 4,
      line: (line) => happened.push(line),
      tooLong: () => happened.push("too long"),
    });
    for (const chunk of ["ok\n123", "45", "6\nno more\n", "nor this\n"]) push(Buffer.from(chunk));
    assert.deepEqual(happened, ["ok", "too long"]);
  });
});
