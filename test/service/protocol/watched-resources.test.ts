import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { watchedResources } from "../../../service/runtime/protocol/watched-resources.ts";

const listen = (...uris: unknown[]) => ({
  method: "subscriptions/listen",
  params: { notifications: { resourceSubscriptions: uris } },
});

describe("GIVEN subscriptions that want to know of resources", () => {
  test("WHEN they come and go THEN all that is watched is told, whenever it becomes another set", () => {
    const told: string[][] = [];
    const watched = watchedResources((uris) => told.push([...uris].toSorted()));
    const first = watched.add(listen("a", "b", "a"));
    const second = watched.add(listen("b", "c"));
    const third = watched.add(listen("b"));
    first();
    third();
    second();
    assert.deepEqual(told, [["a", "b"], ["a", "b", "c"], ["b", "c"], []]);
  });

  test("WHEN one has no such filter THEN nothing is told", () => {
    const told: unknown[] = [];
    const watched = watchedResources((uris) => told.push(uris));
    for (const body of [
      null,
      [],
      {},
      { params: { notifications: { resourceSubscriptions: "a" } } },
    ])
      watched.add(body)();
    watched.add(listen(1, null))();
    assert.deepEqual(told, []);
  });
});
