import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { checkVariables, contractEnvironment, mergeEnvironment } from "../../infra/contract.ts";
import { AuthMode, AuthorizationServerMetadata } from "../../infra/identity/identity.ts";
import { createServiceIdentity } from "../../infra/identity/service-identity.ts";
import { NO_USER_POOL } from "../../infra/identity/user-pool.ts";
import { withDefaults, type McpServiceArgs } from "../../infra/service-args.ts";
import { arn, assertRefused, deploy, rejectionsOf, valueOf } from "./mocks.ts";

async function contract(
  args: McpServiceArgs,
  auth: Readonly<Record<string, pulumi.Input<string>>> = { AUTH_MODE: "oidc" },
): Promise<Record<string, string>> {
  const { result } = await deploy(() =>
    contractEnvironment(
      args,
      withDefaults(args),
      60,
      pulumi.output("https://mcp.example.com/mcp"),
      auth,
    ),
  );
  return valueOf(result);
}

test("GIVEN no arguments WHEN the contract is written THEN the container learns the defaults", async () => {
  assert.deepEqual(await contract({}), {
    AUTH_MODE: "oidc",
    CALL_TIMEOUT_SECONDS: "60",
    DRAIN_SECONDS: "10",
    KEEP_ALIVE_SECONDS: "75",
    MAX_ONGOING_REQUESTS: "100",
    MCP_PATH: "/mcp",
    MCP_PUBLIC_URL: "https://mcp.example.com/mcp",
    PORT: "8080",
    STREAM_KEEP_ALIVE_SECONDS: "15",
  });
});

test("GIVEN every argument WHEN the contract is written THEN each has its variable", async () => {
  assert.deepEqual(
    await contract(
      {
        path: "/weather/mcp",
        port: pulumi.output(3000),
        maxOngoingRequests: Promise.resolve(8),
        longestCallSeconds: pulumi.output(900),
        drainSeconds: 0,
        allowedHosts: ["mcp.example.org", pulumi.output("mcp.example.net")],
        allowedOrigins: pulumi.output(["app.example.com"]),
      },
      { AUTH_MODE: "oidc", AUTH_ISSUER: pulumi.output("https://login.example.com") },
    ),
    {
      AUTH_ISSUER: "https://login.example.com",
      AUTH_MODE: "oidc",
      CALL_TIMEOUT_SECONDS: "900",
      DRAIN_SECONDS: "0",
      KEEP_ALIVE_SECONDS: "75",
      MAX_ONGOING_REQUESTS: "8",
      MCP_ALLOWED_HOSTS: "mcp.example.org,mcp.example.net",
      MCP_ALLOWED_ORIGINS: "app.example.com",
      MCP_PATH: "/weather/mcp",
      MCP_PUBLIC_URL: "https://mcp.example.com/mcp",
      PORT: "3000",
      STREAM_KEEP_ALIVE_SECONDS: "15",
    },
  );
});

test("GIVEN empty lists WHEN the contract is written THEN they are not declared at all", async () => {
  const environment = await contract(
    { allowedHosts: [], allowedOrigins: [] },
    { AUTH_MODE: "oidc", AUTH_AUDIENCES: pulumi.output("") },
  );

  assert.ok(!("AUTH_AUDIENCES" in environment));
  assert.ok(!("MCP_ALLOWED_HOSTS" in environment));
  assert.ok(!("MCP_ALLOWED_ORIGINS" in environment));
});

/** The contract behind a load balancer with this idle timeout. */
async function behind(idleTimeoutSeconds: number): Promise<Record<string, string>> {
  const { result } = await deploy(() =>
    contractEnvironment(
      {},
      withDefaults({}),
      pulumi.output(idleTimeoutSeconds),
      "http://x/mcp",
      {},
    ),
  );
  return valueOf(result);
}

test("GIVEN an idle timeout of the load balancer WHEN the contract is written THEN the container's connections outlive it", async () => {
  for (const idleTimeoutSeconds of [1, 60, 4000]) {
    const { KEEP_ALIVE_SECONDS } = await behind(idleTimeoutSeconds);
    assert.equal(KEEP_ALIVE_SECONDS, String(idleTimeoutSeconds + 15));
  }
});

test("GIVEN an idle timeout of the load balancer WHEN the contract is written THEN streams say something three times within it, and every 15 seconds", async () => {
  const idleTimeouts = [1, 2, 3, 5, 6, 44, 45, 60, 4000];
  const keepAlives = [];
  for (const idleTimeoutSeconds of idleTimeouts) {
    keepAlives.push((await behind(idleTimeoutSeconds))["STREAM_KEEP_ALIVE_SECONDS"]);
  }

  assert.deepEqual(keepAlives, ["1", "1", "1", "1", "2", "14", "15", "15", "15"]);
});

test("GIVEN a bundled server's variables and the user's WHEN they are merged THEN the user's replace them, and the contract's stand", async () => {
  const { result } = await deploy(() =>
    mergeEnvironment(
      { WEATHER_API_URL: "https://api.weather.gov", KEPT: "bundled" },
      pulumi.output({ WEATHER_API_URL: "https://weather.example", MINE: pulumi.output("mine") }),
      { PORT: "8080" },
    ),
  );

  assert.deepEqual(await valueOf(result), {
    WEATHER_API_URL: "https://weather.example",
    KEPT: "bundled",
    MINE: "mine",
    PORT: "8080",
  });
});

type Given = Parameters<typeof checkVariables>[1];

/** Checks now; what only comes out later must be nothing. */
async function passes(environment: Given, secrets: Given, bundled = {}): Promise<void> {
  assert.deepEqual(
    await rejectionsOf(() => {
      checkVariables("McpService", environment, secrets, bundled);
    }),
    [],
  );
}

/** Refuses at once. */
function refused(environment: Given, secrets: Given, bundled: object, message: string): void {
  assertRefused(() => {
    checkVariables("McpService", environment, secrets, { ...bundled });
  }, `McpService: ${message}`);
}

/** Refuses as soon as the values are known. */
async function rejected(environment: Given, secrets: Given, ...messages: string[]): Promise<void> {
  assert.deepEqual(
    await rejectionsOf(() => {
      checkVariables("McpService", environment, secrets, {});
    }),
    messages.map((message) => `McpService: ${message}`).sort(),
  );
}

const KEY = arn("ssm", "parameter/key");
const ITSELF = ", which the component sets itself";
/** The variables of the contract, and where the component has them from. */
const RESERVED: Readonly<Record<string, string>> = {
  AUTH_AUDIENCES: ", from `auth`",
  AUTH_AUTHORIZATION_SERVER_METADATA: ", from `auth`",
  AUTH_CLIENT_IDS: ", from `auth`",
  AUTH_CLOCK_SKEW_SECONDS: ", from `auth`",
  AUTH_ISSUER: ", from `auth`",
  AUTH_JWKS_URI: ", from `auth`",
  AUTH_MODE: ", from `auth`",
  AUTH_REQUIRED_SCOPES: ", from `auth`",
  AUTH_SCOPE_PREFIX: ", from `auth`",
  AUTH_STATIC_TOKENS: ", from `auth`",
  CALL_TIMEOUT_SECONDS: ", from `longestCallSeconds`",
  DRAIN_SECONDS: ", from `drainSeconds`",
  // What the container listens on, which the load balancer must reach.
  HOST: "",
  KEEP_ALIVE_SECONDS: ", from the platform's `idleTimeoutSeconds`",
  MAX_ONGOING_REQUESTS: ", from `maxOngoingRequests`",
  MCP_ALLOWED_HOSTS: ", from `allowedHosts`",
  MCP_ALLOWED_ORIGINS: ", from `allowedOrigins`",
  MCP_PATH: ", from `path`",
  MCP_PUBLIC_URL: ", from the platform's `domainName`",
  MCP_STATE_KEY: "",
  PORT: ", from `port`",
  STREAM_KEEP_ALIVE_SECONDS: ", from the platform's `idleTimeoutSeconds`",
};
const BOTH =
  " stands in `secrets` and in `environment` (or among a bundled server's own variables); ECS takes each name once. Keep one of them.";
const SECRET =
  "`environment` has a secret value, which would stand in plain text in the task definition. Put it into Secrets Manager or a" +
  " parameter, and name its ARN in `secrets`.";
const VALUE_FROM =
  "; give the ARN of a Secrets Manager secret, followed by `:key::` for one key of a JSON value, or the ARN of an SSM parameter.";

test("GIVEN a variable that the contract sets WHEN the user sets it too THEN it is refused", async () => {
  const { result: identity } = await deploy(() =>
    createServiceIdentity(
      "weather",
      {
        auth: {
          mode: AuthMode.Oidc,
          issuer: "https://login.example.com",
          jwksUri: "https://login.example.com/keys",
          audiences: ["a"],
          clientIds: ["b"],
          requiredScopes: ["c"],
          scopePrefix: "d/",
          authorizationServerMetadata: AuthorizationServerMetadata.Self,
          clockSkewSeconds: 0,
        },
        userPool: pulumi.output(NO_USER_POOL),
        url: pulumi.output("https://mcp.example.com/mcp"),
        region: "us-east-1",
        kmsKeyArn: pulumi.output(""),
        tags: undefined,
      },
      {},
    ),
  );
  const set = await contract(
    { allowedHosts: ["a.example"], allowedOrigins: ["b.example"] },
    identity.environment,
  );
  assert.deepEqual(
    Object.keys(RESERVED),
    [...Object.keys(set), "AUTH_STATIC_TOKENS", "HOST", "MCP_STATE_KEY"].sort(),
  );
  for (const [name, source] of Object.entries(RESERVED)) {
    const values = { MINE: KEY, [name]: KEY };
    const says = `\`${name}\`${ITSELF}${source}. Leave it out of`;
    refused(values, undefined, {}, `\`environment\` sets ${says} \`environment\`.`);
    refused(undefined, values, {}, `\`secrets\` sets ${says} \`secrets\`.`);
  }
  refused(
    { PORT: "1", MINE: "2", MCP_PATH: "3", AUTH_MODE: "none", HOST: "::", AUTH_STATIC_TOKENS: "4" },
    {},
    {},
    `\`environment\` sets \`PORT\`, \`MCP_PATH\`, \`AUTH_MODE\`, \`HOST\`, \`AUTH_STATIC_TOKENS\`${ITSELF}, from \`port\`, \`path\`, \`auth\`.` +
      " Leave them out of `environment`.",
  );
});

test("GIVEN a variable that the contract sets WHEN it is in an output THEN the program fails with the sentence", async () => {
  await rejected(
    pulumi.output({ PORT: "1" }),
    undefined,
    `\`environment\` sets \`PORT\`${ITSELF}, from \`port\`. Leave it out of \`environment\`.`,
  );
  await rejected(
    undefined,
    Promise.resolve({ HOST: KEY }),
    `\`secrets\` sets \`HOST\`${ITSELF}. Leave it out of \`secrets\`.`,
  );
});

test("GIVEN variables of the user's own WHEN they are checked THEN they pass", async () => {
  await passes(undefined, undefined);
  await passes({}, {});
  await passes(
    {
      LOG_LEVEL: "debug",
      MAX_BODY_BYTES: pulumi.output("9"),
      port: "1",
      MY_PORT: "2",
      WEATHER_API_URL: "https://weather.example",
    },
    { KEY, TOKEN: pulumi.output(KEY) },
    { WEATHER_API_URL: "https://api.weather.gov" },
  );
  await passes(pulumi.output({ MINE: "mine" }), pulumi.output({ KEY }));
});

test("GIVEN one name in `environment` and `secrets` WHEN they are checked THEN it is refused: AWS would refuse it", async () => {
  refused({ KEY: "plain" }, { KEY }, {}, `\`KEY\`${BOTH}`);
  refused({ A: "1", B: "2", C: "3" }, { C: KEY, D: KEY, A: KEY }, {}, `\`C\`, \`A\`${BOTH}`);
  refused({}, { URL: KEY }, { URL: "https://api.example" }, `\`URL\`${BOTH}`);
  await rejected(pulumi.output({ KEY: "plain" }), { KEY }, `\`KEY\`${BOTH}`);
  await rejected({ KEY: "plain" }, pulumi.output({ KEY }), `\`KEY\`${BOTH}`);
});

test("GIVEN a name of the bundled server's in `secrets`, and no `environment` WHEN they are checked THEN it is refused: AWS would refuse it", () => {
  refused(undefined, { URL: KEY }, { URL: "https://api.example" }, `\`URL\`${BOTH}`);
});

test("GIVEN a secret whose name every object inherits WHEN it is checked THEN it passes: nobody else has set it", async () => {
  await passes({}, { constructor: KEY });
});

test("GIVEN a secret value in `environment` WHEN it is checked THEN the program fails: it would stand in plain text", async () => {
  await rejected({ MINE: "mine", KEY: pulumi.secret("hidden") }, {}, SECRET);
  await rejected(pulumi.secret({ KEY: "hidden" }), undefined, SECRET);
  await rejected(pulumi.output({ KEY: pulumi.secret("hidden") }), undefined, SECRET);
});

test("GIVEN secret values in `secrets` WHEN they are checked THEN they pass: an ARN shows nothing", async () => {
  await passes({}, { KEY: pulumi.secret(KEY) });
});

test("GIVEN ARNs of secrets and parameters WHEN they are checked THEN they pass", async () => {
  const secret = arn("secretsmanager", "secret:team/key-AbCdEf");
  await passes(undefined, {
    SECRET: secret,
    FIELD: `${secret}:password::`,
    STAGE: `${secret}:password:AWSPREVIOUS:`,
    VERSION: `${secret}:::9d4cb84b-ad69-40c0-a0ab-cead36b967e8`,
    PARAMETER: arn("ssm", "parameter/team/key"),
    CHINA: "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/key",
  });
});

test("GIVEN text in `secrets` that AWS would not take as `valueFrom` WHEN it is checked THEN it is refused", async () => {
  const unfit = [
    "",
    "secret",
    "/team/parameter",
    "arn:aws:s3:::bucket/key",
    arn("ssm", "document/key"),
    arn("ssm", "parameter/"),
    arn("secretsmanager", "secret:"),
    arn("secretsmanager", "key-AbCdEf"),
    "arn:aws:secretsmanager:us-east-1:1234:secret:key-AbCdEf",
    `${arn("secretsmanager", "secret:key-AbCdEf")}:json-key-without-its-colons`,
    `${arn("secretsmanager", "secret:key-AbCdEf")}:json-key:stage`,
    `${arn("secretsmanager", "secret:key-AbCdEf")}::::`,
  ];
  for (const valueFrom of unfit) {
    const message = `\`secrets.KEY\` is not the ARN of a secret${VALUE_FROM}`;
    refused(undefined, { MINE: KEY, KEY: valueFrom }, {}, message);
    await rejected({}, { KEY: pulumi.output(valueFrom) }, message);
    await rejected({}, pulumi.output({ KEY: valueFrom }), message);
  }
});

test("GIVEN blanks in `valueFrom` WHEN it is checked THEN it is refused: no ARN of a secret or a parameter has any", () => {
  const message = `\`secrets.KEY\` is not the ARN of a secret${VALUE_FROM}`;
  refused(undefined, { KEY: `${KEY}\n` }, {}, message);
});

test("GIVEN a secret itself in place of its ARN WHEN it is refused THEN the sentence does not show it", async () => {
  const rejections = await rejectionsOf(() => {
    checkVariables("McpService", {}, { KEY: pulumi.secret("hidden") }, {});
  });

  assert.equal(rejections.length, 1);
  assert.doesNotMatch(String(rejections), /hidden/u);
});
