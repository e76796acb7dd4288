import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";
import {
  cancellationOf,
  LightAbortController,
  type Cancellation,
} from "../../service/runtime/cancellation.ts";

/** The same of both kinds: something that can be aborted, and what listens to that. */
const KINDS: readonly {
  readonly named: string;
  readonly make: () => {
    readonly cancellation: Cancellation;
    readonly abort: (reason: unknown) => void;
  };
}[] = [
  {
    named: "a light controller",
    make: () => {
      const cancellation = new LightAbortController();
      return {
        cancellation,
        abort: (reason) => {
          cancellation.abort(reason);
        },
      };
    },
  },
  {
    named: "a signal",
    make: () => {
      const controller = new AbortController();
      return {
        cancellation: cancellationOf(controller.signal),
        abort: (reason) => {
          controller.abort(reason);
        },
      };
    },
  },
];

for (const { named, make } of KINDS) {
  describe(`GIVEN the cancellation of ${named}`, () => {
    test("WHEN it is not over THEN it has no reason", () => {
      const { cancellation } = make();
      assert.equal(cancellation.aborted, false);
      assert.equal(cancellation.reason, undefined);
      assert.equal(cancellation.signal.aborted, false);
    });

    test("WHEN it is over THEN all who listen are told once, in order, and it keeps its first reason", () => {
      const { cancellation, abort } = make();
      const told: string[] = [];
      const note = (who: string) => (): void => {
        told.push(`${who} ${String(cancellation.aborted)} ${String(cancellation.reason)}`);
      };
      cancellation.onAbort(note("first"));
      cancellation.onAbort(note("second"));
      abort("left");
      abort("again");
      assert.deepEqual(told, ["first true left", "second true left"]);
      assert.equal(cancellation.reason, "left");
    });

    test("WHEN a listener is taken back THEN it is not told, and the others are", () => {
      const { cancellation, abort } = make();
      const told: string[] = [];
      const takeBack = cancellation.onAbort(() => told.push("first"));
      cancellation.onAbort(() => told.push("second"));
      takeBack();
      takeBack();
      abort("left");
      takeBack();
      assert.deepEqual(told, ["second"]);
    });

    test("WHEN one listener takes another one back THEN that one is not told", () => {
      const { cancellation, abort } = make();
      const told: string[] = [];
      cancellation.onAbort(() => {
        takeBack();
      });
      const takeBack = cancellation.onAbort(() => told.push("second"));
      abort("left");
      assert.deepEqual(told, []);
    });

    test("WHEN somebody listens who comes too late, be it while others are told THEN nobody calls back", () => {
      const { cancellation, abort } = make();
      const told: string[] = [];
      cancellation.onAbort(() => {
        cancellation.onAbort(() => told.push("while"));
      });
      abort("left");
      const takeBack = cancellation.onAbort(() => told.push("late"));
      takeBack();
      assert.deepEqual(told, []);
    });

    for (const when of ["before", "after"]) {
      test(`WHEN its signal is read ${when} it is over THEN it says the same, and is always one`, () => {
        const { cancellation, abort } = make();
        const reason = new Error("left");
        const before = when === "before" ? cancellation.signal : undefined;
        let told: unknown;
        before?.addEventListener("abort", () => {
          told = before.reason;
        });
        abort(reason);
        const { signal } = cancellation;
        assert.equal(signal.aborted, true);
        assert.equal(signal.reason, reason);
        assert.equal(cancellation.signal, signal);
        if (before !== undefined) {
          assert.equal(signal, before);
          assert.equal(told, reason);
        }
      });
    }
  });
}

test("GIVEN a light controller WHEN those who read its signal listen, too THEN who listens to itself is told first", () => {
  const controller = new LightAbortController();
  const told: string[] = [];
  controller.signal.addEventListener("abort", () => told.push("signal"));
  controller.onAbort(() => told.push("own"));
  controller.abort("left");
  assert.deepEqual(told, ["own", "signal"]);
});

test("GIVEN a signal WHEN a listener is taken back, or told THEN nothing of it stays on the signal", () => {
  const controller = new AbortController();
  const { signal } = controller;
  const cancellation = cancellationOf(signal);
  cancellation.onAbort(() => undefined)();
  assert.equal(getEventListeners(signal, "abort").length, 0);
  cancellation.onAbort(() => undefined);
  controller.abort();
  assert.equal(getEventListeners(signal, "abort").length, 0);
});
