import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { describe, test } from "node:test";
import { createLineOutput } from "../../service/runtime/standard-output.ts";

/** A stream whose reader takes a line only when the test says so. */
function slowStream() {
  const taken: string[] = [];
  let waiting: (() => void) | undefined;
  const stream = new Writable({
    decodeStrings: false,
    // Like standard output's, below the bound: `drain` comes then.
    highWaterMark: 4,
    write: (line: string, _encoding, done) => {
      waiting = () => {
        if (line !== "") taken.push(line);
        done();
      };
      if (line === "") waiting();
    },
  });
  const takeAll = async (): Promise<void> => {
    while (waiting !== undefined) {
      const take = waiting;
      waiting = undefined;
      take();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { stream, taken, takeAll };
}

describe("GIVEN an output whose reader is slow", () => {
  test("WHEN more comes than may wait THEN the surplus is lost, and told once when the rest has been taken", async () => {
    const { stream, taken, takeAll } = slowStream();
    const output = createLineOutput(() => stream, 12);
    const told: number[] = [];
    output.onLoss((lines) => {
      told.push(lines);
      output.write("lost\n");
    });
    for (const line of ["one\n", "two\n", "three\n", "four\n"]) output.write(line);
    output.write("5\n");
    assert.deepEqual(told, []);
    await takeAll();
    assert.deepEqual(told, [2]);
    assert.deepEqual(taken, ["one\n", "two\n", "5\n", "lost\n"]);
    output.write("later\n");
    await takeAll();
    assert.deepEqual([told, taken.at(-1)], [[2], "later\n"]);
  });

  test("WHEN it is flushed THEN everything before has been taken", async () => {
    const { stream, taken, takeAll } = slowStream();
    const output = createLineOutput(() => stream);
    await output.flush();
    output.write("one\n");
    output.write("two\n");
    const flushed = output.flush().then(() => [...taken]);
    await takeAll();
    assert.deepEqual(await flushed, ["one\n", "two\n"]);
  });
});

describe("GIVEN an output whose reader has died", () => {
  test("WHEN lines are written THEN they are dropped, and nobody waits for them", async () => {
    let writes = 0;
    const stream = new Writable({
      write: (_chunk, _encoding, done) => {
        writes += 1;
        done(new Error("EPIPE"));
      },
    });
    const output = createLineOutput(() => stream);
    output.write("one\n");
    await output.flush();
    output.write("two\n");
    await output.flush();
    assert.equal(writes, 1);
  });
});
