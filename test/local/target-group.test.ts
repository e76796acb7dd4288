import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RunningTargetGroup } from "../../local/balancer/target-group.ts";
import type { TargetGroup } from "../../local/graph/target-groups.ts";
import { settled, VirtualClock } from "./virtual-clock.ts";

const declared: TargetGroup = {
  arn: "arn",
  name: "weather",
  algorithm: "round_robin",
  deregistrationDelaySeconds: 60,
  maxConcurrency: Number.POSITIVE_INFINITY,
  healthCheck: {
    path: "/readyz",
    port: "traffic-port",
    matcher: "200",
    intervalSeconds: 5,
    timeoutSeconds: 2,
    healthyThreshold: 2,
    unhealthyThreshold: 2,
  },
};

function group(): {
  clock: VirtualClock;
  group: RunningTargetGroup;
  answers: Map<string, boolean>;
  changes: string[];
  checks: string[];
} {
  const clock = new VirtualClock();
  const answers = new Map<string, boolean>();
  const changes: string[] = [];
  const checks: string[] = [];
  const running = new RunningTargetGroup(declared, clock, (target) => {
    checks.push(`${clock.now()} ${target.id}`);
    return Promise.resolve(answers.get(target.id) ?? false);
  });
  running.onStateChange((target, state) => changes.push(`${clock.now()} ${target.id} ${state}`));
  return { clock, group: running, answers, changes, checks };
}

describe("GIVEN a target group with checks every 5 s", () => {
  test("WHEN a target is registered THEN it is checked at once and then at the fixed interval", async () => {
    const { clock, group: running, answers, changes, checks } = group();
    answers.set("a", true);
    running.register("a", "127.0.0.1", 8080);
    await settled();
    await clock.advance(10_000);
    assert.deepEqual(checks, ["0 a", "5000 a", "10000 a"]);
    assert.deepEqual(changes, ["0 a healthy"]);
    running.close();
  });

  test("WHEN a target dies THEN it gets traffic until the second failed check", async () => {
    const { clock, group: running, answers, changes } = group();
    answers.set("a", true).set("b", true);
    running.register("a", "127.0.0.1", 8080);
    running.register("b", "127.0.0.2", 8080);
    await settled();
    answers.set("a", false);
    await clock.advance(5000);
    assert.deepEqual([running.next()?.target.id, running.next()?.target.id], ["a", "b"]);
    await clock.advance(5000);
    assert.deepEqual([running.next()?.target.id, running.next()?.target.id], ["b", "b"]);
    assert.deepEqual(changes.at(-1), "10000 a unhealthy");
    running.close();
  });

  test("WHEN a target is deregistered THEN it gets nothing new, and is let go when the whole delay is over", async () => {
    const { clock, group: running, answers } = group();
    answers.set("a", true).set("b", true);
    running.register("a", "127.0.0.1", 8080);
    running.register("b", "127.0.0.2", 8080);
    await settled();
    let drainedAt = -1;
    running.deregister("a", () => (drainedAt = clock.now()));
    assert.deepEqual([running.next()?.target.id, running.next()?.target.id], ["b", "b"]);
    await clock.advance(59_999);
    assert.deepEqual(
      running.targets.map(({ id, state }) => `${id} ${state}`),
      ["a draining", "b healthy"],
    );
    assert.equal(drainedAt, -1);
    await clock.advance(1);
    assert.deepEqual(
      running.targets.map(({ id }) => id),
      ["b"],
    );
    assert.equal(drainedAt, 60_000);
    running.close();
  });

  test("WHEN a check answers after its target has gone THEN nothing happens", async () => {
    const { group: running, answers, changes } = group();
    answers.set("a", true);
    running.register("a", "127.0.0.1", 8080);
    running.close();
    await settled();
    assert.deepEqual(changes, []);
  });
});
