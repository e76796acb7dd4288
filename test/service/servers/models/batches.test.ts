import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Batches,
  QueueFull,
  Stopped,
  type BatchOptions,
  type BatchResult,
} from "../../../../service/servers/models/batches.ts";

/** A runner that records its batches and answers them when the test says so. */
class ScriptedRunner {
  readonly inputs: (readonly string[])[] = [];
  readonly #answers: PromiseWithResolvers<readonly BatchResult<string>[]>[] = [];

  readonly run = (inputs: readonly string[]): Promise<readonly BatchResult<string>[]> => {
    this.inputs.push(inputs);
    const answer = Promise.withResolvers<readonly BatchResult<string>[]>();
    this.#answers.push(answer);
    return answer.promise;
  };

  /** Answers the oldest batch that waits: each input in capitals, unless told otherwise. */
  async answer(results?: readonly BatchResult<string>[]): Promise<void> {
    const place = this.inputs.length - this.#answers.length;
    const capitals = this.inputs[place]?.map((input) => ({ value: input.toUpperCase() })) ?? [];
    this.#answers.shift()?.resolve(results ?? capitals);
    await settled();
  }

  async fail(error: Error): Promise<void> {
    this.#answers.shift()?.reject(error);
    await settled();
  }
}

/** Resolves when all promises that can have settled. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const open = { signal: new AbortController().signal };

function batchesOf(options: Partial<BatchOptions<string>> = {}) {
  const batches = new Batches<string, string>({
    batchSize: 3,
    queueSize: 2,
    keyOf: () => "",
    ...options,
  });
  const runner = new ScriptedRunner();
  batches.add(runner.run);
  return { batches, runner };
}

test("GIVEN a runner that is free WHEN a call comes THEN it runs at once, alone", async () => {
  const { batches, runner } = batchesOf();
  const call = batches.run(["a"], open);
  assert.deepEqual(runner.inputs, [["a"]]);
  await runner.answer();
  assert.deepEqual(await call, ["A"]);
});

test("GIVEN a busy runner WHEN calls wait THEN they go together into the next batch, as many as fit, each with its own results in order", async () => {
  const { batches, runner } = batchesOf({ queueSize: 9 });
  const calls = [["a"], ["b", "c"], ["d", "e"]].map((inputs) => batches.run(inputs, open));
  await runner.answer();
  await runner.answer();
  await runner.answer();
  assert.deepEqual(runner.inputs, [["a"], ["b", "c", "d"], ["e"]]);
  assert.deepEqual(await Promise.all(calls), [["A"], ["B", "C"], ["D", "E"]]);
});

test("GIVEN inputs of different keys WHEN a batch is put together THEN it holds those of the oldest one's key, and the others come next", async () => {
  const { batches, runner } = batchesOf({ queueSize: 9, keyOf: (input) => input.slice(0, 1) });
  const calls = [["x"], ["a1"], ["b1"], ["a2"]].map((inputs) => batches.run(inputs, open));
  for (let count = 0; count < 3; count += 1) await runner.answer();
  assert.deepEqual(runner.inputs, [["x"], ["a1", "a2"], ["b1"]]);
  assert.deepEqual(await Promise.all(calls), [["X"], ["A1"], ["B1"], ["A2"]]);
});

test("GIVEN two runners WHEN calls come THEN both run, and whoever is free takes what waits", async () => {
  const { batches, runner } = batchesOf();
  const second = new ScriptedRunner();
  batches.add(second.run);
  const calls = ["a", "b", "c"].map((input) => batches.run([input], open));
  assert.deepEqual([runner.inputs, second.inputs], [[["a"]], [["b"]]]);
  await second.answer();
  assert.deepEqual(second.inputs, [["b"], ["c"]]);
  await Promise.all([runner.answer(), second.answer()]);
  assert.deepEqual(await Promise.all(calls), [["A"], ["B"], ["C"]]);
});

test("GIVEN one input that fails WHEN its batch is done THEN its own call fails, and the others have their results", async () => {
  const { batches, runner } = batchesOf({ queueSize: 9 });
  const failure = new Error("no such word");
  const first = batches.run(["a"], open);
  const [good, bad] = [batches.run(["b"], open), batches.run(["c", "d", "e"], open)];
  const failed = assert.rejects(bad, failure);
  await runner.answer();
  await runner.answer([{ value: "B" }, { error: failure }, { value: "D" }]);
  assert.deepEqual(await first, ["A"]);
  assert.deepEqual(await good, ["B"]);
  await failed;
  // Its input that had not begun never does.
  assert.deepEqual(runner.inputs, [["a"], ["b", "c", "d"]]);
});

test("GIVEN a runner that is lost WHEN it runs a batch THEN the calls in it fail, and those that wait go to the next runner", async () => {
  const { batches, runner } = batchesOf();
  const lost = new Error("lost");
  const [inside, waiting] = [batches.run(["a"], open), batches.run(["b"], open)];
  await Promise.all([assert.rejects(inside, lost), runner.fail(lost)]);
  assert.deepEqual(runner.inputs, [["a"]]);
  const next = new ScriptedRunner();
  batches.add(next.run);
  await next.answer();
  assert.deepEqual(await waiting, ["B"]);
});

test("GIVEN a call that waits WHEN its signal aborts THEN it ends with the reason and is never run", async () => {
  const { batches, runner } = batchesOf();
  const controller = new AbortController();
  const first = batches.run(["a"], open);
  const waiting = batches.run(["b"], { signal: controller.signal });
  const reason = new Error("the client left");
  controller.abort(reason);
  await assert.rejects(waiting, reason);
  assert.equal(batches.waiting, 0);
  await runner.answer();
  assert.deepEqual(await first, ["A"]);
  assert.deepEqual(runner.inputs, [["a"]]);
});

test("GIVEN a call that runs WHEN its signal aborts THEN it ends at once, and the others of its batch are not disturbed", async () => {
  const { batches, runner } = batchesOf();
  const controller = new AbortController();
  const first = batches.run(["a"], open);
  const [left, stays] = [
    batches.run(["b"], { signal: controller.signal }),
    batches.run(["c"], open),
  ];
  await runner.answer();
  controller.abort(new Error("the client left"));
  await assert.rejects(left, { message: "the client left" });
  await runner.answer();
  assert.deepEqual([await first, await stays], [["A"], ["C"]]);
});

test("GIVEN as many calls waiting as may WHEN another one comes THEN it is refused at once, and there is room again when they run", async () => {
  const { batches, runner } = batchesOf();
  const calls = ["a", "b", "c"].map((input) => batches.run([input], open));
  await assert.rejects(batches.run(["d"], open), QueueFull);
  await runner.answer();
  calls.push(batches.run(["e"], open));
  await runner.answer();
  await runner.answer();
  assert.deepEqual(await Promise.all(calls), [["A"], ["B"], ["C"], ["E"]]);
});

test("GIVEN a call of more inputs than a batch takes WHEN its batches are done THEN progress is told, and it waits as one call", async () => {
  const { batches, runner } = batchesOf();
  const told: [number, number][] = [];
  const call = batches.run(["a", "b", "c", "d"], {
    ...open,
    onProgress: (done, total) => told.push([done, total]),
  });
  await runner.answer();
  await runner.answer();
  assert.deepEqual(await call, ["A", "B", "C", "D"]);
  assert.deepEqual(told, [[3, 4]]);
});

test("GIVEN calls that wait WHEN it stops THEN they are refused, and so are all that come, while the batch that runs is finished", async () => {
  const { batches, runner } = batchesOf();
  const [running, waiting] = [batches.run(["a"], open), batches.run(["b"], open)];
  const reason = new Stopped("over");
  batches.stop(reason);
  await assert.rejects(waiting, reason);
  await assert.rejects(batches.run(["c"], open), reason);
  await runner.answer();
  assert.deepEqual(await running, ["A"]);
});

test("GIVEN an input that has no key WHEN it comes THEN its own call fails, and the runner goes on", async () => {
  const failure = new Error("no key");
  const { batches, runner } = batchesOf({
    keyOf: (input) => {
      if (input === "bad") throw failure;
      return "";
    },
  });
  const calls = [batches.run(["a"], open), batches.run(["b"], open)];
  await assert.rejects(batches.run(["c", "bad"], open), failure);
  assert.equal(batches.waiting, 1);
  await runner.answer();
  await runner.answer();
  assert.deepEqual(await Promise.all(calls), [["A"], ["B"]]);
});

test("GIVEN a call whose progress cannot be told WHEN some of it is done THEN it fails, and the others go on", async () => {
  const { batches, runner } = batchesOf();
  const failure = new Error("nobody listens");
  const call = batches.run(["a", "b", "c", "d"], {
    ...open,
    onProgress: () => {
      throw failure;
    },
  });
  const failed = assert.rejects(call, failure);
  const waiting = batches.run(["e"], open);
  await runner.answer();
  await failed;
  await runner.answer();
  assert.deepEqual(await waiting, ["E"]);
  assert.deepEqual(runner.inputs, [["a", "b", "c"], ["e"]]);
});
