import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LocalError, type Graph, type GraphResource } from "../../../local/graph/graph.ts";
import { readListeners } from "../../../local/graph/listeners.ts";
import { readLoadBalancers } from "../../../local/graph/load-balancers.ts";

type Inputs = Readonly<Record<string, unknown>>;

function resource(type: string, name: string, inputs: Inputs, outputs: Inputs = {}): GraphResource {
  const shared = { parent: "", dependencies: [], ignoreChanges: [] };
  return { ...shared, urn: `urn:${name}`, type, name, id: `arn:${name}`, inputs, outputs };
}

const FORWARD = { type: "forward", targetGroupArn: "arn:group" };
const NOT_FOUND = {
  type: "fixed-response",
  fixedResponse: { statusCode: "404", contentType: "text/plain" },
};
const PATH = { pathPattern: { values: ["/mcp"] } };

/** A listener with one rule. */
function graphOf(
  rule: { readonly conditions?: unknown; readonly actions?: unknown; readonly priority?: number },
  listener: Inputs = {},
  ...more: GraphResource[]
): Graph {
  return {
    project: "test",
    stack: "dev",
    region: "us-east-1",
    outputs: {},
    resources: [
      resource("aws:lb/listener:Listener", "listener", {
        loadBalancerArn: "arn:balancer",
        port: 443,
        protocol: "HTTPS",
        defaultActions: [NOT_FOUND],
        ...listener,
      }),
      resource("aws:lb/listenerRule:ListenerRule", "rule", {
        listenerArn: "arn:listener",
        priority: 1,
        conditions: [PATH],
        actions: [FORWARD],
        ...rule,
      }),
      ...more,
    ],
  };
}

const refusalOf = (graph: Graph): string => {
  try {
    readListeners(graph);
  } catch (error) {
    assert.ok(error instanceof LocalError, String(error));
    return error.message;
  }
  return "";
};

describe("GIVEN a listener's rules", () => {
  test("WHEN they use every kind of condition THEN all of them are read", () => {
    const [listener] = readListeners(
      graphOf({
        conditions: [
          { pathPattern: { values: ["/mcp"] } },
          { hostHeader: { regexValues: ["^(.+)\\.example\\.com$"] } },
          { httpHeader: { httpHeaderName: "Authorization", values: ["Bearer *"] } },
          { queryStrings: [{ value: "2" }] },
          { sourceIp: { values: ["192.0.2.0/24"] } },
        ],
      }),
    );
    assert.deepEqual(listener?.rules[0]?.conditions, [
      { field: "path", values: ["/mcp"], regexValues: [] },
      { field: "host", values: [], regexValues: ["^(.+)\\.example\\.com$"] },
      { field: "header", name: "Authorization", values: ["Bearer *"], regexValues: [] },
      { field: "query", pairs: [{ value: "2" }] },
      { field: "source-ip", values: ["192.0.2.0/24"] },
    ]);
  });

  test("WHEN tokens are validated THEN what is asked of them is read, in the order of the actions", () => {
    const jwtValidation = {
      issuer: "https://issuer.example.com",
      jwksEndpoint: "https://issuer.example.com/keys",
      additionalClaims: [{ name: "scope", format: "space-separated-values", values: ["mcp/call"] }],
    };
    const [listener] = readListeners(
      graphOf({
        actions: [
          { ...FORWARD, order: 2 },
          { type: "jwt-validation", order: 1, jwtValidation },
        ],
      }),
    );
    const { additionalClaims: claims, ...rest } = jwtValidation;
    assert.deepEqual(listener?.rules[0]?.validation, { ...rest, claims });
    assert.deepEqual(listener.rules[0].action, {
      type: "forward",
      targets: [{ targetGroupArn: "arn:group", weight: 1 }],
    });
  });

  const validation = (claim: Inputs = {}, more: Inputs = {}): object => ({
    type: "jwt-validation",
    jwtValidation: {
      issuer: "https://issuer.example.com",
      jwksEndpoint: "https://issuer.example.com/keys",
      additionalClaims: [{ name: "scope", format: "single-string", values: ["a"], ...claim }],
      ...more,
    },
  });
  const weighted = (...weights: number[]): object => ({
    type: "forward",
    forward: { targetGroups: weights.map((weight) => ({ arn: "arn:group", weight })) },
  });
  const redirect = (to: Inputs): object => ({
    type: "redirect",
    redirect: { statusCode: "HTTP_301", ...to },
  });
  const fixed = (given: Inputs): object => ({
    type: "fixed-response",
    fixedResponse: { statusCode: "404", contentType: "text/plain", ...given },
  });
  const values = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => `/${index}`);
  const refused: [what: string, rule: Parameters<typeof graphOf>[0], sentence: RegExp][] = [
    [
      "a host has no dot",
      { conditions: [{ hostHeader: { values: ["localhost"] } }] },
      /has a `\.`/u,
    ],
    [
      "a path has a space",
      { conditions: [{ pathPattern: { values: ["/a b"] } }] },
      /visible ASCII/u,
    ],
    [
      "a path has 129 characters",
      { conditions: [{ pathPattern: { values: [`/${"x".repeat(128)}`] } }] },
      /128/u,
    ],
    ["two conditions look at the path", { conditions: [PATH, PATH] }, /one condition on the path/u],
    [
      "there are six values",
      { conditions: [{ pathPattern: { values: values(6) } }] },
      /at most 5 values, and this one 6/u,
    ],
    [
      "there are six wildcards",
      { conditions: [{ pathPattern: { values: ["/******"] } }] },
      /at most 5 wildcards, and this one 6/u,
    ],
    ["a condition is empty", { conditions: [{ pathPattern: {} }] }, /`values` or `regexValues`/u],
    [
      "a range of addresses has no length",
      { conditions: [{ sourceIp: { values: ["192.0.2.1"] } }] },
      /192\.0\.2\.0\/24/u,
    ],
    [
      "a regular expression looks ahead",
      { conditions: [{ pathPattern: { regexValues: ["^/(?!x)"] } }] },
      /look-around/u,
    ],
    [
      "a regular expression is none",
      { conditions: [{ pathPattern: { regexValues: ["("] } }] },
      /no regular expression/u,
    ],
    [
      "a method is in small letters",
      { conditions: [{ httpRequestMethod: { values: ["get"] } }] },
      /capital letters/u,
    ],
    ["a weight is 1000", { actions: [weighted(1000)] }, /999/u],
    ["there are six target groups", { actions: [weighted(1, 1, 1, 1, 1, 1)] }, /5/u],
    [
      "target groups are sticky",
      {
        actions: [
          {
            type: "forward",
            forward: { targetGroups: [{ arn: "arn:group" }], stickiness: { enabled: true } },
          },
        ],
      },
      /stickiness between target groups is not modelled/u,
    ],
    ["a redirect leads to itself", { actions: [redirect({ query: "a=b" })] }, /leads to itself/u],
    [
      "a redirect leaves HTTPS",
      { actions: [redirect({ protocol: "HTTP" })] },
      /from HTTPS to HTTP/u,
    ],
    ["a fixed response has 302", { actions: [fixed({ statusCode: "302" })] }, /2XX, 4XX or 5XX/u],
    [
      "a fixed response has 1025 bytes",
      { actions: [fixed({ messageBody: "x".repeat(1025) })] },
      /1024/u,
    ],
    [
      "people sign in",
      { actions: [{ type: "authenticate-oidc" }, FORWARD] },
      /one forward, fixed-response or redirect/u,
    ],
    ["it only validates", { actions: [validation()] }, /one forward, fixed-response or redirect/u],
    [
      "it forwards and responds",
      { actions: [FORWARD, NOT_FOUND] },
      /one forward, fixed-response or redirect/u,
    ],
    ["`exp` is asked for", { actions: [validation({ name: "exp" }), FORWARD] }, /checked anyway/u],
    [
      "a single string has two values",
      { actions: [validation({ values: ["a", "b"] }), FORWARD] },
      /has one value/u,
    ],
    [
      "a separated value has a space",
      { actions: [validation({ format: "space-separated-values", values: ["a b"] }), FORWARD] },
      /has no spaces/u,
    ],
    ["its priority is 0", { priority: 0 }, /priority/u],
  ];
  for (const [what, rule, sentence] of refused) {
    test(`WHEN ${what} THEN that is refused, as AWS would`, () => {
      assert.match(refusalOf(graphOf(rule)), sentence);
    });
  }

  test("WHEN tokens are validated without TLS THEN that is refused", () => {
    assert.equal(
      refusalOf(graphOf({ actions: [validation(), FORWARD] }, { port: 80, protocol: "HTTP" })),
      "`rule` has an action `jwt-validation` on a listener of the protocol `HTTP`, which AWS refuses. Give the listener the protocol `HTTPS`.",
    );
  });

  test("WHEN two have one priority THEN that is refused", () => {
    const other = resource("aws:lb/listenerRule:ListenerRule", "other", {
      listenerArn: "arn:listener",
      priority: 1,
      conditions: [PATH],
      actions: [FORWARD],
    });
    assert.equal(
      refusalOf(graphOf({}, {}, other)),
      "The listener rules `rule` and `other` have the same `priority` 1, which AWS refuses. Give one of them another.",
    );
  });
});

describe("GIVEN a load balancer", () => {
  const balancer = (inputs: Inputs): GraphResource =>
    resource("aws:lb/loadBalancer:LoadBalancer", "balancer", inputs, { arnSuffix: "app/b/1" });
  const subnet = (zone: string): GraphResource =>
    resource("aws:ec2/subnet:Subnet", `subnet-${zone}`, { availabilityZone: `us-east-1${zone}` });

  test("WHEN nothing is said of it THEN its attributes are AWS's defaults, and it has a node in each zone of its subnets", () => {
    const subnets = ["arn:subnet-a", "arn:subnet-b"];
    const graph = graphOf({}, {}, balancer({ subnets }), subnet("a"), subnet("b"));
    const [read] = readLoadBalancers(graph);
    assert.equal(read?.listeners.length, 1);
    assert.deepEqual(
      { ...read, listeners: [] },
      {
        name: "balancer",
        arnSuffix: "app/b/1",
        zones: ["us-east-1a", "us-east-1b"],
        listeners: [],
        idleTimeoutSeconds: 60,
        clientKeepAliveSeconds: 3600,
        dropInvalidHeaderFields: false,
        preserveHostHeader: false,
        xffMode: "append",
        xffClientPort: false,
        zonalShift: false,
      },
    );
  });

  test("WHEN it has no subnets THEN a sentence says so", () => {
    assert.throws(
      () => readLoadBalancers(graphOf({}, {}, balancer({}))),
      new LocalError(
        "The load balancer `balancer` has no `subnets`, and so no nodes. Give it one of each zone.",
      ),
    );
  });
});
