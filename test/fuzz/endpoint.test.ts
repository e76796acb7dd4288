import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { campaign, replay, type Outcome } from "./campaign.ts";
import { startTarget } from "./target.ts";
import { validCall } from "./valid-call.ts";

/** Replays: `FUZZ_SEED` makes the inputs of a seed, `FUZZ_ONLY` sends some of them, by their indices, over one connection. */
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_260_728);
const ONLY = process.env["FUZZ_ONLY"]?.split(",").map(Number);
const INPUTS = Number(process.env["FUZZ_INPUTS"] ?? 30_000);

/** The first fifth of them is for the process to warm up. */
const WARM_UP = Math.floor(INPUTS / 5);

/** So many at once. */
const CLIENTS = 8;

/** Inputs between two calls that must simply work. */
const VALID_CALL_EVERY = 250;

/** How much more the heap may hold at the end than after the warm-up, in bytes: less than 200 for each input that came after. */
const HEAP_GROWTH = 4 * 1024 * 1024;

/** Everything that went wrong in the process and not in an answer. */
function watchProcess(context: TestContext): readonly string[] {
  const seen: string[] = [];
  for (const event of ["unhandledRejection", "uncaughtException", "warning"] as const) {
    const note = (reason: unknown): void => {
      seen.push(`${event}: ${reason instanceof Error ? String(reason.stack) : String(reason)}`);
    };
    process.on(event, note);
    context.after(() => process.off(event, note));
  }
  return seen;
}

/** What is held after everything that can be freed has been: what a round finalizes, only a later one frees. */
async function heapUsed(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let round = 0; round < 10; round++) {
    collect();
    // Finalizers run as tasks of their own, and weak references let go only between tasks.
    await turn();
  }
  return process.memoryUsage().heapUsed;
}

describe("GIVEN a host with a token and one without auth", { timeout: 600_000 }, () => {
  test(`WHEN ${INPUTS} inputs of seed ${SEED} come THEN each is answered as HTTP and JSON-RPC, none with a 5xx, a stack or a secret`, async (context) => {
    const happened = watchProcess(context);
    const targets = [await startTarget("static-token"), await startTarget("none")];
    context.after(() => Promise.all(targets.map((target) => target.close())));
    const stillServes = async (): Promise<void> => {
      for (const { port, authorization } of targets) await validCall(port, authorization);
    };
    const send = async (indices: readonly number[], clients = CLIENTS): Promise<Outcome> => {
      const outcome = await campaign(targets, {
        seed: SEED,
        indices,
        clients,
        between: async (index) => {
          if (index % VALID_CALL_EVERY === 0) await stillServes();
        },
      });
      const { failures } = outcome;
      if (failures.length > 0)
        assert.fail(failures.map((failure) => replay(SEED, failure)).join("\n"));
      return outcome;
    };

    if (ONLY !== undefined) await send(ONLY, 1);
    else {
      await send(range(0, WARM_UP));
      const heapBefore = await heapUsed();
      const { statuses, labels } = await send(range(WARM_UP, INPUTS));
      const heapGrowth = (await heapUsed()) - heapBefore;
      context.diagnostic(
        `seed ${SEED}: statuses ${show(statuses)}; inputs ${show(labels)}; heap grew by ${Math.round(heapGrowth / 1024)} KiB`,
      );
      assert.ok(heapGrowth < HEAP_GROWTH, `The heap has grown by ${heapGrowth} bytes.`);
      // Inputs that all fail at the door would prove little.
      assert.ok((statuses.get(200) ?? 0) > WARM_UP, show(statuses));
    }
    await stillServes();
    assert.deepEqual(happened, []);
    assert.deepEqual(
      targets.flatMap((target) => target.leakedToLog()),
      [],
    );
  });
});

const range = (first: number, end: number): readonly number[] =>
  Array.from({ length: end - first }, (_, at) => first + at);

function show(counts: ReadonlyMap<unknown, number>): string {
  return [...counts].map(([key, times]) => `${String(key)}: ${times}`).join(", ");
}
