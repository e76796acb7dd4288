/** Replicas of a gateway that are told to end, and replaced, while calls, progress and subscriptions are under way. */
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { Listener, isComplete } from "./gateway-listener.ts";
import { Caller, steadily, type Answer } from "./gateway-load.ts";
import { connectPaced, ERAS } from "./gateway-paced-clients.ts";
import { startPacedUpstream, type PacedUpstream } from "./gateway-paced-upstream.ts";
import { startGatewayProcess, upstreamsFile } from "./gateway-process.ts";
import { startRollingProgram, type RollingProgram } from "./gateway-rolling-program.ts";
import { toolCall } from "./gateway-streams.ts";

const TIMEOUT = { timeout: 180_000 };

const saying = (text: string): unknown => [{ type: "text", text }];

async function allBegan({ events }: PacedUpstream, count: number): Promise<void> {
  for (let begun = 0; begun < count; begun++) await once(events, "began");
}

test(
  "GIVEN a replica of a gateway with calls, progress and subscriptions under way WHEN it is told to end THEN calls are finished, subscriptions end as the protocol says, and nothing stays open",
  TIMEOUT,
  async (t) => {
    const upstream = await startPacedUpstream();
    t.after(() => upstream.close());
    const file = await upstreamsFile(t, { one: { url: upstream.url } });
    const gateway = await startGatewayProcess(t, file, { DRAIN_SECONDS: "1" });
    const caller = new Caller(gateway.url);
    t.after(() => caller.close());
    const listeners = Array.from({ length: 20 }, () => new Listener(t, gateway.url));
    const opened = Promise.all(listeners.map(({ events }) => once(events, "opened")));
    const subscriptions = listeners.map((listener) => listener.subscribe());
    await opened;
    const clients = await Promise.all(ERAS.map((era) => connectPaced(t, era, gateway.url)));
    const began = allBegan(upstream, clients.length + 1);
    const heard = new EventEmitter();
    const told: number[][] = clients.map(() => []);
    const calls = clients.map((call, index) =>
      call(`call-${index}`, 3, (progress) => {
        told[index]?.push(progress);
        heard.emit("progress");
      }),
    );
    const silent = caller.send(toolCall("one__paced", { id: "silent", steps: 3 }));
    const allHeard = async (count: number): Promise<void> => {
      while (told.some(({ length }) => length < count)) await once(heard, "progress");
    };
    await began;
    upstream.step();
    await allHeard(1);

    process.kill(gateway.pid, "SIGTERM");
    await gateway.line(({ msg }) => msg === "draining");

    // Whoever has not heard of it yet is answered, and told to come by another connection.
    const { headers, body } = toolCall("one__add", { a: 2, b: 3 });
    const late = await fetch(gateway.url, { method: "POST", headers, body });
    assert.equal(late.status, 200);
    assert.equal(late.headers.get("connection"), "close");
    assert.match(await late.text(), /"text":"5"/u);
    upstream.step();
    await allHeard(2);
    await Promise.all(subscriptions);
    assert.deepEqual(
      listeners.flatMap(({ ended }) => ended).filter((said) => !isComplete(said)),
      [],
    );
    assert.equal(listeners.flatMap(({ ended }) => ended).length, listeners.length);

    const left = upstream.connections === 0 ? undefined : once(upstream.events, "left");
    upstream.step();
    assert.deepEqual(await Promise.all(calls), [saying("call-0"), saying("call-1")]);
    assert.equal((await silent).text, "silent");
    assert.deepEqual(told, [
      [1, 2],
      [1, 2],
    ]);
    await gateway.line(({ msg }) => msg === "drained");
    await left;
    assert.equal(upstream.connections, 0);
  },
);

/** Calls a second; after each fifth of them the calls of `paced` go one step further. */
const RATE = 100;
const STEPS = 5;

const nextTurn = (): Promise<false> =>
  new Promise((resolve) => {
    setImmediate(resolve, false);
  });

/** Both replicas, one after the other, as somebody does who stops them by hand: SIGTERM comes together with the end of new requests. */
async function stopEach({ running, replicas, haveTakenOver }: RollingProgram): Promise<void> {
  for (const id of replicas()) {
    running.services[0]?.stopTask(id);
    await haveTakenOver([id]);
  }
}

for (const { what, replace } of [
  {
    what: "a deployment replaces both",
    replace: ({ running }: RollingProgram) => running.deploy(),
  },
  { what: "each is stopped by hand", replace: stopEach },
]) {
  test(
    `GIVEN two replicas of a gateway, ${RATE} calls a second that must not be run twice, progress and subscriptions WHEN ${what} THEN no call fails, and whoever listens does so at their successors`,
    TIMEOUT,
    async (t) => {
      const upstream = await startPacedUpstream();
      t.after(() => upstream.close());
      const program = await startRollingProgram(t, upstream.url);
      const { headers, outcomes, url } = program;
      const before = program.replicas();
      const caller = new Caller(url);
      t.after(() => caller.close());
      const clients = await Promise.all(
        [...ERAS, ...ERAS].map((era) => connectPaced(t, era, url, headers)),
      );
      const listeners = Array.from({ length: 20 }, () => new Listener(t, url, headers));
      const opened = Promise.all(listeners.map(({ events }) => once(events, "opened")));
      const listening = listeners.map((listener) => listener.stay());
      await opened;

      let isOver = false;
      t.after(() => {
        isOver = true;
      });
      const wrongStreams: unknown[] = [];
      let streams = 0;
      const streaming = clients.map(async (call, client) => {
        for (let turn = 0; !isOver; turn++) {
          const id = `${client}-${turn}`;
          const told: number[] = [];
          const content = await call(id, STEPS, (progress) => told.push(progress)).catch(
            (error: unknown) => error,
          );
          streams++;
          const isRight =
            JSON.stringify([content, told]) === JSON.stringify([saying(id), [1, 2, 3, 4]]);
          if (!isRight) wrongStreams.push({ id, content, told });
        }
      });
      const allEnded = Promise.all(streaming);
      let answered = 0;
      const send = async (index: number): Promise<Answer> => {
        const request = toolCall("one__add", { a: index, b: 1 });
        const answer = await caller.send({
          body: request.body,
          headers: { ...request.headers, ...headers },
        });
        if (++answered % (RATE / STEPS) === 0) upstream.step();
        return answer;
      };
      const load = steadily(RATE, () => isOver, send);

      await replace(program);
      await program.haveTakenOver(before);

      // Those who listen now do so at the successors.
      const changed = Promise.all(listeners.map((listener) => listener.changed()));
      upstream.grow();
      await changed;
      isOver = true;
      const answers = await load;
      const ended = allEnded.then(() => true);
      while (!(await Promise.race([ended, nextTurn()]))) upstream.step();

      const wrong = answers.filter(({ text }, index) => text !== String(index + 1));
      assert.deepEqual(wrong, []);
      assert.deepEqual(
        upstream.added.toSorted((one, other) => one - other),
        answers.map((_answer, index) => index),
        "Each was run once.",
      );
      assert.deepEqual(wrongStreams, []);
      assert.ok(streams > clients.length, `Only ${streams} calls with progress were made.`);
      const said = listeners.flatMap(({ ended }) => ended);
      assert.deepEqual(
        said.filter((each) => !isComplete(each)),
        [],
      );
      for (const { ended } of listeners)
        assert.ok(ended.length > 0, "It never had to listen anew.");
      assert.deepEqual([...new Set(outcomes)], ["answered"]);
      for (const listener of listeners) listener.leave();
      await Promise.all(listening);
    },
  );
}
