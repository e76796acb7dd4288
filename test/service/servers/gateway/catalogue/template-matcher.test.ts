import assert from "node:assert/strict";
import { test } from "node:test";
import { UriTemplate } from "@modelcontextprotocol/server";
import { templateMatcher } from "../../../../../service/servers/gateway/catalogue/template-matcher.ts";
import { randomly } from "../random.ts";

test("GIVEN a template that a regular expression takes minutes for WHEN an address of 8000 characters is held against it THEN the answer comes", () => {
  for (const [template, unit] of [
    [`x://${"{a}".repeat(40)}!`, "a"],
    [`x://${"{+a}/".repeat(40)}!`, "a/"],
    [`x://${"{a*}".repeat(40)}!`, "a,"],
  ] as const) {
    const uri = `x://${unit.repeat(4000)}`.slice(0, 8000);
    assert.equal(templateMatcher(template)?.(uri), false);
    assert.equal(templateMatcher(template)?.(`${uri.slice(0, 7000)}/!`), unit === "a/");
  }
});

test("GIVEN templates WHEN addresses are held against them THEN the answers are those of the SDK", () => {
  const pieces = [
    ...["a", "/", ".", "a(", "$", "{a}", "{+a}", "{#a}", "{.a}"],
    ...["{/a}", "{/a*}", "{a*}", "{?a,b}", "{&b}", "{a,b}"],
  ];
  const characters = ["a", "b", "/", ",", ".", "?a=", "&b=", "(", "$", "\n"];
  let matched = 0;
  randomly(20_000, (random) => {
    const some = (from: readonly string[], most: number): string =>
      Array.from({ length: Math.floor(random.next() * (most + 1)) }, () => random.pick(from)).join(
        "",
      );
    const template = `x${some(pieces, 4)}`;
    const uri = `x${some(characters, 7)}`;
    const expected = new UriTemplate(template).match(uri) !== null;
    if (expected) matched++;
    assert.equal(templateMatcher(template)?.(uri), expected, `${template} ${JSON.stringify(uri)}`);
  });
  assert.ok(matched > 100);
});

test("GIVEN what is no template that can be matched WHEN a matcher is asked for THEN there is none", () => {
  assert.equal(templateMatcher("x://{a"), undefined);
  assert.equal(templateMatcher("{a}".repeat(51)), undefined);
  assert.equal(templateMatcher("x://{+a}")?.(`x://${"a".repeat(8200)}`), false);
});
