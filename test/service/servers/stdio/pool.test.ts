import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  LightAbortController,
  type Cancellation,
} from "../../../../service/runtime/cancellation.ts";
import { createPool, type Pool, type PoolOptions } from "../../../../service/servers/stdio/pool.ts";
import { respawnDelay } from "../../../../service/servers/stdio/respawn.ts";
import { settled, VirtualClock } from "../../../local/virtual-clock.ts";
import { recordingLog, type Line } from "../../telemetry/fixtures.ts";
import {
  legacyAnswer,
  scriptedProcesses,
  type Answer,
  type ScriptedProcess,
} from "./scripted-process.ts";

interface Given {
  readonly pool: Pool;
  readonly clock: VirtualClock;
  readonly processes: ScriptedProcess[];
  readonly lines: Line[];
}

function poolOf(options: Partial<PoolOptions> = {}, answer: Answer = legacyAnswer): Given {
  const clock = new VirtualClock();
  const { start, processes } = scriptedProcesses(answer);
  const { log, lines } = recordingLog();
  const pool = createPool({
    clock,
    processes: 2,
    maxOngoingRequests: 2,
    maxQueuedRequests: 2,
    queueTimeoutMilliseconds: 10_000,
    checkTimeoutMilliseconds: 10_000,
    perCall: false,
    joined: () => undefined,
    notified: () => undefined,
    random: () => 1,
    child: {
      start,
      log,
      clock,
      startTimeoutMilliseconds: 60_000,
      stallMilliseconds: 60_000,
      stopMilliseconds: 2000,
      logLinesPerSecond: 100,
      redact: (text) => text,
    },
    ...options,
  });
  return { pool, clock, processes, lines };
}

async function startedPool(options?: Partial<PoolOptions>, answer?: Answer): Promise<Given> {
  const given = poolOf(options, answer);
  await given.pool.start();
  await settled();
  return given;
}

/** Sends a call that its test answers. */
function call(
  { pool }: Given,
  options: { readonly cancellation?: Cancellation; readonly repeatable?: boolean } = {},
): Promise<unknown> {
  const { cancellation = new LightAbortController(), repeatable = false } = options;
  return pool.run(
    ({ connection }) => connection.request("tools/call", () => ({}), { cancellation }),
    { cancellation, repeatable },
  );
}

/** As much as may wait for a process to read, in bytes. */
const FULL = 16 * 1024 * 1024;

const callsOf = (process: ScriptedProcess | undefined): number =>
  process?.requests("tools/call").length ?? 0;

/** Answers the oldest call of a process. */
function answer(process: ScriptedProcess | undefined, at = 0): void {
  const id = process?.requests("tools/call")[at]?.["id"];
  process?.say({ jsonrpc: "2.0", id, result: { answered: id } });
}

describe("GIVEN a pool of two processes (points 2 and 5)", () => {
  test("WHEN calls come THEN each goes where there is the least to do, to no more than each may have; then they wait, then they are refused", async () => {
    const given = await startedPool();
    const [first, second] = given.processes;
    const calls = Array.from({ length: 6 }, () => call(given));
    await settled();
    assert.deepEqual([callsOf(first), callsOf(second)], [2, 2]);
    await assert.rejects(call(given), {
      name: "NoChild",
      message: "The server has more requests than it can work on. Try again.",
    });
    answer(second);
    await settled();
    assert.deepEqual([callsOf(first), callsOf(second)], [2, 3]);
    answer(second, 1);
    answer(second, 2);
    await settled();
    assert.deepEqual([callsOf(first), callsOf(second)], [2, 4]);
    answer(second, 3);
    answer(first);
    answer(first, 1);
    await Promise.all(calls);
    void call(given);
    void call(given);
    await settled();
    assert.deepEqual([callsOf(first), callsOf(second)], [3, 5]);
  });

  test("WHEN a call has waited too long, or its caller leaves THEN it was never sent", async () => {
    const given = await startedPool({ processes: 1, maxOngoingRequests: 1 });
    void call(given);
    const ending = new LightAbortController();
    const left = assert.rejects(call(given, { cancellation: ending }), { name: "Unanswered" });
    const late = assert.rejects(call(given), { name: "NoChild" });
    ending.abort("gone");
    await left;
    await given.clock.advance(10_000);
    await late;
    assert.equal(callsOf(given.processes[0]), 1);
  });
});

describe("GIVEN a pool with a process for each call (point 2)", () => {
  test("WHEN a call has been answered THEN its process ends, and another one takes its place; that is no failure", async () => {
    const given = await startedPool({ processes: 1, perCall: true });
    for (let each = 0; each < 6; each += 1) {
      const answered = call(given);
      await settled();
      const process = given.processes[each];
      answer(process);
      await answered;
      assert.deepEqual(process?.done, ["end of input"]);
      process.exit(0);
      await settled();
      assert.equal(given.processes.length, each + 2);
    }
    assert.equal(given.pool.healthy(), true);
    assert.deepEqual(
      given.processes.map((process) => callsOf(process)),
      [1, 1, 1, 1, 1, 1, 0],
    );
  });
});

describe("GIVEN a process that ends by itself (point 7)", () => {
  test("WHEN calls were on it THEN those that may be repeated go to another, once, and the others fail at once", async () => {
    const given = await startedPool({ maxOngoingRequests: 1 });
    const [first, second] = given.processes;
    const risky = assert.rejects(call(given), { name: "ChildEnded" });
    const safe = call(given, { repeatable: true });
    await settled();
    first?.exit(null, "SIGKILL");
    await risky;
    second?.exit(1);
    await settled();
    await given.clock.advance(100);
    assert.equal(given.processes.length, 4);
    const third = given.processes.slice(2).find((process) => callsOf(process) === 1);
    answer(third);
    assert.ok(await safe);
  });

  test("WHEN it ends before a call is sent to it THEN another one gets the call, whether it may be repeated or not", async () => {
    const given = await startedPool();
    const [first, second] = given.processes;
    for (const process of [first, second]) process?.unread(FULL);
    const sent = call(given);
    // The call is given to the first, which ends in the same turn.
    first?.unread(0);
    first?.exit(1);
    second?.unread(0);
    await settled();
    assert.deepEqual([callsOf(first), callsOf(second)], [0, 1]);
    answer(second);
    assert.ok(await sent);
  });

  test("WHEN the second process ends under the same call THEN it fails, although it may be repeated", async () => {
    const given = await startedPool();
    const poison = assert.rejects(call(given, { repeatable: true }), { name: "ChildEnded" });
    await settled();
    for (let each = 0; each < 2; each += 1) {
      given.processes
        .find((process) => callsOf(process) === 1 && process.done.length === 0)
        ?.exit(1);
      given.processes.find((process) => callsOf(process) === 1)?.done.push("ended");
      await settled();
    }
    await poison;
  });

  test("WHEN it ends again and again THEN the waits double from 0.1 to 10 seconds, shortened at random, and five within a minute are unhealthy", async () => {
    assert.deepEqual(
      [1, 2, 3, 4, 7, 8, 50].map((failures) => respawnDelay(failures, 1)),
      [100, 200, 400, 800, 6400, 10_000, 10_000],
    );
    assert.equal(respawnDelay(1, 0), 50);

    const given = await startedPool({ processes: 1 });
    for (const [at, wait] of [100, 200, 400, 800].entries()) {
      assert.equal(given.processes.length, at + 1);
      given.processes[at]?.exit(1);
      await settled();
      await given.clock.advance(wait - 1);
      assert.equal(given.processes.length, at + 1);
      await given.clock.advance(1);
      await settled();
    }
    assert.equal(given.pool.healthy(), true);
    given.processes[4]?.exit(1);
    await settled();
    assert.equal(given.pool.healthy(), false);
    assert.equal(given.pool.ready(), false);
    await given.clock.advance(60_000);
    assert.equal(given.pool.healthy(), true);
    assert.equal(given.pool.ready(), true);
  });

  test("WHEN it had served for a while THEN the waits begin anew", async () => {
    const given = await startedPool({ processes: 1 });
    given.processes[0]?.exit(1);
    await settled();
    await given.clock.advance(100);
    await given.clock.advance(10_000);
    given.processes[1]?.exit(1);
    await settled();
    await given.clock.advance(100);
    assert.equal(given.processes.length, 3);
  });

  test("WHEN none can ever be asked THEN the start fails after five", async () => {
    const given = poolOf({ processes: 1 }, () => undefined);
    const failed = assert.rejects(given.pool.start(), /ended five times before it could be asked/u);
    for (let each = 0; each < 5; each += 1) {
      given.processes[each]?.exit(1);
      await settled();
      await given.clock.advance(10_000);
    }
    await failed;
  });

  test("WHEN it ends because it is asked `server/discover` THEN the next one is initialized instead", async () => {
    const given = poolOf({ processes: 2 }, (method, message) =>
      method === "server/discover" ? undefined : legacyAnswer(method, message),
    );
    const started = given.pool.start();
    for (const process of given.processes.slice()) process.exit(4);
    await settled();
    await given.clock.advance(100);
    await started;
    assert.deepEqual(given.processes[2]?.methods().slice(0, 1), ["initialize"]);
  });
});

describe("GIVEN processes that are watched (point 8)", () => {
  /** A server that answers `ping` as long as it is told to. */
  function mortal(): { answer: Answer; state: { answers: boolean } } {
    const state = { answers: true };
    return {
      state,
      answer: (method, message) =>
        method === "ping" && !state.answers ? undefined : legacyAnswer(method, message),
    };
  }

  test("WHEN one is idle THEN it is asked every ten seconds, and stays ready", async () => {
    const given = await startedPool({ processes: 1 });
    for (let each = 1; each <= 6; each += 1) {
      await given.clock.advance(10_000);
      assert.equal(given.processes[0]?.requests("ping").length, each);
      assert.equal(given.pool.ready(), true);
    }
  });

  test("WHEN an idle one does not answer THEN it is killed, and another one takes its place", async () => {
    const { state, answer } = mortal();
    const given = await startedPool({ processes: 1 }, answer);
    state.answers = false;
    await given.clock.advance(20_000);
    assert.deepEqual(given.processes[0]?.done, ["SIGKILL"]);
    assert.equal(given.pool.ready(), false);
    assert.ok(
      given.lines.some(({ reason }) => reason === "it did not answer `ping` within 10 seconds"),
    );
    await given.clock.advance(100);
    assert.equal(given.processes.length, 2);
    assert.equal(given.pool.ready(), true);
  });

  test("WHEN a busy one does not answer THEN it is not ready after 30 seconds, but lives; once it answers, it is ready", async () => {
    const { state, answer: answers } = mortal();
    const given = await startedPool({ processes: 1 }, answers);
    const working = call(given);
    state.answers = false;
    await given.clock.advance(29_999);
    assert.equal(given.pool.ready(), true);
    await given.clock.advance(60_000);
    assert.equal(given.pool.ready(), false);
    assert.deepEqual(given.processes[0]?.done, []);
    answer(given.processes[0]);
    await working;
    assert.equal(given.pool.ready(), true);
  });

  test("WHEN one is not ready in time to be asked THEN it is killed", async () => {
    const given = poolOf({ processes: 1 }, () => undefined);
    void given.pool.start().catch(() => undefined);
    await given.clock.advance(60_000);
    assert.deepEqual(given.processes[0]?.done, ["SIGKILL"]);
    assert.equal(given.pool.ready(), false);
  });
});

describe("GIVEN a process that does not read (points 5 and 8)", () => {
  test("WHEN as much waits for it as may THEN calls go to others, then wait, then are refused, and come once it has read", async () => {
    const given = await startedPool();
    const [first, second] = given.processes;
    first?.unread(FULL);
    const calls = Array.from({ length: 4 }, () => call(given));
    await settled();
    assert.deepEqual([callsOf(first), callsOf(second)], [0, 2]);
    await assert.rejects(call(given), { name: "NoChild" });

    first?.unread(FULL - 1);
    first?.unread(0);
    await settled();
    assert.deepEqual([callsOf(first), callsOf(second)], [2, 2]);
    for (const process of [first, second]) {
      answer(process);
      answer(process, 1);
    }
    await Promise.all(calls);
  });

  test("WHEN one of the calls that it is given at once fills it THEN the others wait on, and are not sent", async () => {
    const given = await startedPool({ processes: 1 });
    const [process] = given.processes;
    process?.unread(FULL);
    const fills = given.pool.run(
      ({ connection }) => {
        const answered = connection.request("tools/call", () => ({}));
        process?.unread(FULL);
        return answered;
      },
      { cancellation: new LightAbortController(), repeatable: false },
    );
    const other = call(given);
    await settled();
    process?.unread(0);
    await settled();
    assert.equal(callsOf(process), 1);
    process?.unread(0);
    await settled();
    assert.equal(callsOf(process), 2);
    answer(process);
    answer(process, 1);
    await Promise.all([fills, other]);
  });

  test("WHEN it has read nothing for as long as a call may take THEN it is killed though calls are on it, and another one takes its place", async () => {
    const given = await startedPool({ processes: 1 });
    const [process] = given.processes;
    const lost = assert.rejects(call(given), { name: "ChildEnded" });
    await settled();
    process?.unread(70_000);
    await given.clock.advance(59_999);
    assert.deepEqual(process?.done, []);
    await given.clock.advance(1);
    assert.deepEqual(process.done, ["SIGKILL"]);
    await lost;
    assert.ok(
      given.lines.some(
        ({ reason }) =>
          reason ===
          "it read nothing of its standard input for 60 seconds, while 70000 bytes waited for it",
      ),
    );
    await given.clock.advance(100);
    assert.equal(given.processes.length, 2);
    assert.equal(given.pool.ready(), true);
  });

  test("WHEN it reads slowly THEN it lives", async () => {
    const given = await startedPool({ processes: 1 });
    const [process] = given.processes;
    for (let each = 0; each < 4; each += 1) {
      process?.unread(70_000);
      await given.clock.advance(45_000);
      process?.unread(0);
    }
    await given.clock.advance(60_000);
    assert.deepEqual(process?.done, []);
  });

  test("WHEN it asks on and on, and does not read the answers THEN it is killed", async () => {
    const given = await startedPool({ processes: 1 });
    const [process] = given.processes;
    process?.unread(70_000);
    const ask = { jsonrpc: "2.0", id: "x".repeat(4 * 1024 * 1024), method: "ping" };
    for (let each = 0; each < 3; each += 1) process?.say(ask);
    await settled();
    assert.deepEqual(process?.done, []);
    process.say(ask);
    await settled();
    assert.deepEqual(process.done, ["SIGKILL"]);
  });
});

describe("GIVEN a pool that stops (point 9)", () => {
  test("WHEN a process does not end with its input THEN SIGTERM comes after the grace, and SIGKILL after another one; nothing is started again", async () => {
    const given = await startedPool({ processes: 1 });
    const [process] = given.processes;
    const stopped = given.pool.stop();
    assert.deepEqual(process?.done, ["end of input"]);
    await given.clock.advance(1999);
    assert.deepEqual(process.done, ["end of input"]);
    await given.clock.advance(1);
    assert.deepEqual(process.done, ["end of input", "SIGTERM"]);
    await given.clock.advance(2000);
    assert.deepEqual(process.done, ["end of input", "SIGTERM", "SIGKILL"]);
    await stopped;
    await given.clock.advance(60_000);
    assert.equal(given.processes.length, 1);
    assert.equal(given.pool.ready(), false);
    await assert.rejects(call(given), { name: "NoChild" });
  });
});
