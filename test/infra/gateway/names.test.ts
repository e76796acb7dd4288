/** Names stand twice, in the gateway and in what a preview knows of it: both must always say the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clientName,
  collision,
  isOffered,
  matches,
  offeredTools,
  prefixCollision,
  type Naming,
} from "../../../infra/gateway/names.ts";
import * as gateway from "../../../service/servers/gateway/names.ts";

const LONG = "create_a_contact_in_the_customer_relationship_management_system_of_sales";
const NAMES = [
  "",
  "a",
  "get_alerts",
  "get.alerts-2",
  "read file",
  "größe",
  "__proto__",
  "constructor",
  "*",
  "a*b",
  "x".repeat(31),
  "x".repeat(54),
  "x".repeat(55),
  "x".repeat(64),
  "x".repeat(65),
  LONG,
  `${LONG} ${LONG}`,
];
const NAMINGS: readonly Naming[] = [
  {},
  { prefix: false as const },
  { prefix: "crm" },
  { prefix: "p".repeat(31) },
  { aliases: { get_alerts: "alerts", [LONG]: "short", a: LONG } },
  { prefix: "crm", aliases: { "read file": "x".repeat(64) } },
];
const PATTERNS = ["", "*", "a", "get_*", "*alerts", "g*a*s", "**", "get.alerts*", "a*b", "*x*x*"];

test("GIVEN names of every kind WHEN clients see them THEN a preview knows them as the gateway gives them", () => {
  for (const naming of NAMINGS) {
    for (const own of NAMES) {
      assert.equal(
        clientName("weather", own, naming),
        gateway.clientName("weather", own, {
          ...naming,
          deny: [],
          aliases: naming.aliases ?? {},
        }),
        own,
      );
    }
  }
});

test("GIVEN patterns WHEN tools are held against them THEN a preview offers what the gateway offers", () => {
  for (const own of NAMES) {
    for (const pattern of PATTERNS) {
      assert.equal(matches(pattern, own), gateway.matches(pattern, own), `${pattern} ${own}`);
      for (const naming of [
        { allow: [pattern], deny: [] },
        { deny: [pattern] },
        { allow: ["*"], deny: [pattern] },
      ]) {
        assert.equal(isOffered(own, naming), gateway.isOffered(own, naming), `${pattern} ${own}`);
      }
    }
  }
});

test("GIVEN a name that is too long WHEN clients see it THEN it has 64 characters, its prefix and its end", () => {
  const name = clientName("sales", LONG, {});

  assert.equal(name.length, 64);
  assert.match(name, /^sales__[0-9a-f]{8}_/u);
  assert.ok(name.endsWith("_management_system_of_sales"), name);
});

test("GIVEN tools of several upstreams WHEN two have one name THEN the sentence names both and the way out", () => {
  const tools = offeredTools([
    { name: "a", naming: { prefix: false }, tools: ["b__find", "other"] },
    { name: "b", naming: { deny: ["hidden"] }, tools: ["hidden", "find"] },
  ]);

  assert.deepEqual(
    tools.map(({ name }) => name),
    ["b__find", "other", "b__find"],
  );
  assert.equal(
    collision(tools),
    "the tool `b__find` would stand for `b__find` of `a` and `find` of `b`. Give one of them another `prefix`, or the tool another name in `aliases`, or name it" +
      " in `deny`.",
  );
  assert.equal(collision(tools.slice(0, 2)), undefined);
});

test("GIVEN two upstreams of one prefix WHEN they are looked at THEN the sentence names both; without prefixes there is none", () => {
  assert.equal(
    prefixCollision([
      { name: "a", naming: { prefix: "b" } },
      { name: "b", naming: {} },
    ]),
    "`a` and `b` both have the prefix `b`. Give one of them another `prefix`.",
  );
  assert.equal(
    prefixCollision([
      { name: "a", naming: { prefix: false } },
      { name: "b", naming: { prefix: false } },
      { name: "c", naming: {} },
    ]),
    undefined,
  );
});
