import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  clientName,
  collisionSentence,
  findCollisions,
  isOffered,
  LONGEST_NAME,
  matches,
} from "../../../../service/servers/gateway/names.ts";
import { randomly, type Random } from "./random.ts";

const PLAIN = { deny: [], aliases: {} };

describe("GIVEN an upstream `weather` and a tool", () => {
  const named: [own: string, given: object, name: string][] = [
    ["get_alerts", {}, "weather__get_alerts"],
    ["get_alerts", { prefix: "wx" }, "wx__get_alerts"],
    ["get_alerts", { prefix: false }, "get_alerts"],
    ["get_alerts", { aliases: { get_alerts: "alerts" } }, "weather__alerts"],
    ["get_alerts", { aliases: { get_alerts: "alerts" }, prefix: false }, "alerts"],
    ["constructor", {}, "weather__constructor"],
    ["get.alerts", {}, "weather__get.alerts"],
    // Written down so that no version gives a tool another name: the hash is of the whole name.
    ["get alerts", {}, "weather__21d04d1a_get_alerts"],
    ["ünïcode", {}, "weather__56d2f2a6__n_code"],
    [
      "a_very_long_name_that_goes_on_and_on_until_no_model_host_would_take_it",
      {},
      "weather__22c42334_es_on_and_on_until_no_model_host_would_take_it",
    ],
    ["x".repeat(55), {}, `weather__${"x".repeat(55)}`],
  ];
  for (const [own, given, name] of named)
    test(`WHEN it is \`${own}\` with ${JSON.stringify(given)} THEN clients call it \`${name}\``, () => {
      assert.equal(clientName("weather", own, { ...PLAIN, ...given }), name);
    });
});

test("GIVEN a thousand generated prefixes and names WHEN they are named THEN each is at most 64 legal characters, is the same again, and no two are one", () => {
  randomly(1000, (random) => {
    const upstream = `u${random.text("abc_-0", 30)}`;
    const [left, right] = [anyName(random), anyName(random)];
    const name = clientName(upstream, left, PLAIN);
    assert.ok(name.length <= LONGEST_NAME, name);
    assert.match(name, /^[\w.-]+$/);
    assert.ok(name.startsWith(`${upstream}__`));
    assert.equal(clientName(upstream, left, { ...PLAIN }), name);
    if (left !== right) assert.notEqual(clientName(upstream, right, PLAIN), name);
  });
});

function anyName(random: Random): string {
  return random.text(random.pick(["ab_", "ab .-/", "äöü漢😀"]), random.pick([3, 40, 130])) || "x";
}

describe("GIVEN patterns", () => {
  test("WHEN names are held against them THEN they match as the same regular expressions do", () => {
    randomly(3000, (random) => {
      const pattern = random.text("ab*", 6);
      const name = random.text("ab", 6);
      const expression = new RegExp(`^${pattern.replaceAll("*", ".*")}$`);
      assert.equal(matches(pattern, name), expression.test(name), `${pattern} ${name}`);
    });
  });

  test("WHEN a pattern would make a regular expression try for ever THEN it is decided at once", () => {
    assert.equal(matches("a*".repeat(100) + "b", "a".repeat(250)), false);
  });

  test("WHEN a tool is allowed and denied THEN it is not offered, and neither is one that is not allowed", () => {
    const naming = { allow: ["get_*", "list"], deny: ["*_secret"] };
    const offered = ["get_x", "list", "get_secret", "listing", "drop"].filter((own) =>
      isOffered(own, naming),
    );
    assert.deepEqual(offered, ["get_x", "list"]);
    assert.equal(isOffered("drop", { deny: [] }), true);
    assert.equal(isOffered("get_x", { allow: [], deny: [] }), false);
  });
});

test("GIVEN two tools of one name WHEN collisions are looked for THEN the sentence names both and the way out", () => {
  const [collision, ...others] = findCollisions([
    { upstream: "crm", own: "search", name: "search" },
    { upstream: "crm", own: "get", name: "get" },
    { upstream: "web", own: "search", name: "search" },
  ]);
  assert.deepEqual(others, []);
  assert.ok(collision);
  assert.equal(
    collisionSentence(collision),
    "The tool `search` would stand for `search` of `crm` and `search` of `web`." +
      " Give one of the upstreams another `prefix`, or the tool an alias in `aliases`, or name it in `deny`.",
  );
});
