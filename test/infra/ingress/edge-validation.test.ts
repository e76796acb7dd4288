import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  AuthMode,
  DeploymentStrategy,
  Exposure,
  McpPlatform,
  McpService,
  type Auth,
  type McpServiceArgs,
} from "../../../infra/index.ts";
import { checkEdgeTokenValidation } from "../../../infra/ingress/edge-validation.ts";
import { pathPatterns } from "../../../infra/ingress/routing.ts";
import { rulePriority } from "../../../infra/ingress/rule-priority.ts";
import { arn, assertRefused, deploy, rejectionsOf } from "../mocks.ts";
import { HANDLE } from "../platform-handle.ts";

const RULE = "aws:lb/listenerRule:ListenerRule";
const IMAGE = "ghcr.io/acme/tools@sha256:ab";
const ISSUER = "https://login.example.com/realms/tools";

const onHttps = (auth: Auth, more: McpServiceArgs = {}) =>
  deploy(
    () =>
      new McpService("weather", {
        platform: { ...HANDLE },
        image: IMAGE,
        auth: { edgeTokenValidation: true, ...auth },
        ...more,
      }),
  );

const FORWARD = {
  type: "forward",
  order: 2,
  targetGroupArn: arn("elasticloadbalancing", "targetgroup/weather/943f017f100becff"),
};

test("GIVEN Cognito WHEN the edge validates tokens THEN a rule takes those with one, right before the service's own, which takes the others", async () => {
  const declaration = await onHttps({}, { tags: { team: "blue" } });
  const rule = declaration.only(RULE, "weather-tokens");

  assert.deepEqual(rule.inputs, {
    listenerArn: "arn:listener",
    priority: rulePriority("/mcp") - 1,
    conditions: [
      { pathPattern: { values: ["/mcp"] } },
      { httpHeader: { httpHeaderName: "Authorization", values: ["Bearer *"] } },
    ],
    actions: [
      {
        type: "jwt-validation",
        order: 1,
        jwtValidation: {
          issuer: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab12Cd34E",
          jwksEndpoint:
            "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab12Cd34E/.well-known/jwks.json",
          additionalClaims: [
            { name: "token_use", format: "single-string", values: ["access"] },
            {
              name: "scope",
              format: "space-separated-values",
              values: ["https://mcp.example.com/mcp/call"],
            },
          ],
        },
      },
      FORWARD,
    ],
    tags: { team: "blue" },
  });
  assert.equal(rule.deleteBeforeReplace, true);
  // Who brings no token is told by the service where to get one, and so is everybody who asks for its metadata.
  const own = declaration.only(RULE, "weather").inputs;
  assert.equal(own["priority"], rulePriority("/mcp"));
  assert.deepEqual(own["conditions"], [{ pathPattern: { values: pathPatterns("/mcp") } }]);
  assert.deepEqual(
    (own["actions"] as { type: string }[]).map(({ type }) => type),
    ["forward"],
  );
});

test("GIVEN another issuer and a host WHEN the edge validates tokens THEN it asks for the host too, and leaves further claims to the service", async () => {
  const { inputs } = (
    await onHttps(
      { mode: AuthMode.Oidc, issuer: ISSUER, jwksUri: pulumi.output(`${ISSUER}/keys`) },
      { hostName: "mcp.example.com", path: "/weather/mcp" },
    )
  ).only(RULE, "weather-tokens");

  assert.equal(inputs["priority"], rulePriority("/weather/mcp", "mcp.example.com") - 1);
  assert.deepEqual(inputs["conditions"], [
    { pathPattern: { values: ["/weather/mcp"] } },
    { httpHeader: { httpHeaderName: "Authorization", values: ["Bearer *"] } },
    { hostHeader: { values: ["mcp.example.com"] } },
  ]);
  assert.deepEqual(inputs["actions"], [
    {
      type: "jwt-validation",
      order: 1,
      jwtValidation: { issuer: ISSUER, jwksEndpoint: `${ISSUER}/keys` },
    },
    FORWARD,
  ]);
});

test("GIVEN nothing said, or false WHEN a service is deployed THEN it has one rule", async () => {
  for (const auth of [{ edgeTokenValidation: false }, undefined]) {
    const declaration = await deploy(
      () =>
        new McpService("weather", {
          platform: { ...HANDLE },
          image: IMAGE,
          ...(auth === undefined ? {} : { auth }),
        }),
    );
    assert.equal(declaration.only(RULE).name, "weather");
  }
});

test("GIVEN two services whose rules for tokens and for all would share a priority WHEN both are constructed THEN the second is refused", async () => {
  // Found by search: the second path's priority is the one right before the first one's.
  const paths = new Map<number, string>();
  for (let index = 0; index < 5000; index += 1)
    paths.set(rulePriority(`/service-${index}/mcp`), `/service-${index}/mcp`);
  const [priority = 0, path = ""] =
    [...paths].find(([candidate]) => paths.has(candidate - 1)) ?? [];
  const other = paths.get(priority - 1) ?? "";
  const platform = { ...HANDLE };
  await deploy(() => {
    new McpService("weather", { platform, image: IMAGE, path: other });
    assertRefused(
      () =>
        new McpService("notes", {
          platform,
          image: IMAGE,
          path,
          auth: { edgeTokenValidation: true },
        }),
      `McpService: \`notes\` and \`weather\` share a platform, and the rule priority ${priority - 1} of the path \`${path}\`. Give one of them another \`path\`, such as` +
        " `/notes/mcp`.",
    );
  });
});

const refused = (
  auth: Auth,
  message: string,
  more: Partial<Parameters<typeof checkEdgeTokenValidation>[1]> = {},
): void => {
  assertRefused(() => {
    checkEdgeTokenValidation("McpService", {
      auth: { edgeTokenValidation: true, ...auth },
      hasPlatform: true,
      shiftsTraffic: false,
      path: "/mcp",
      hostName: undefined,
      ...more,
    });
  }, `McpService: ${message}`);
};

const HTTP =
  "`auth.edgeTokenValidation` is true, but the platform's listener speaks HTTP, where AWS validates no tokens. Set the platform's `exposure` to `domain`, or" +
  " give an `internal` one a `domainName` and a certificate.";

test("GIVEN a listener for HTTP WHEN the edge is to validate tokens THEN it is refused, on the service's own platform at once", async () => {
  refused({}, HTTP, { hasPlatform: false });
  for (const exposure of [Exposure.Assigned, Exposure.Internal]) {
    assert.deepEqual(
      await rejectionsOf(() => {
        const platform = new McpPlatform("mcp", { exposure }).handle;
        new McpService("weather", { platform, image: IMAGE, auth: { edgeTokenValidation: true } });
      }),
      [`McpService: ${HTTP}`],
    );
  }
});

test("GIVEN a name and a certificate WHEN the edge is to validate tokens THEN it passes, also inside the VPC", async () => {
  for (const exposure of [Exposure.Domain, Exposure.Internal]) {
    assert.deepEqual(
      await rejectionsOf(() => {
        const platform = new McpPlatform("mcp", {
          exposure,
          domainName: "mcp.example.com",
          certificateArn: arn("acm", "certificate/12345678-1234-1234-1234-123456789012"),
        }).handle;
        new McpService("weather", { platform, image: IMAGE, auth: { edgeTokenValidation: true } });
      }),
      [],
    );
  }
});

test("GIVEN deployments that shift traffic WHEN the edge is to validate tokens THEN it is refused", () => {
  const message =
    "`auth.edgeTokenValidation` is true, but `deploymentStrategy` shifts traffic: ECS moves the weights of one rule, and this takes another one beside it." +
    " Leave one of them out.";
  refused({}, message, { shiftsTraffic: true });
  assertRefused(
    () =>
      new McpService("weather", {
        platform: { ...HANDLE },
        image: IMAGE,
        deploymentStrategy: DeploymentStrategy.Canary,
        auth: { edgeTokenValidation: true },
      }),
    `McpService: ${message}`,
  );
});

test("GIVEN another issuer whose keys the load balancer could not fetch WHEN the edge is to validate tokens THEN it is refused", () => {
  const mode = AuthMode.Oidc;
  refused(
    { mode, issuer: ISSUER },
    "`auth.edgeTokenValidation` is true, but `auth.jwksUri` is missing: the load balancer reads no discovery document. Give it the `jwks_uri` of the" +
      " issuer's.",
  );
  for (const jwksUri of ["http://localhost/keys", `https://keys.example.com/${"x".repeat(232)}`]) {
    refused(
      { mode, issuer: ISSUER, jwksUri },
      `\`auth.jwksUri\` is \`${jwksUri}\`; with \`auth.edgeTokenValidation\` give an https address of at most 256 characters, which the load balancer fetches.`,
    );
  }
  refused(
    { mode, issuer: `https://login.example.com/${"x".repeat(231)}`, jwksUri: `${ISSUER}/keys` },
    "`auth.issuer` has 257 characters; with `auth.edgeTokenValidation` a load balancer takes 256. Leave `auth.edgeTokenValidation` out.",
  );
});

test("GIVEN a place that has the first priority of all WHEN the edge is to validate tokens THEN it is refused: nothing comes before it", () => {
  const hostName = "mcp.example.com";
  let index = 0;
  while (rulePriority(`/${index}`, hostName) !== 1) index += 1;
  refused(
    {},
    `\`auth.edgeTokenValidation\` is true, but \`path\` \`/${index}\` of \`hostName\` \`mcp.example.com\` has the first of all rule priorities, and the rule for tokens must come` +
      " before it. Choose another path.",
    { path: `/${index}`, hostName },
  );
});

test("GIVEN an address too long for a claim WHEN the edge is to validate tokens THEN the program fails with the sentence", async () => {
  const origin = `https://${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.example.com`;
  const scope = `${origin}/${"x".repeat(52)}/call`;
  assert.deepEqual(
    await rejectionsOf(
      () =>
        new McpService("weather", {
          platform: { ...HANDLE, origin },
          image: IMAGE,
          path: `/${"x".repeat(52)}`,
          auth: { edgeTokenValidation: true },
        }),
    ),
    [
      `McpService: \`auth.edgeTokenValidation\` is true, but the scope \`${scope}\` has ${scope.length} characters; a load balancer takes 256. Choose a shorter \`path\` or` +
        " `hostName`.",
    ],
  );
});
