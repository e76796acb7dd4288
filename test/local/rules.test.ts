import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { matches, ruleChooser, type RequestFacts } from "../../local/balancer/rules.ts";
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
      arn: `rule-${index}`,
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
    sourceAddress: "127.0.0.1",
    ...given,
  };
}

function statusFor(rules: Listener, asked: RequestFacts): number {
  const chosen = ruleChooser(rules).choose(asked)?.action ?? rules.defaultAction;
  return chosen.type === "fixed-response" ? chosen.status : 0;
}

describe("GIVEN a listener's rules", () => {
  test("WHEN several match THEN the first one acts", () => {
    const rules = listener(
      { conditions: [{ field: "path", values: ["/mcp"] }], status: 201 },
      { conditions: [{ field: "path", values: ["/*"] }], status: 202 },
    );
    assert.equal(statusFor(rules, request()), 201);
    assert.equal(statusFor(rules, request({ path: "/other" })), 202);
  });

  test("WHEN none matches THEN the default acts", () => {
    const rules = listener({ conditions: [{ field: "path", values: ["/mcp"] }], status: 201 });
    assert.equal(statusFor(rules, request({ path: "/mcp/" })), 404);
    assert.equal(statusFor(rules, request({ path: "/MCP" })), 404);
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
    assert.equal(statusFor(rules, matching), 200);
    for (const change of [
      { path: "/b" },
      { method: "post" },
      { host: "example.org" },
      { headers: {} },
      { query: new URLSearchParams("v=3") },
    ]) {
      assert.equal(statusFor(rules, { ...matching, ...change }), 404, JSON.stringify(change));
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

describe("GIVEN a condition", () => {
  const cases: [condition: Condition, given: Partial<RequestFacts>, matched: boolean][] = [
    [{ field: "host", values: ["*.example.com"] }, { host: "a.example.com" }, true],
    [{ field: "host", values: ["*.example.com"] }, { host: "example.com" }, false],
    [{ field: "host", values: ["example.com"] }, { host: "Example.COM:8443" }, true],
    [
      { field: "host", values: [], regexValues: [String.raw`example\.com:8443`] },
      { host: "example.com:8443" },
      true,
    ],
    [{ field: "host", values: [], regexValues: ["example"] }, { host: "example.com" }, false],
    [{ field: "path", values: ["/MCP"] }, {}, false],
    [{ field: "path", values: [], regexValues: ["/m(c|d)p"] }, {}, true],
    [{ field: "path", values: [], regexValues: ["/MCP"] }, {}, false],
    [{ field: "path", values: ["/a", "/mcp"] }, {}, true],
    [{ field: "method", values: ["GET"] }, { method: "get" }, false],
    [{ field: "header", name: "X-Two", values: ["b"] }, { headers: { "x-two": ["a", "B"] } }, true],
    [
      { field: "header", name: "x", values: [], regexValues: ["A+"] },
      { headers: { x: "aa" } },
      true,
    ],
    [{ field: "header", name: "X", values: ["*"] }, { headers: {} }, false],
    [
      { field: "query", pairs: [{ key: "Version", value: "V?" }] },
      { query: new URLSearchParams("version=v1") },
      true,
    ],
    [
      { field: "query", pairs: [{ key: "version", value: "v1" }] },
      { query: new URLSearchParams("other=v1") },
      false,
    ],
    [
      { field: "query", pairs: [{ value: "v1" }] },
      { query: new URLSearchParams("other=v1") },
      true,
    ],
    [{ field: "source-ip", values: ["127.0.0.0/8"] }, {}, true],
    [{ field: "source-ip", values: ["192.0.2.0/24"] }, {}, false],
    [
      { field: "source-ip", values: ["192.0.2.0/24"] },
      { headers: { "x-forwarded-for": "192.0.2.1" } },
      false,
    ],
    [{ field: "source-ip", values: ["2001:db8::/32"] }, { sourceAddress: "2001:db8::1" }, true],
  ];
  for (const [condition, given, matched] of cases) {
    test(`WHEN ${JSON.stringify(condition)} meets ${JSON.stringify(given)} THEN it ${matched ? "holds" : "does not hold"}`, () => {
      const rules = listener({ conditions: [condition], status: 200 });
      assert.equal(statusFor(rules, request(given)), matched ? 200 : 404);
    });
  }
});
