import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test, type TestContext } from "node:test";
import { DeadlineExceeded, withDeadline } from "../../../service/runtime/limits/deadline.ts";

/** Everything that nobody has handled until the event loop came round. */
async function unhandledDuring(work: () => void): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => {
    unhandled.push(reason);
  };
  process.on("unhandledRejection", note);
  work();
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", note);
  return unhandled;
}

function virtualTime(context: TestContext): TestContext["mock"]["timers"] {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  return context.mock.timers;
}

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

describe("GIVEN work under a deadline of 30 seconds", () => {
  test("WHEN it is done in time THEN its result is given, and nothing is left behind", async (context) => {
    const timers = virtualTime(context);
    const client = new AbortController();
    const { promise, resolve } = Promise.withResolvers<string>();
    let signal: AbortSignal | undefined;
    const result = withDeadline(30, client.signal, (given) => {
      signal = given;
      return promise;
    });
    timers.tick(29_999);
    resolve("done");
    assert.equal(await result, "done");
    timers.tick(60_000);
    client.abort();
    assert.equal(signal?.aborted, false);
    assert.equal(listenersOf(client.signal), 0);
  });

  test("WHEN it fails in time THEN with its own error", async (context) => {
    virtualTime(context);
    const client = new AbortController();
    const own = new Error("own");
    await assert.rejects(
      withDeadline(30, client.signal, () => Promise.reject(own)),
      own,
    );
    await assert.rejects(
      withDeadline(30, client.signal, () => {
        throw own;
      }),
      own,
    );
    assert.equal(listenersOf(client.signal), 0);
  });

  test("WHEN time is up THEN it is told by its signal, and the caller need not wait for it", async (context) => {
    const timers = virtualTime(context);
    const client = new AbortController();
    let signal: AbortSignal | undefined;
    const result = withDeadline(30, client.signal, (given) => {
      signal = given;
      return new Promise<never>(() => undefined);
    });
    timers.tick(30_000);
    await assert.rejects(result, (error) => {
      assert.ok(error instanceof DeadlineExceeded);
      assert.equal(error.seconds, 30);
      assert.equal(error.message, "The work took longer than the 30 seconds that it had.");
      assert.equal(signal?.reason, error);
      return true;
    });
    assert.equal(listenersOf(client.signal), 0);
  });

  test("WHEN it fails because of the signal THEN the caller still learns of the deadline", async (context) => {
    const timers = virtualTime(context);
    const result = withDeadline(
      30,
      new AbortController().signal,
      (signal) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            reject(new Error("of its own"));
          });
        }),
    );
    timers.tick(30_000);
    await assert.rejects(result, DeadlineExceeded);
  });

  for (const late of ["result", "failure"]) {
    test(`WHEN its ${late} comes late THEN nobody hears of it`, async (context) => {
      const timers = virtualTime(context);
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const result = withDeadline(30, new AbortController().signal, () => promise);
      timers.tick(30_000);
      await assert.rejects(result, DeadlineExceeded);
      const unhandled = await unhandledDuring(() => {
        if (late === "result") resolve("late");
        else reject(new Error("late"));
      });
      assert.deepEqual(unhandled, []);
      await assert.rejects(result, DeadlineExceeded);
    });
  }

  test("WHEN the client leaves THEN work and caller get its reason, once", async (context) => {
    const timers = virtualTime(context);
    const client = new AbortController();
    const reason = new Error("left");
    const reasons: unknown[] = [];
    const result = withDeadline(30, client.signal, (signal) => {
      signal.addEventListener("abort", () => reasons.push(signal.reason));
      return new Promise<never>(() => undefined);
    });
    client.abort(reason);
    timers.tick(60_000);
    await assert.rejects(result, reason);
    assert.deepEqual(reasons, [reason]);
    assert.equal(listenersOf(client.signal), 0);
  });

  test("WHEN the client has left before THEN the work is not begun", async (context) => {
    virtualTime(context);
    const reason = new Error("left");
    const work = context.mock.fn(() => Promise.resolve());
    await assert.rejects(withDeadline(30, AbortSignal.abort(reason), work), reason);
    assert.equal(work.mock.callCount(), 0);
  });
});
