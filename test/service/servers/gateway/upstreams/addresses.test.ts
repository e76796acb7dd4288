import assert from "node:assert/strict";
import { test } from "node:test";
import { Addresses } from "../../../../../service/servers/gateway/upstreams/addresses/addresses.ts";
import type { Address } from "../../../../../service/servers/gateway/upstreams/addresses/address.ts";
import type { ResolvedAddresses } from "../../../../../service/servers/gateway/upstreams/index.ts";
import { completeSurroundings } from "../../../../../service/servers/gateway/upstreams/surroundings.ts";
import { createVirtualClock, type VirtualClock } from "../virtual-clock.ts";
import { surroundingsOfTests } from "./fixtures.ts";

interface Opened {
  readonly addresses: Addresses;
  readonly clock: VirtualClock;
  readonly told: string[];
  /** What DNS answers from now on. */
  answer: () => Promise<ResolvedAddresses>;
  /** Addresses whose probes fail. */
  readonly dead: Set<string>;
  questions: number;
}

const URL_OF_TESTS = new URL("http://numbers.test:8080/mcp");

function open(ips: readonly string[], ttlSeconds?: number): Opened {
  const clock = createVirtualClock();
  const told: string[] = [];
  const dead = new Set<string>();
  const opened = {
    clock,
    told,
    dead,
    questions: 0,
    answer: () => Promise.resolve<ResolvedAddresses>({ addresses: ips, ttlSeconds }),
  };
  const addresses = new Addresses(
    "numbers",
    { url: URL_OF_TESTS, discovery: "dns" },
    completeSurroundings({
      ...surroundingsOfTests,
      clock,
      events: { address: ({ address, healthy }) => told.push(`${address} ${healthy}`) },
      resolveAddresses: () => {
        opened.questions++;
        return opened.answer();
      },
    }),
    ({ label }) => Promise.resolve(!dead.has(label)),
  );
  return Object.assign(opened, { addresses });
}

const labels = (all: readonly Address[]): string[] => all.map(({ label }) => label);

test("GIVEN addresses in DNS WHEN their time to live is over THEN they are asked for again, at least a second and by default five seconds later", async () => {
  for (const [ttlSeconds, milliseconds] of [
    [undefined, 5000],
    [0, 1000],
    [3, 3000],
    [86_400, 60_000],
  ] as const) {
    const opened = open(["10.0.0.1"], ttlSeconds);
    await opened.addresses.pending;
    assert.equal(opened.addresses.pending, undefined);
    await opened.clock.advance(milliseconds - 1);
    assert.equal(opened.questions, 1);
    await opened.clock.advance(1);
    assert.equal(opened.questions, 2);
    await opened.addresses.close();
    assert.equal(opened.clock.waiting, 0);
  }
});

test("GIVEN an address that is new and one that is gone WHEN DNS says so THEN the new one is used at once, and the other one ends what it has begun", async () => {
  const opened = open(["10.0.0.1", "10.0.0.2"]);
  await opened.addresses.pending;
  const gone = opened.addresses.all[0];
  assert.ok(gone);
  opened.addresses.take(gone);
  opened.answer = () =>
    Promise.resolve({ addresses: ["10.0.0.2", "10.0.0.3"], ttlSeconds: undefined });
  await opened.clock.advance(5000);
  assert.deepEqual(labels(opened.addresses.all), ["10.0.0.2:8080", "10.0.0.3:8080"]);
  assert.equal(gone.pool.closed, false);
  gone.release();
  assert.equal(gone.pool.closed, true);
  await opened.addresses.close();
});

test("GIVEN a name server that fails, or knows nothing any more WHEN addresses were known THEN they are kept", async () => {
  const opened = open(["10.0.0.1"]);
  await opened.addresses.pending;
  opened.answer = () => Promise.reject(new Error("SERVFAIL"));
  await opened.clock.advance(5000);
  opened.answer = () => Promise.resolve({ addresses: [], ttlSeconds: 5 });
  await opened.clock.advance(5000);
  assert.equal(opened.questions, 3);
  assert.deepEqual(labels(opened.addresses.all), ["10.0.0.1:8080"]);
  await opened.addresses.close();
});

test("GIVEN requests under way WHEN another address is chosen THEN it is the healthy one with the fewest, and in turn where all have as many", async () => {
  const { addresses } = open(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  await addresses.pending;
  const [one, two, three] = addresses.all;
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  assert.deepEqual(
    new Set([addresses.choose(), addresses.choose(), addresses.choose()]),
    new Set([one, two, three]),
  );
  one.ongoing = 2;
  two.ongoing = 1;
  three.ongoing = 3;
  assert.equal(addresses.choose(), two);
  assert.equal(addresses.choose([two]), one);
  addresses.eject(two);
  assert.equal(addresses.choose(), one);
  assert.equal(addresses.choose([one, three]), two);
  assert.equal(addresses.choose([one, two, three]), undefined);
  await addresses.close();
});

test("GIVEN an address that does not answer WHEN a probe finds it again THEN it is used again, and probes come less and less often", async () => {
  const { addresses, clock, dead, told } = open(["10.0.0.1", "10.0.0.2"]);
  await addresses.pending;
  const [one] = addresses.all;
  assert.ok(one);
  dead.add(one.label);
  addresses.eject(one);
  addresses.eject(one);
  assert.equal(addresses.healthy, 1);
  await clock.advance(60_000);
  assert.equal(addresses.healthy, 1);
  dead.clear();
  await clock.advance(2000);
  assert.equal(addresses.healthy, 2);
  assert.deepEqual(told, ["10.0.0.1:8080 false", "10.0.0.1:8080 true"]);
  await addresses.close();
});

test("GIVEN an address that answers with errors alone WHEN others answer well THEN it is left out, and the last one never is", async () => {
  const { addresses } = open(["10.0.0.1", "10.0.0.2"]);
  await addresses.pending;
  const [one, two] = addresses.all;
  assert.ok(one !== undefined && two !== undefined);
  for (let errors = 0; errors < 4; errors++) addresses.erred(one);
  addresses.answered(one);
  for (let errors = 0; errors < 4; errors++) addresses.erred(one);
  assert.equal(one.healthy, true);
  addresses.erred(one);
  assert.equal(one.healthy, false);
  for (let errors = 0; errors < 9; errors++) addresses.erred(two);
  assert.equal(two.healthy, true);
  await addresses.close();
});
