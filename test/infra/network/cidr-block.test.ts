import assert from "node:assert/strict";
import { test } from "node:test";
import { isNetwork, isNetworkOf } from "../../../infra/network/cidr-block.ts";

test("GIVEN networks as AWS writes them WHEN they are read THEN they are networks", () => {
  for (const text of ["10.0.0.0/8", "0.0.0.0/0", "192.168.7.0/24", "203.0.113.9/32"]) {
    assert.ok(isNetwork(text), text);
  }
});

test("GIVEN other texts WHEN they are read THEN they are no networks", () => {
  for (const text of [
    "",
    "10.0.0.0",
    "10.0.0.0/33",
    "10.0.0.256/16",
    "10.0.0/16",
    "::/16",
    "10.0.0.1/16",
    "010.0.0.0/16",
    "10.0.0.0/016",
    "0.0.0.1/0",
  ]) {
    assert.ok(!isNetwork(text), text);
  }
});

test("GIVEN bounds for the prefix WHEN a network is read THEN both bounds fit, and nothing beyond them", () => {
  const fits = (prefix: number): boolean => isNetworkOf(`10.0.0.0/${prefix}`, 16, 20);
  assert.deepEqual([15, 16, 20, 21].map(fits), [false, true, true, false]);
});
