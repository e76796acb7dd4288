import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { chooseAction, matches, type RequestFacts } from "../../local/balancer/rules.ts";
import type { Action, Condition, Listener } from "../../local/graph/listeners.ts";

const respond = (status: number): Action => ({
  type: "fixed-response",
  status,
  contentType: "text/plain",
  body: "",
});

function listener(...rules: { conditions: Condition[]; status: number }[]): Listener {
  return {
    arn: "listener",
    loadBalancerArn: "load-balancer",
    port: 80,
    protocol: "HTTP",
    rules: rules.map(({ conditions, status }, index) => ({
      name: `rule-${index}`,
      priority: index + 1,
      validatesTokens: false,
      conditions,
      action: respond(status),
    })),
    defaultAction: respond(404),
  };
}

function request(given: Partial<RequestFacts> = {}): RequestFacts {
  return {
    method: "POST",
    path: "/mcp",
    query: new URLSearchParams(),
    host: "example.com",
    headers: {},
    ...given,
  };
}

const statusOf = (chosen: Action): number => (chosen.type === "fixed-response" ? chosen.status : 0);

describe("GIVEN a listener's rules", () => {
  test("WHEN several match THEN the first one acts", () => {
    const rules = listener(
      { conditions: [{ field: "path", values: ["/mcp"] }], status: 201 },
      { conditions: [{ field: "path", values: ["/*"] }], status: 202 },
    );
    assert.equal(statusOf(chooseAction(rules, request())), 201);
    assert.equal(statusOf(chooseAction(rules, request({ path: "/other" }))), 202);
  });

  test("WHEN none matches THEN the default acts", () => {
    const rules = listener({ conditions: [{ field: "path", values: ["/mcp"] }], status: 201 });
    assert.equal(statusOf(chooseAction(rules, request({ path: "/mcp/" }))), 404);
    assert.equal(statusOf(chooseAction(rules, request({ path: "/MCP" }))), 404);
  });

  test("WHEN a rule has several conditions THEN all of them must hold, each by any of its values", () => {
    const rules = listener({
      conditions: [
        { field: "path", values: ["/a", "/mcp"] },
        { field: "method", values: ["GET", "POST"] },
        { field: "host", values: ["*.example.com", "example.com"] },
        { field: "header", name: "Mcp-Method", values: ["tools/*"] },
        { field: "query", pairs: [{ key: "v", value: "2" }, { value: "any?" }] },
      ],
      status: 200,
    });
    const matching = request({
      host: "EXAMPLE.com:8000",
      headers: { "mcp-method": "Tools/call" },
      query: new URLSearchParams("x=anyA"),
    });
    assert.equal(statusOf(chooseAction(rules, matching)), 200);
    for (const change of [
      { path: "/b" },
      { method: "post" },
      { host: "example.org" },
      { headers: {} },
      { query: new URLSearchParams("v=3") },
    ]) {
      assert.equal(
        statusOf(chooseAction(rules, { ...matching, ...change })),
        404,
        JSON.stringify(change),
      );
    }
  });
});

describe("GIVEN a pattern", () => {
  const cases: [pattern: string, text: string, matched: boolean][] = [
    ["/mcp", "/mcp", true],
    ["/mcp", "/mcp/x", false],
    ["/mcp*", "/mcp/x/y", true],
    ["/m?p", "/mcp", true],
    ["/m?p", "/mp", false],
    ["/a.b", "/aXb", false],
    ["/(a|b)", "/a", false],
    ["/*/mcp", "/weather/v1/mcp", true],
  ];
  for (const [pattern, text, matched] of cases) {
    test(`WHEN \`${pattern}\` meets \`${text}\` THEN it ${matched ? "matches" : "does not match"}`, () => {
      assert.equal(matches(pattern, text, "case-sensitive"), matched);
    });
  }
});
