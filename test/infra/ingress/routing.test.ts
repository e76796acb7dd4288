import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPath, createRouting, pathPatterns } from "../../../infra/ingress/routing.ts";
import { rulePriority } from "../../../infra/ingress/rule-priority.ts";
import { arn, assertRefused, deploy } from "../mocks.ts";

test("GIVEN paths that a rule can match exactly WHEN they are checked THEN they pass", () => {
  for (const path of [
    "/mcp",
    "/weather/mcp",
    "/a",
    "/v1.2/my_tool-x",
    "/...",
    "/.mcp",
    "/mcp.",
    "/healthz/mcp",
    "/weather/readyz",
    "/.well-knowns",
    `/${"x".repeat(88)}`,
  ]) {
    checkPath("McpService", path);
  }
});

test("GIVEN other paths WHEN they are checked THEN each is refused", () => {
  const unfit = [
    "",
    "/",
    "mcp",
    "/mcp/",
    "//mcp",
    "/mcp?x",
    "/mcp*",
    "/m cp",
    "/ümcp",
    // Clients resolve the dots before they ask.
    "/../mcp",
    "/mcp/..",
    "/mcp/.",
    "/./mcp",
    "/.",
    `/${"x".repeat(89)}`,
  ];
  for (const path of unfit) {
    assertRefused(
      () => {
        checkPath("McpService", path);
      },
      `McpService: \`path\` is \`${path}\`; give segments of letters, digits and \`._-\`, each after a slash, 89 characters at most,` +
        " such as `/mcp` or `/weather/mcp`.",
    );
  }
});

test("GIVEN the paths of the container's health and metadata WHEN they are checked THEN each is refused: the contract has them for itself", () => {
  const taken = [
    "/healthz",
    "/readyz",
    "/.well-known",
    "/.well-known/mcp",
    "/.well-known/oauth-protected-resource",
  ];
  for (const path of taken) {
    assertRefused(() => {
      checkPath("McpService", path);
    }, `McpService: \`path\` is \`${path}\`, where the container answers health checks or metadata; give another, such as \`/mcp\`.`);
  }
});

test("GIVEN the default path WHEN its patterns are listed THEN the metadata at the root belongs to it", () => {
  assert.deepEqual(pathPatterns("/mcp"), [
    "/mcp",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-authorization-server/mcp",
    "/.well-known/oauth-protected-resource",
  ]);
});

test("GIVEN any other path WHEN its patterns are listed THEN it has its own metadata alone", () => {
  assert.deepEqual(pathPatterns("/weather/mcp"), [
    "/weather/mcp",
    "/.well-known/oauth-protected-resource/weather/mcp",
    "/.well-known/oauth-authorization-server/weather/mcp",
  ]);
});

test("GIVEN any path WHEN its patterns are listed THEN a rule takes them all, and an ALB looks at all of each", () => {
  for (const path of ["/mcp", `/${"x".repeat(88)}`]) {
    const patterns = pathPatterns(path);
    assert.ok(patterns.length <= 5);
    for (const pattern of patterns) assert.ok(pattern.length <= 128);
  }
});

function routing() {
  return deploy(() =>
    createRouting(
      "weather",
      {
        vpcId: "vpc-1",
        listenerArn: "arn:listener",
        path: "/weather/mcp",
        longestCallSeconds: 90,
        tags: { team: "blue" },
      },
      {},
    ),
  );
}

test("GIVEN a service's routing WHEN it is declared THEN its group asks /readyz as often as AWS allows", async () => {
  const declaration = await routing();

  assert.deepEqual(declaration.inventory(), [
    "aws:lb/listenerRule:ListenerRule weather",
    "aws:lb/targetGroup:TargetGroup weather",
  ]);
  assert.deepEqual(declaration.only("aws:lb/targetGroup:TargetGroup").inputs, {
    vpcId: "vpc-1",
    targetType: "ip",
    protocol: "HTTP",
    protocolVersion: "HTTP1",
    port: 80,
    loadBalancingAlgorithmType: "round_robin",
    deregistrationDelay: 95,
    healthCheck: {
      path: "/readyz",
      port: "traffic-port",
      protocol: "HTTP",
      matcher: "200",
      interval: 5,
      timeout: 2,
      healthyThreshold: 2,
      unhealthyThreshold: 2,
    },
    tags: { team: "blue" },
  });
});

test("GIVEN a service's routing WHEN it is declared THEN its rule sends exactly its paths there, and goes before its successor comes", async () => {
  const declaration = await routing();

  const { inputs, deleteBeforeReplace } = declaration.only("aws:lb/listenerRule:ListenerRule");
  assert.equal(deleteBeforeReplace, true);
  assert.deepEqual(inputs, {
    listenerArn: "arn:listener",
    priority: rulePriority("/weather/mcp"),
    conditions: [
      {
        pathPattern: {
          values: [
            "/weather/mcp",
            "/.well-known/oauth-protected-resource/weather/mcp",
            "/.well-known/oauth-authorization-server/weather/mcp",
          ],
        },
      },
    ],
    actions: [
      {
        type: "forward",
        targetGroupArn: arn("elasticloadbalancing", "targetgroup/weather/943f017f100becff"),
      },
    ],
    tags: { team: "blue" },
  });
});

test("GIVEN a service with a host of its own WHEN its rule is declared THEN it asks for both, within the five values that a rule may have", async () => {
  const declaration = await deploy(() =>
    createRouting(
      "weather",
      {
        vpcId: "vpc-1",
        listenerArn: "arn:listener",
        path: "/mcp",
        hostName: "weather.example.com",
        longestCallSeconds: 90,
        tags: undefined,
      },
      {},
    ),
  );
  const { priority, conditions } = declaration.only("aws:lb/listenerRule:ListenerRule").inputs;

  assert.equal(priority, rulePriority("/mcp", "weather.example.com"));
  assert.deepEqual(conditions, [
    { pathPattern: { values: pathPatterns("/mcp") } },
    { hostHeader: { values: ["weather.example.com"] } },
  ]);
  assert.equal(pathPatterns("/mcp").length + 1, 5);
});

test("GIVEN the target optimizer WHEN a service's routing is declared THEN both its groups know where the agents say that they have room", async () => {
  const declaration = await deploy(() =>
    createRouting(
      "weather",
      {
        vpcId: "vpc-1",
        listenerArn: "arn:listener",
        path: "/mcp",
        longestCallSeconds: 90,
        shiftsTraffic: true,
        targetControlPort: 9081,
        tags: undefined,
      },
      {},
    ),
  );

  for (const name of ["weather", "weather-alternate"]) {
    const { targetControlPort, healthCheck } = declaration.only(
      "aws:lb/targetGroup:TargetGroup",
      name,
    ).inputs;
    assert.equal(targetControlPort, 9081);
    // Through the agent: a replica without it gets no requests.
    assert.equal((healthCheck as { port: unknown }).port, "traffic-port");
  }
});
