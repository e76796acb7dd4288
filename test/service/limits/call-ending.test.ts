import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test, type TestContext } from "node:test";
import { cancellationOf, LightAbortController } from "../../../service/runtime/cancellation.ts";
import { CallEnding, DeadlineExceeded } from "../../../service/runtime/limits/deadline.ts";

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

const never = (): Promise<never> => new Promise<never>(() => undefined);

describe("GIVEN a call that has 30 seconds", () => {
  test("WHEN it is done in time THEN its result is given, and nothing is left behind", async (context) => {
    const timers = virtualTime(context);
    const client = new AbortController();
    const ending = new CallEnding(30);
    const { promise, resolve } = Promise.withResolvers<string>();
    const result = ending.run(() => promise, cancellationOf(client.signal));
    assert.equal(listenersOf(client.signal), 1);
    timers.tick(29_999);
    resolve("done");
    assert.equal(await result, "done");
    assert.equal(listenersOf(client.signal), 0);
    timers.tick(60_000);
    client.abort();
    assert.equal(ending.aborted, false);
  });

  for (const how of ["rejects", "throws at once"]) {
    test(`WHEN it ${how} THEN with its own error, and nothing is left behind`, async (context) => {
      const timers = virtualTime(context);
      const client = new AbortController();
      const ending = new CallEnding(30);
      const own = new Error("own");
      await assert.rejects(
        ending.run(() => {
          if (how === "rejects") return Promise.reject(own);
          throw own;
        }, cancellationOf(client.signal)),
        own,
      );
      assert.equal(listenersOf(client.signal), 0);
      timers.tick(60_000);
      client.abort();
      assert.equal(ending.aborted, false);
    });
  }

  test("WHEN time is up THEN it is told, and the caller need not wait for it", async (context) => {
    const timers = virtualTime(context);
    const client = new AbortController();
    const ending = new CallEnding(30);
    const result = ending.run(never, cancellationOf(client.signal));
    timers.tick(29_999);
    assert.equal(ending.aborted, false);
    timers.tick(1);
    await assert.rejects(result, (error) => {
      assert.ok(error instanceof DeadlineExceeded);
      assert.equal(error.seconds, 30);
      assert.equal(ending.reason, error);
      assert.equal(ending.signal.reason, error);
      return true;
    });
    assert.equal(listenersOf(client.signal), 0);
  });

  for (const means of ["signal", "cancellation"]) {
    test(`WHEN it fails because of its ${means} THEN the caller still learns of the deadline`, async (context) => {
      const timers = virtualTime(context);
      const ending = new CallEnding(30);
      const result = ending.run(
        () =>
          new Promise<never>((_resolve, reject) => {
            const fail = (): void => {
              reject(new Error("of its own"));
            };
            if (means === "signal") ending.signal.addEventListener("abort", fail);
            else ending.onAbort(fail);
          }),
        new LightAbortController(),
      );
      timers.tick(30_000);
      await assert.rejects(result, DeadlineExceeded);
    });
  }

  for (const late of ["result", "failure"]) {
    test(`WHEN its ${late} comes late THEN nobody hears of it`, async (context) => {
      const timers = virtualTime(context);
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const result = new CallEnding(30).run(() => promise, new LightAbortController());
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
    const client = new LightAbortController();
    const ending = new CallEnding(30);
    const reason = new Error("left");
    const reasons: unknown[] = [];
    const result = ending.run(() => {
      ending.onAbort(() => reasons.push(ending.reason));
      return never();
    }, client);
    client.abort(reason);
    timers.tick(60_000);
    await assert.rejects(result, reason);
    assert.deepEqual(reasons, [reason]);
  });

  test("WHEN the client has left before THEN the work is not begun", async (context) => {
    virtualTime(context);
    const reason = new Error("left");
    const work = context.mock.fn(() => Promise.resolve());
    const ending = new CallEnding(30);
    await assert.rejects(ending.run(work, cancellationOf(AbortSignal.abort(reason))), reason);
    assert.equal(work.mock.callCount(), 0);
    assert.equal(ending.reason, reason);
  });
});
