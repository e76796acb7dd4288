import assert from "node:assert/strict";
import { test } from "node:test";
import type * as pulumi from "@pulumi/pulumi";
import { creationHooks, mayRetry, waits } from "../../../infra/capacity/managed-instances-wait.ts";
import { deploy } from "../mocks.ts";

/** As ECS says it where IAM does not yet show the policy (and the provider package hands it on). */
const NOT_YET =
  "creating ECS Capacity Provider (mcp-gpu): operation error ECS: CreateCapacityProvider, https response error StatusCode: 400, ClientException: not" +
  " authorized to perform: ec2:DescribeInstanceTypeOfferings";

const failed = (
  errors: string[],
  failedOperation = "create",
): Parameters<pulumi.ErrorHookFunction>[0] => ({
  urn: "urn:pulumi:prod::tools::aws:ecs/capacityProvider:CapacityProvider::mcp-gpu",
  id: "",
  name: "mcp-gpu",
  type: "aws:ecs/capacityProvider:CapacityProvider",
  failedOperation,
  errors,
});

/** The hooks with pauses that pass at once and are noted down. */
function hooksAndPauses() {
  const pauses: number[] = [];
  const hooks = waits((seconds) => {
    pauses.push(seconds);
    return Promise.resolve();
  });
  return { ...hooks, pauses };
}

test("GIVEN a role that IAM does not show yet WHEN creating the provider fails THEN it is tried again, six times at most", async () => {
  const { retry, pauses } = hooksAndPauses();

  for (const tries of [1, 2, 3, 4, 5])
    assert.equal(await retry(failed(Array<string>(tries).fill(NOT_YET))), true);
  assert.equal(await retry(failed(Array<string>(6).fill(NOT_YET))), false);
  assert.deepEqual(pauses, [10, 10, 10, 10, 10]);
});

test("GIVEN any other failure WHEN the hook is asked THEN nothing is tried again, and nobody waits", async () => {
  const { retry, pauses } = hooksAndPauses();

  for (const args of [
    failed(["InvalidParameterException: The cluster provided is invalid"]),
    failed([NOT_YET], "update"),
    failed([NOT_YET], "delete"),
    failed([]),
    // The newest error comes first.
    failed(["LimitExceededException", NOT_YET]),
  ]) {
    assert.equal(mayRetry(args), false);
    assert.equal(await retry(args), false);
  }
  assert.deepEqual(pauses, []);
});

test("GIVEN a provider that was just created WHEN services wait for it THEN it has a minute to become active", async () => {
  const { untilActive, pauses } = hooksAndPauses();

  await untilActive({ urn: "urn", id: "id", name: "mcp-gpu", type: "type" });
  assert.deepEqual(pauses, [60]);
});

test("GIVEN the SDK's mocks WHEN hooks are asked for THEN there are none, since mocks know none", async () => {
  const { result } = await deploy(() => creationHooks("mcp-gpu"));
  assert.equal(result, undefined);
});
