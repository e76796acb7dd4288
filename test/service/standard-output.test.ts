import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { describe, test } from "node:test";
import { createLineOutput } from "../../service/runtime/standard-output.ts";

/** Lines of one turn go out at its end. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

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
  const takeNow = (): void => {
    const take = waiting;
    waiting = undefined;
    take?.();
  };
  const takeAll = async (): Promise<void> => {
    while (waiting !== undefined) {
      takeNow();
      await turn();
    }
  };
  return { stream, taken, takeAll, takeNow };
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
    await turn();
    await takeAll();
    assert.deepEqual(told, [2]);
    await turn();
    await takeAll();
    assert.deepEqual(taken, ["one\ntwo\n5\n", "lost\n"]);
    output.write("later\n");
    await turn();
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
    assert.deepEqual(await flushed, ["one\ntwo\n"]);
  });
});

describe("GIVEN an output that is told of the end of the process", () => {
  test("WHEN that comes in the turn of a line THEN the line goes out at once", () => {
    const { stream, taken, takeNow } = slowStream();
    let end: () => void = () => undefined;
    const output = createLineOutput(
      () => stream,
      undefined,
      (handOver) => {
        end = handOver;
      },
    );
    output.write("last\n");
    end();
    takeNow();
    assert.deepEqual(taken, ["last\n"]);
  });
});

describe("GIVEN more lines in one turn than a pipe takes whole", () => {
  test("WHEN they go out THEN no piece is longer than that, and none ends within a line", async () => {
    const pieces: string[] = [];
    const stream = new Writable({
      decodeStrings: false,
      write: (piece: string, _encoding, done) => {
        pieces.push(piece);
        done();
      },
    });
    const output = createLineOutput(() => stream);
    const lines = Array.from({ length: 100 }, (_, index) => `${"é".repeat(200)}${index}\n`);
    for (const line of lines) output.write(line);
    await output.flush();
    assert.equal(pieces.join(""), lines.join(""));
    assert.ok(pieces.length > 9, String(pieces.length));
    for (const piece of pieces.filter((each) => each !== "")) {
      assert.ok(Buffer.byteLength(piece) <= 4096);
      assert.ok(piece.endsWith("\n"));
    }
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
