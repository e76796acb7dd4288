import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  isBelow,
  pathText,
  propertyChanges,
} from "../../../local/drawing/diff/property-changes.ts";

/** Changes as "path kind before after". */
function read(before: unknown, after: unknown): unknown[] {
  return propertyChanges(before, after).map(({ path, kind, before, after }) => [
    pathText(path),
    kind,
    ...(before === undefined ? [] : [before]),
    ...(after === undefined ? [] : [after]),
  ]);
}

describe("GIVEN two values", () => {
  it("WHEN they are the same in another order of keys THEN nothing differs", () => {
    assert.deepEqual(read({ a: 1, b: { c: [1] } }, { b: { c: [1] }, a: 1 }), []);
  });

  it("WHEN parts differ THEN the innermost alone are named", () => {
    assert.deepEqual(
      read(
        { check: { path: "/a", interval: 5 }, tags: { team: "x" } },
        { check: { path: "/b", interval: 5 }, port: 80 },
      ),
      [
        ["check.path", "changed", "/a", "/b"],
        ["tags", "removed", { team: "x" }],
        ["port", "added", 80],
      ],
    );
  });

  it("WHEN a text holds JSON THEN it is taken apart, and items are told by their names", () => {
    const definitions = (level: string, extra: object[] = []): string =>
      JSON.stringify([
        { name: "collector", cpu: 16 },
        { name: "server", environment: [...extra, { name: "LOG_LEVEL", value: level }] },
      ]);

    assert.deepEqual(
      read(
        { containerDefinitions: definitions("info") },
        { containerDefinitions: definitions("debug", [{ name: "PORT", value: "1" }]) },
      ),
      [
        ["containerDefinitions[server].environment[LOG_LEVEL].value", "changed", "info", "debug"],
        ["containerDefinitions[server].environment[PORT]", "added", { name: "PORT", value: "1" }],
      ],
    );
  });

  it("WHEN JSON in a text is no JSON any more THEN the whole text differs", () => {
    assert.deepEqual(read({ body: "{}" }, { body: "{" }), [["body", "changed", "{}", "{"]]);
  });

  it("WHEN items have no names THEN those in both stay, and those between them are compared in turn", () => {
    const widget = (title: string, y = 0): object => ({ properties: { title }, y });

    assert.deepEqual(
      read(
        [widget("a"), widget("b"), widget("c")],
        [widget("a"), widget("b", 1), widget("new"), widget("c")],
      ),
      [
        ["[1].y", "changed", 0, 1],
        ["[2]", "added", widget("new")],
      ],
    );
    assert.deepEqual(read(["x", "y", "z"], ["x", "z"]), [["[1]", "removed", "y"]]);
  });

  it("WHEN only the order differs THEN that alone is said", () => {
    assert.deepEqual(read({ subnets: ["a", "b"] }, { subnets: ["b", "a"] }), [
      ["subnets", "order"],
    ]);
    assert.deepEqual(read({ policy: '{"a":1,"b":2}' }, { policy: '{ "b": 2, "a": 1 }' }), [
      ["policy", "order"],
    ]);
  });
});

describe("GIVEN a path", () => {
  const path = [{ key: "tags" }, { key: "a.b" }];

  it("WHEN a property path names it or what it lies in THEN it is below", () => {
    for (const text of ["tags", 'tags["a.b"]', "tags.*", "*"]) assert.ok(isBelow(path, text), text);
    assert.ok(isBelow([{ key: "rules" }, { item: "0" }, { key: "action" }], "rules[*].action"));
  });

  it("WHEN a property path goes on below it, or elsewhere THEN it is not", () => {
    for (const text of ["tagsAll", 'tags["a.b"].c', 'tags["a"]', "tags.a"])
      assert.ok(!isBelow(path, text), text);
  });
});
