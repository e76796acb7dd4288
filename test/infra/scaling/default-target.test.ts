import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { defaultTarget, type TargetFacts } from "../../../infra/scaling/default-target.ts";

const FACTS = { discoverable: true, metrics: true, maxOngoingRequests: 100 } as const;

const stdio = { command: ["server"] };

/** Also an output's value; undefined where there is no target. */
function valueOf(facts: Partial<TargetFacts>): Promise<number | undefined> {
  return new Promise((resolve) => {
    pulumi.output(defaultTarget({ ...FACTS, ...facts })).apply(resolve);
  });
}

test("GIVEN a service behind a gateway WHEN nobody says how it scales THEN half of what a replica works on at once is the target", () => {
  assert.equal(defaultTarget(FACTS), 50);
  assert.equal(defaultTarget({ ...FACTS, maxOngoingRequests: 1 }), 0.5);
});

test("GIVEN a limit or processes that are known later WHEN the target is taken THEN it is known later, too", async () => {
  assert.equal(await valueOf({ maxOngoingRequests: pulumi.output(40) }), 20);
  assert.equal(await valueOf({ stdio: { ...stdio, processes: pulumi.output(1) } }), 16);
  assert.equal(await valueOf({ maxOngoingRequests: pulumi.output(40), stdio }), 20);
});

test("GIVEN a stdio server WHEN its processes take less than the replica THEN the target is half of that", () => {
  assert.equal(defaultTarget({ ...FACTS, stdio }), 32);
  assert.equal(defaultTarget({ ...FACTS, stdio: { ...stdio, processes: 8 } }), 50);
  assert.equal(
    defaultTarget({ ...FACTS, stdio: { ...stdio, maxOngoingRequestsPerProcess: 3 } }),
    3,
  );
  assert.equal(
    defaultTarget({ ...FACTS, stdio: { ...stdio, processes: 6, isolation: "per-call" } }),
    3,
  );
});

test("GIVEN a service that the load balancer sees, that counts its requests, or that writes no metrics WHEN the target is taken THEN there is none", () => {
  assert.equal(defaultTarget({ ...FACTS, discoverable: false }), undefined);
  assert.equal(defaultTarget({ ...FACTS, discoverable: undefined }), undefined);
  assert.equal(defaultTarget({ ...FACTS, requestCountPerTarget: 1000 }), undefined);
  assert.equal(defaultTarget({ ...FACTS, metrics: false }), undefined);
});

test("GIVEN a server with a model WHEN nobody says how it scales THEN what its workers take at once is the target, whoever counts the calls", async () => {
  const model = { ...FACTS, discoverable: false, server: "translator" };
  assert.equal(defaultTarget(model), 8);
  assert.equal(defaultTarget({ ...model, model: { workers: 2, batchSize: 16 } }), 32);
  assert.equal(defaultTarget({ ...model, maxOngoingRequests: 10 }), 5);
  assert.equal(defaultTarget({ ...model, requestCountPerTarget: 60 }), undefined);
  assert.equal(defaultTarget({ ...model, metrics: false }), undefined);
  assert.equal(
    await valueOf({
      server: "classifier",
      model: { workers: pulumi.output(3) },
      discoverable: false,
    }),
    24,
  );
});
