import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { describe, test } from "node:test";
import { createLineWriter } from "../../../../service/servers/stdio/line-writer.ts";
import { settled } from "../../../local/virtual-clock.ts";

/** A reader that takes one chunk when told to. */
function slowReader(): { stream: Writable; taken: string[]; take: () => Promise<void> } {
  const taken: string[] = [];
  let proceed: (() => void) | undefined;
  const stream = new Writable({
    highWaterMark: 16,
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      taken.push(chunk);
      proceed = done;
    },
    writev: (chunks, done) => {
      taken.push(chunks.map(({ chunk }) => chunk as string).join(""));
      proceed = done;
    },
  });
  return {
    stream,
    taken,
    take: async () => {
      proceed?.();
      await settled();
    },
  };
}

describe("GIVEN a child that reads slowly (point 5)", () => {
  test("WHEN ten thousand lines are written THEN the stream holds few, has one listener for `drain`, and gets all in their order", async () => {
    const { stream, taken, take } = slowReader();
    const writer = createLineWriter(stream);
    const before = stream.listenerCount("drain");
    const lines = Array.from({ length: 10_000 }, (_, at) => `line ${at}`);
    for (const line of lines) writer.write(line);
    await settled();
    assert.equal(stream.listenerCount("drain"), before);
    assert.ok(stream.writableLength < 64, `${stream.writableLength}`);
    while (stream.writableLength > 0) await take();
    assert.equal(taken.join(""), `${lines.join("\n")}\n`);
  });

  test("WHEN input ends while lines wait THEN they are written before its end", async () => {
    const { stream, taken, take } = slowReader();
    const writer = createLineWriter(stream);
    for (let line = 0; line < 100; line += 1) writer.write("0123456789");
    writer.end();
    writer.write("too late");
    await settled();
    assert.equal(stream.writableEnded, false);
    while (!stream.writableFinished) await take();
    assert.equal(taken.join(""), "0123456789\n".repeat(100));
  });
});
