import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { McpPlatform, NatGateways, type McpPlatformArgs } from "../../../infra/index.ts";
import { checkPoolRegion, domainPrefix } from "../../../infra/identity/user-pool.ts";
import { ACCOUNT, arn, assertRefused, deploy, rejectionsOf, valueOf } from "../mocks.ts";

const POOL = "aws:cognito/userPool:UserPool";
const DOMAIN = "aws:cognito/userPoolDomain:UserPoolDomain";

const platform = (args: McpPlatformArgs = {}) => deploy(() => new McpPlatform("mcp", args));

test("GIVEN a platform WHEN it is deployed THEN it has a user pool into which only an administrator takes people", async () => {
  const declaration = await platform({ tags: { team: "blue" } });

  assert.deepEqual(declaration.only(POOL, "mcp").inputs, {
    userPoolTier: "ESSENTIALS",
    deletionProtection: "INACTIVE",
    adminCreateUserConfig: { allowAdminCreateUserOnly: true },
    usernameAttributes: ["email"],
    usernameConfiguration: { caseSensitive: false },
    autoVerifiedAttributes: ["email"],
    accountRecoverySetting: { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] },
    tags: { team: "blue" },
  });
});

test("GIVEN a platform WHEN it is deployed THEN its pool has a domain with the managed login, which goes before another one comes", async () => {
  const { inputs, deleteBeforeReplace } = (await platform()).only(DOMAIN, "mcp");

  assert.match(String(inputs["domain"]), /^mcp-[0-9a-f]{20}$/u);
  assert.deepEqual(inputs, {
    userPoolId: "mcp-id",
    domain: inputs["domain"],
    managedLoginVersion: 2,
  });
  assert.equal(deleteBeforeReplace, true);
});

test("GIVEN a platform's name, stack, project and account WHEN the prefix is made THEN each of them makes another one, the same for ever", async () => {
  const prefix = async (name: string, account: string, stack: string): Promise<string> =>
    (await deploy(() => domainPrefix(name, account), { stack })).result;

  assert.equal(await prefix("mcp", ACCOUNT, "dev"), "mcp-277da368205a4d30fb47");
  const others = [
    await prefix("mcp", ACCOUNT, "dev"),
    await prefix("mcp", ACCOUNT, "live"),
    await prefix("tools", ACCOUNT, "dev"),
    await prefix("mcp", "210987654321", "dev"),
  ];
  assert.equal(new Set(others).size, others.length);
});

test("GIVEN deletion protection WHEN a platform is deployed THEN its pool has it", async () => {
  for (const userPoolDeletionProtection of [true, pulumi.output(true)]) {
    const declaration = await platform({ userPoolDeletionProtection });
    assert.equal(declaration.only(POOL).inputs["deletionProtection"], "ACTIVE");
    // That of the load balancer is another matter.
    const { enableDeletionProtection } = declaration.only(
      "aws:lb/loadBalancer:LoadBalancer",
    ).inputs;
    assert.equal(enableDeletionProtection, false);
  }
});

test("GIVEN a platform WHEN it is deployed THEN its handle tells services of the pool", async () => {
  const declaration = await platform();
  const { userPool } = await valueOf(declaration.result.handle);
  const origin = `https://${String(declaration.only(DOMAIN).inputs["domain"])}.auth.us-east-1.amazoncognito.com`;

  assert.deepEqual(userPool, {
    id: "mcp-id",
    arn: arn("cognito-idp", "userpool/mcp-id"),
    issuer: "https://cognito-idp.us-east-1.amazonaws.com/mcp-id",
    tokenEndpoint: `${origin}/oauth2/token`,
    authorizationEndpoint: `${origin}/oauth2/authorize`,
  });
});

test("GIVEN a pool that exists WHEN a platform is deployed THEN nothing is made, and its handle tells services of that one", async () => {
  for (const [domain, origin] of [
    ["my-team", "https://my-team.auth.us-east-1.amazoncognito.com"],
    ["auth.example.com", "https://auth.example.com"],
  ] as const) {
    const userPool = { userPoolId: "us-east-1_Ab12Cd34E", domain: pulumi.output(domain) };
    const declaration = await platform({ userPool });

    assert.deepEqual(
      declaration.inventory().filter((resource) => resource.startsWith("aws:cognito/")),
      [],
    );
    assert.deepEqual((await valueOf(declaration.result.handle)).userPool, {
      id: "us-east-1_Ab12Cd34E",
      arn: arn("cognito-idp", "userpool/us-east-1_Ab12Cd34E"),
      issuer: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab12Cd34E",
      tokenEndpoint: `${origin}/oauth2/token`,
      authorizationEndpoint: `${origin}/oauth2/authorize`,
    });
  }
});

test("GIVEN no pool wanted, or none that services could reach WHEN a platform is deployed THEN it has none, and says so", async () => {
  for (const args of [{ createUserPool: false }, { natGateways: NatGateways.None }]) {
    const declaration = await platform(args);
    const { userPool } = await valueOf(declaration.result.handle);

    assert.ok(!declaration.inventory().some((resource) => resource.startsWith("aws:cognito/")));
    assert.deepEqual([...new Set(Object.values(userPool))], [""]);
  }
});

const refused = (args: McpPlatformArgs, message: string): void => {
  assertRefused(() => new McpPlatform("mcp", args), `McpPlatform: ${message}`);
};

const EXISTING = { userPoolId: "us-east-1_Ab12Cd34E", domain: "my-team" };

test("GIVEN arguments that contradict each other WHEN a platform is constructed THEN it is refused", () => {
  for (const createUserPool of [true, false]) {
    refused(
      { userPool: EXISTING, createUserPool },
      "`createUserPool` is given beside `userPool`, the pool to use. Leave one of them out.",
    );
  }
  for (const args of [
    { userPool: EXISTING },
    { createUserPool: false },
    { natGateways: NatGateways.None },
  ]) {
    refused(
      { ...args, userPoolDeletionProtection: true },
      "`userPoolDeletionProtection` is given, but no user pool is made here. Leave it out.",
    );
  }
});

test("GIVEN tasks that reach AWS alone, or Cognito by an endpoint WHEN a platform has a pool THEN it is refused: its keys would be out of reach", () => {
  for (const [argument, args] of [
    ["userPool", { userPool: EXISTING }],
    ["createUserPool", { createUserPool: true }],
  ] as const) {
    refused(
      { ...args, natGateways: NatGateways.None },
      `\`${argument}\` is given, but \`natGateways\` is \`none\`: services could not fetch the pool's keys, since Cognito serves no pool that has a domain through VPC` +
        " endpoints. Leave it out, or let tasks reach the internet.",
    );
  }
  refused(
    { interfaceEndpoints: ["cognito-idp"] },
    "`interfaceEndpoints` has `cognito-idp`, through which Cognito serves no pool that has a domain: services could not fetch the keys of the" +
      " platform's pool. Leave it out, or set `createUserPool` to false.",
  );
});

test("GIVEN an id or a domain that no pool has WHEN a platform is constructed THEN it is refused", () => {
  for (const userPoolId of ["us-east-1", "Ab12Cd34E", "us-east-1_Ab-12", arn("cognito-idp", "x")]) {
    refused(
      { userPool: { ...EXISTING, userPoolId } },
      `\`userPool.userPoolId\` is \`${userPoolId}\`, which is no id of a user pool; give one such as \`eu-central-1_Ab12Cd34E\`.`,
    );
  }
  for (const domain of ["https://auth.example.com", "My-Team", "-team", "auth.example.com/", ""]) {
    refused(
      { userPool: { ...EXISTING, domain } },
      `\`userPool.domain\` is \`${domain}\`; give the pool's prefix, such as \`my-team\`, or its whole host name, such as \`auth.example.com\`, without scheme and` +
        " path.",
    );
  }
});

test("GIVEN a pool in another region WHEN a platform is deployed THEN the program fails: its clients would be looked for here", async () => {
  const message =
    "McpPlatform: `userPool.userPoolId` is `eu-central-1_Ab12Cd34E`, a user pool of eu-central-1, but the stack is in us-east-1, where the clients of" +
    " services are made. Give a pool of that region, or leave `userPool` out to have one made.";
  assert.deepEqual(
    await rejectionsOf(
      () =>
        new McpPlatform("mcp", { userPool: { ...EXISTING, userPoolId: "eu-central-1_Ab12Cd34E" } }),
    ),
    [message],
  );
  checkPoolRegion("McpPlatform", "eu-central-1_Ab12Cd34E", "eu-central-1");
});
