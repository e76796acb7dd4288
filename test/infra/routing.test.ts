import assert from "node:assert/strict";
import { test } from "node:test";
import {
  checkPath,
  claimPath,
  createRouting,
  pathPatterns,
  rulePriority,
} from "../../infra/routing.ts";
import { arn, assertRefused, deploy } from "./mocks.ts";

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

test("GIVEN a path WHEN its priority is reckoned THEN it is the same for ever", () => {
  assert.equal(rulePriority("/mcp"), 22_988);
  assert.equal(rulePriority("/weather/mcp"), 29_760);
});

test("GIVEN many paths WHEN their priorities are reckoned THEN all are ones that AWS takes, and they are spread evenly", () => {
  const tenths = new Map<number, number>();
  for (let index = 0; index < 20_000; index += 1) {
    const priority = rulePriority(`/service-${index}/mcp`);
    assert.ok(Number.isInteger(priority) && priority >= 1 && priority <= 50_000);
    const tenth = Math.floor((priority - 1) / 5000);
    tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1);
  }
  assert.equal(tenths.size, 10);
  for (const count of tenths.values()) assert.ok(count > 1800 && count < 2200);
});

test("GIVEN a path that is taken WHEN a second service of the platform claims it THEN it is refused with another path", () => {
  const platform = {};
  claimPath("weather", platform, "/mcp");
  claimPath("translator", platform, "/translator/mcp");
  claimPath("elsewhere", {}, "/mcp");

  assertRefused(() => {
    claimPath("classifier", platform, "/mcp");
  }, "McpService: `classifier` and `weather` share a platform, and the rule priority 22988 of the path `/mcp`. Give one of them" + " another `path`, such as `/classifier/mcp`.");
});

test("GIVEN two paths that share a priority WHEN both are claimed THEN the second is refused: AWS would refuse its rule", () => {
  const paths = new Map<number, string>();
  for (let index = 0; ; index += 1) {
    const path = `/service-${index}/mcp`;
    const other = paths.get(rulePriority(path));
    paths.set(rulePriority(path), path);
    if (other === undefined) continue;

    const platform = {};
    claimPath("one", platform, other);
    assertRefused(
      () => {
        claimPath("two", platform, path);
      },
      `McpService: \`two\` and \`one\` share a platform, and the rule priority ${rulePriority(path)} of the path \`${path}\`.` +
        " Give one of them another `path`, such as `/two/mcp`.",
    );
    return;
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
    deregistrationDelay: 90,
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
