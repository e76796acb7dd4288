import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pino } from "pino";
import { parseUpstream } from "../../../../../service/servers/gateway/configuration/parse.ts";
import {
  watchUpstreams,
  type WatchedConfiguration,
} from "../../../../../service/servers/gateway/configuration/watch.ts";
import { FakeSource, url } from "../running-gateway.ts";
import { createVirtualClock, settle } from "../virtual-clock.ts";

describe("GIVEN what somebody wrote for the upstream `weather`", () => {
  const refused: [text: string, problem: RegExp][] = [
    ["{", /^The configuration of the upstream `weather` is not JSON\.$/u],
    ["[]", /^The configuration of the upstream `weather` is not usable: .*object/u],
    ['{"url":"ftp://x"}', /`url`: /u],
    [`{"url":"${url}","timeoutSecond":5}`, /timeoutSecond/u],
    [`{"url":"${url}","kind":"openapi"}`, /the kind `openapi` and no `documentUrl`/u],
  ];
  for (const [text, problem] of refused)
    test(`WHEN it is ${text} THEN a sentence says what is wrong`, () => {
      const parsed = parseUpstream("weather", text);
      assert.ok("problem" in parsed);
      assert.match(parsed.problem, problem);
    });

  test("WHEN a value may be a secret THEN the sentence does not repeat it", () => {
    const parsed = parseUpstream(
      "weather",
      JSON.stringify({ url, auth: { mode: "header", value: "hunter2-secret" } }),
    );
    assert.ok("problem" in parsed);
    assert.doesNotMatch(parsed.problem, /hunter2/u);
    assert.match(parsed.problem, /`auth\.value`/u);
  });

  test("WHEN its own name cannot stand before a tool's THEN it takes a prefix", () => {
    assert.ok("problem" in parseUpstream("my.weather", JSON.stringify({ url })));
    assert.ok("configuration" in parseUpstream("my.weather", JSON.stringify({ url, prefix: "w" })));
  });
});

interface Watching {
  readonly source: FakeSource;
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly heard: WatchedConfiguration[];
  readonly logged: string[];
}

function watching(upstreams: Record<string, unknown>, patient = false) {
  const source = new FakeSource(upstreams);
  const clock = createVirtualClock();
  const heard: WatchedConfiguration[] = [];
  const logged: string[] = [];
  const log = pino(
    { level: "info" },
    { write: (line: string) => logged.push(String((JSON.parse(line) as { msg: unknown }).msg)) },
  );
  const watched = watchUpstreams({
    source,
    pollMilliseconds: 10_000,
    clock,
    random: () => 0.5,
    log,
    patient,
    changed: (configuration) => heard.push(configuration),
  });
  const given: Watching = { source, clock, heard, logged };
  return { ...given, watched };
}

describe("GIVEN upstreams that are watched", () => {
  test("WHEN an entry is no good THEN the others are there and the log says so; a good one that goes bad stays as it was", async () => {
    const { watched, source, heard, logged } = watching({ good: { url }, bad: "{" });
    const { current } = await watched;
    assert.deepEqual([...current.upstreams.keys()], ["good"]);
    assert.deepEqual([...current.problems.keys()], ["bad"]);
    assert.deepEqual(logged, [
      "The configuration of the upstream `bad` is not JSON. It is left out until that is mended.",
    ]);
    await source.write({ good: { url: 7 }, bad: { url } });
    assert.deepEqual([...(heard[0]?.upstreams.keys() ?? [])], ["bad", "good"]);
    assert.equal(heard[0]?.upstreams.get("good")?.url, url);
    assert.match(logged[1] ?? "", /`url`: .*Its last good configuration stays in use\.$/u);
    await source.write({ good: { url: 7 }, bad: { url }, third: { url } });
    assert.equal(logged.length, 2);
    (await watched).close();
  });

  test("WHEN it is polled THEN it is within the period, jitter taken off it, and what has not changed is not told", async () => {
    const { watched, source, clock, heard } = watching({ a: { url } });
    await watched;
    let reads = 0;
    const read = source.read.bind(source);
    source.read = () => {
      reads += 1;
      return read();
    };
    await clock.advance(8999);
    assert.equal(reads, 0);
    await clock.advance(1);
    assert.equal(reads, 1);
    assert.deepEqual(heard, []);
    (await watched).close();
    await clock.advance(60_000);
    assert.equal(reads, 1);
    assert.equal(clock.waiting, 0);
  });

  test("WHEN a poll fails THEN everything stays, the log says it once, and once more when it is over", async () => {
    const { watched, source, clock, heard, logged } = watching({ a: { url } });
    await watched;
    source.failure = new Error("Access denied");
    await clock.advance(30_000);
    assert.deepEqual(heard, []);
    source.failure = undefined;
    await clock.advance(10_000);
    assert.deepEqual(logged, [
      "The upstreams in the test cannot be read. What was read last stays in use.",
      "The upstreams in the test can be read again.",
    ]);
    assert.deepEqual([...(await watched).current.upstreams.keys()], ["a"]);
    (await watched).close();
  });

  test("WHEN the first reading fails THEN a patient one waits for one that does not, and another is told", async () => {
    const patient = watching({ a: { url } }, true);
    patient.source.failure = new Error("Not yet");
    await patient.clock.advance(20_000);
    patient.source.failure = undefined;
    await patient.clock.advance(10_000);
    assert.deepEqual([...(await patient.watched).current.upstreams.keys()], ["a"]);
    (await patient.watched).close();
    const source = new FakeSource({});
    source.failure = new Error("There is no such file");
    await assert.rejects(
      watchUpstreams({
        source,
        pollMilliseconds: 10_000,
        clock: createVirtualClock(),
        random: () => 0,
        log: pino({ level: "silent" }),
        patient: false,
        changed: () => undefined,
      }),
      /no such file/u,
    );
    await settle();
  });
});
