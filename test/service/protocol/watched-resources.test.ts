import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  resourcesIn,
  watchedResources,
} from "../../../service/runtime/protocol/watched-resources.ts";

const listen = (...uris: unknown[]) => ({
  method: "subscriptions/listen",
  params: { notifications: { resourceSubscriptions: uris } },
});

describe("GIVEN subscriptions that want to know of resources", () => {
  test("WHEN they come and go THEN all that is watched is told, whenever it becomes another set", () => {
    const told: string[][] = [];
    const watched = watchedResources((uris) => told.push([...uris].toSorted()));
    const [first, second, third] = [new Set(["a", "b"]), new Set(["b", "c"]), new Set(["b"])];
    watched.add(first);
    watched.add(second);
    watched.add(third);
    watched.remove(first);
    watched.remove(third);
    assert.deepEqual([watched.has("a"), watched.has("b")], [false, true]);
    watched.remove(second);
    assert.equal(watched.has("b"), false);
    assert.deepEqual(told, [["a", "b"], ["a", "b", "c"], ["b", "c"], []]);
  });

  test("WHEN one wants none THEN nothing is told", () => {
    const told: unknown[] = [];
    const watched = watchedResources((uris) => told.push(uris));
    watched.add(new Set());
    watched.remove(new Set());
    assert.deepEqual(told, []);
  });
});

describe("GIVEN what clients send", () => {
  test("WHEN it is a filter THEN its resources are found, each once", () => {
    assert.deepEqual(resourcesIn(listen("a", "b", "a")), new Set(["a", "b"]));
  });

  test("WHEN it has no such filter THEN there are none", () => {
    for (const body of [
      null,
      [],
      {},
      { params: { notifications: { resourceSubscriptions: "a" } } },
      listen(1, null),
    ])
      assert.deepEqual(resourcesIn(body), new Set());
  });
});
