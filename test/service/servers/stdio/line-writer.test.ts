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

const UNHEARD = { blocked: () => undefined, drained: () => undefined };

describe("GIVEN a child that reads slowly (point 5)", () => {
  test("WHEN ten thousand lines are written THEN the stream holds few, has one listener for `drain`, and gets all in their order", async () => {
    const { stream, taken, take } = slowReader();
    const writer = createLineWriter(stream, UNHEARD);
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
    const writer = createLineWriter(stream, UNHEARD);
    for (let line = 0; line < 100; line += 1) writer.write("0123456789");
    writer.end();
    writer.write("too late");
    await settled();
    assert.equal(stream.writableEnded, false);
    while (!stream.writableFinished) await take();
    assert.equal(taken.join(""), "0123456789\n".repeat(100));
  });

  test("WHEN lines wait THEN their bytes are counted, and each time that it reads is told, and what still waits", async () => {
    const { stream, take } = slowReader();
    const told: string[] = [];
    const writer = createLineWriter(stream, {
      blocked: () => told.push("blocked"),
      drained: () => told.push(`drained, ${writer.waitingBytes()} wait`),
    });
    for (let line = 0; line < 3; line += 1) writer.write("x".repeat(20));
    await settled();
    assert.equal(writer.waitingBytes(), 63);
    for (let line = 0; line < 3; line += 1) await take();
    assert.deepEqual(told, [
      "blocked",
      "drained, 42 wait",
      "blocked",
      "drained, 21 wait",
      "blocked",
      "drained, 0 wait",
    ]);
    assert.equal(writer.waitingBytes(), 0);
  });
});

describe("GIVEN a child that reads as fast as it is written to", () => {
  test("WHEN lines come in one turn of the event loop THEN the first goes out at once, the others together, in their order, and before the end", async () => {
    const taken: string[] = [];
    const stream = new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        taken.push(chunk);
        done();
      },
    });
    const writer = createLineWriter(stream, UNHEARD);
    for (const line of ["a", "ż", "c"]) writer.write(line);
    assert.deepEqual(taken, ["a\n"]);
    assert.equal(writer.waitingBytes(), 4);
    await settled();
    assert.deepEqual(taken, ["a\n", "ż\nc\n"]);
    assert.equal(writer.waitingBytes(), 0);
    for (const line of ["d", "e"]) writer.write(line);
    writer.end();
    writer.write("too late");
    await settled();
    assert.deepEqual(taken.slice(2), ["d\n", "e\n"]);
    assert.equal(stream.writableFinished, true);
  });
});
