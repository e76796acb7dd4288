import assert from "node:assert/strict";
import { test } from "node:test";
import { Breaker } from "../../../../../service/servers/gateway/upstreams/breaker.ts";
import { RetryBudget } from "../../../../../service/servers/gateway/upstreams/retry-budget.ts";
import { createVirtualClock } from "../virtual-clock.ts";

function fail(breaker: Breaker, times: number): void {
  for (let failure = 0; failure < times; failure++) breaker.failed();
}

test("GIVEN five failures within ten seconds WHEN nothing succeeded between them THEN the breaker opens, and else it does not", async () => {
  const clock = createVirtualClock();
  const breaker = new Breaker(
    clock,
    () => Promise.resolve(false),
    () => undefined,
  );
  fail(breaker, 4);
  breaker.succeeded();
  fail(breaker, 4);
  await clock.advance(10_000);
  fail(breaker, 4);
  assert.equal(breaker.state, "closed");
  breaker.failed();
  assert.equal(breaker.state, "open");
  assert.equal(breaker.admits, false);
  breaker.close();
});

test("GIVEN an open breaker WHEN the upstream is back at any moment THEN it is closed at most five seconds later", async () => {
  for (const outage of [0, 400, 1200, 5000, 60_000, 3_600_000]) {
    const clock = createVirtualClock(0);
    let closedAt = Infinity;
    const breaker = new Breaker(
      clock,
      // A probe that is not answered takes all the time that it has.
      () =>
        new Promise((resolve) => {
          if (clock.now() >= outage) resolve(true);
          else
            clock.after(2000, () => {
              resolve(false);
            });
        }),
      (_from, to) => {
        if (to === "closed") closedAt = clock.now();
      },
    );
    fail(breaker, 5);
    await clock.advance(outage + 5000);
    assert.ok(closedAt <= outage + 5000, `${outage}: ${closedAt}`);
    breaker.close();
    assert.equal(clock.waiting, 0);
  }
});

test("GIVEN much load WHEN everything fails THEN a fifth of it is tried again, and the floor", () => {
  const budget = new RetryBudget(createVirtualClock());
  let granted = 0;
  for (let request = 0; request < 1000; request++) {
    budget.deposit();
    if (budget.withdraw()) granted++;
  }
  assert.equal(granted, 210);
});

test("GIVEN little load WHEN requests fail THEN ten a second are tried again", async () => {
  const clock = createVirtualClock();
  const budget = new RetryBudget(clock);
  const withdraw = (times: number): number =>
    Array.from({ length: times }, () => budget.withdraw()).filter(Boolean).length;
  assert.equal(withdraw(20), 10);
  await clock.advance(500);
  assert.equal(withdraw(20), 5);
  await clock.advance(60_000);
  assert.equal(withdraw(20), 10);
});

test("GIVEN a long time without failures WHEN a replica is lost THEN no more than a hundred retries were saved", () => {
  const budget = new RetryBudget(createVirtualClock());
  for (let request = 0; request < 1_000_000; request++) budget.deposit();
  const granted = Array.from({ length: 1000 }, () => budget.withdraw()).filter(Boolean).length;
  assert.equal(granted, 110);
});
