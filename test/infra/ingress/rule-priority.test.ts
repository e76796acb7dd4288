import assert from "node:assert/strict";
import { test } from "node:test";
import {
  claimPlace,
  productionRulePriority,
  rulePriority,
  tokenRulePriority,
} from "../../../infra/ingress/rule-priority.ts";
import { assertRefused } from "../mocks.ts";

test("GIVEN a place WHEN its priority is reckoned THEN it is the same for ever", () => {
  assert.equal(rulePriority("/mcp"), 47_988);
  assert.equal(rulePriority("/weather/mcp"), 29_760);
  assert.equal(rulePriority("/mcp", "weather.example.com"), 20_850);
  assert.equal(rulePriority("/mcp", "Weather.Example.com"), 20_850);
});

test("GIVEN many places WHEN their priorities are reckoned THEN all are ones that AWS takes, spread evenly, and those with a host come first", () => {
  const tenths = new Map<number, number>();
  for (let index = 0; index < 20_000; index += 1) {
    const any = rulePriority(`/service-${index}/mcp`);
    const own = rulePriority("/mcp", `service-${index}.example.com`);
    assert.ok(Number.isInteger(own) && own >= 1 && own <= 25_000);
    assert.ok(Number.isInteger(any) && any > 25_000 && any <= 50_000);
    for (const priority of [own, any]) {
      const tenth = Math.floor((priority - 1) / 5000);
      tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1);
    }
  }
  assert.equal(tenths.size, 10);
  for (const count of tenths.values()) assert.ok(count > 3600 && count < 4400);
});

test("GIVEN a place WHEN deployments shift traffic THEN that rule has a priority of its own in the same half", () => {
  assert.notEqual(productionRulePriority("/mcp"), rulePriority("/mcp"));
  assert.ok(productionRulePriority("/mcp") > 25_000);
  assert.ok(productionRulePriority("/mcp", "weather.example.com") <= 25_000);
});

test("GIVEN a place WHEN requests with tokens have a rule of their own THEN it stands right before the plain one, and after no other service's host", () => {
  assert.equal(tokenRulePriority("/mcp"), 47_987);
  assert.equal(tokenRulePriority("/mcp", "weather.example.com"), 20_849);
  for (let index = 0; index < 20_000; index += 1) {
    const path = `/service-${index}/mcp`;
    assert.equal(tokenRulePriority(path), rulePriority(path) - 1);
    // Rules that ask for a host end at 25000; one that has that very priority is refused as any other that is taken.
    assert.ok(tokenRulePriority(path) >= 25_000);
  }
});

test("GIVEN a rule for tokens WHEN another service has its priority THEN the second is refused, whichever comes first", () => {
  const paths = new Map<number, string>();
  for (let index = 0; index < 5000; index += 1)
    paths.set(rulePriority(`/service-${index}/mcp`), `/service-${index}/mcp`);
  const [priority = 0, path = ""] = [...paths].find(([number]) => paths.has(number - 1)) ?? [];
  const before = paths.get(priority - 1) ?? "";
  const sentence = (second: string, first: string, place: string): string =>
    `McpService: \`${second}\` and \`${first}\` share a platform, and the rule priority ${priority - 1} of the path \`${place}\`. Give one of them` +
    ` another \`path\`, such as \`/${second}/mcp\`.`;

  const platform = {};
  claimPlace("one", platform, { path, validatesTokens: true });
  assertRefused(
    () => {
      claimPlace("two", platform, { path: before });
    },
    sentence("two", "one", before),
  );
  const other = {};
  claimPlace("two", other, { path: before });
  assertRefused(
    () => {
      claimPlace("one", other, { path, validatesTokens: true });
    },
    sentence("one", "two", path),
  );
});

test("GIVEN rules for tokens WHEN places are claimed THEN they count as no target groups", () => {
  const platform = {};
  let claimed = 0;
  for (let index = 0; claimed < 100; index += 1) {
    try {
      claimPlace(`service-${index}`, platform, { path: `/${index}/mcp`, validatesTokens: true });
      claimed += 1;
    } catch {
      // Two that share a priority.
    }
  }
  assert.throws(() => {
    claimPlace("one-more", platform, { path: "/mcp", validatesTokens: true });
  }, /`one-more` is one too many for its platform/u);
});

test("GIVEN a place that is taken WHEN a second service of the platform claims it THEN it is refused with another path", () => {
  const platform = {};
  claimPlace("weather", platform, { path: "/mcp" });
  claimPlace("translator", platform, { path: "/translator/mcp" });
  claimPlace("notes", platform, { path: "/mcp", hostName: "notes.example.com" });
  claimPlace("elsewhere", {}, { path: "/mcp" });

  assertRefused(() => {
    claimPlace("classifier", platform, { path: "/mcp" });
  }, "McpService: `classifier` and `weather` share a platform, and the rule priority 47988 of the path `/mcp`. Give one of them" + " another `path`, such as `/classifier/mcp`.");
  assertRefused(
    () => {
      claimPlace("memos", platform, { path: "/mcp", hostName: "Notes.example.com" });
    },
    `McpService: \`memos\` and \`notes\` share a platform, and the rule priority ${rulePriority("/mcp", "notes.example.com")} of the path \`/mcp\` of` +
      " `Notes.example.com`. Give one of them another `path`, such as `/memos/mcp`.",
  );
});

test("GIVEN two paths that share a priority WHEN both are claimed THEN the second is refused: AWS would refuse its rule", () => {
  const paths = new Map<number, string>();
  for (let index = 0; ; index += 1) {
    const path = `/service-${index}/mcp`;
    const other = paths.get(rulePriority(path));
    paths.set(rulePriority(path), path);
    if (other === undefined) continue;

    const platform = {};
    claimPlace("one", platform, { path: other });
    assertRefused(
      () => {
        claimPlace("two", platform, { path });
      },
      `McpService: \`two\` and \`one\` share a platform, and the rule priority ${rulePriority(path)} of the path \`${path}\`.` +
        " Give one of them another `path`, such as `/two/mcp`.",
    );
    return;
  }
});

test("GIVEN as many services as a load balancer has target groups WHEN another claims a place THEN it is refused", () => {
  const full = (groups: number): object => {
    const platform = {};
    for (let index = 0; index < groups; index += 1)
      claimPlace(`service-${index}`, platform, { path: `/${index}/mcp` });
    return platform;
  };
  claimPlace("last", full(99), { path: "/mcp" });
  claimPlace("last", full(98), { path: "/mcp", shiftsTraffic: true });

  const sentence = (groups: number): string =>
    `McpService: \`one-more\` is one too many for its platform: a load balancer takes 100 target groups, and there are ${groups} already, one of each service` +
    " and two of each that shifts traffic. Give it another platform.";
  assertRefused(() => {
    claimPlace("one-more", full(100), { path: "/mcp" });
  }, sentence(100));
  assertRefused(() => {
    claimPlace("one-more", full(99), { path: "/mcp", shiftsTraffic: true });
  }, sentence(99));
});
