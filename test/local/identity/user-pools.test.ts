import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LocalError, type Graph, type GraphResource } from "../../../local/graph/graph.ts";
import { atLocalAddresses, localAddress } from "../../../local/identity/local-address.ts";
import { readUserPools } from "../../../local/identity/user-pools.ts";
import {
  branding,
  CALLBACK,
  DECLARED,
  domain,
  graphOf,
  machine,
  MACHINE_ID,
  person,
  PERSON_ID,
  pool,
  POOL_ID,
  resource,
  SECRET,
  server,
  whole,
} from "./graphs.ts";

const MACHINE = {
  name: "weather-machine",
  id: MACHINE_ID,
  secret: SECRET,
  flows: ["client_credentials"],
  scopes: [`${DECLARED}/call`, `${DECLARED}/read`],
  callbackUrls: [],
  accessTokenSeconds: 3600,
  idTokenSeconds: 3600,
  refreshTokenSeconds: 2_592_000,
  rotationGraceSeconds: undefined,
};

describe("GIVEN a program with a user pool", () => {
  test("WHEN it is read THEN the pool is what Cognito would serve, with its defaults", () => {
    assert.deepEqual(readUserPools(whole()), [
      {
        id: POOL_ID,
        name: "platform",
        issuer: `https://cognito-idp.eu-central-1.amazonaws.com/${POOL_ID}`,
        bindsResources: true,
        domains: [
          {
            domain: "mcp-1a2b3c",
            origin: "https://mcp-1a2b3c.auth.eu-central-1.amazoncognito.com",
          },
        ],
        resourceServers: [{ identifier: DECLARED, scopeNames: ["call", "read"] }],
        clients: [
          MACHINE,
          {
            ...MACHINE,
            name: "weather-person",
            id: PERSON_ID,
            secret: undefined,
            flows: ["code"],
            scopes: ["openid", "email", `${DECLARED}/call`],
            callbackUrls: [CALLBACK],
          },
        ],
      },
    ]);
  });

  test("WHEN times have units and refresh tokens rotate THEN the model has seconds", () => {
    const client = person({
      accessTokenValidity: 10,
      idTokenValidity: 300,
      refreshTokenValidity: 90,
      tokenValidityUnits: { accessToken: "minutes", idToken: "seconds", refreshToken: "minutes" },
      refreshTokenRotation: { feature: "ENABLED", retryGracePeriodSeconds: 10 },
    });
    const [read] = readUserPools(graphOf(pool(), domain(), server(), client, branding()));
    const { accessTokenSeconds, idTokenSeconds, refreshTokenSeconds, rotationGraceSeconds } =
      read?.clients[0] ?? {};
    assert.deepEqual(
      [accessTokenSeconds, idTokenSeconds, refreshTokenSeconds, rotationGraceSeconds],
      [600, 300, 5400, 10],
    );
  });

  test("WHEN the pool exists already THEN it is known by what the program adds to it, and foreign scopes are let pass", () => {
    const [read] = readUserPools(
      graphOf(server(), machine({ allowedOauthScopes: ["somebody-else/read"] })),
    );
    assert.deepEqual(
      [read?.id, read?.name, read?.domains, read?.clients[0]?.scopes],
      [POOL_ID, undefined, [], ["somebody-else/read"]],
    );
  });

  test("WHEN it has a domain of its own THEN that is its origin", () => {
    const own = domain({ domain: "auth.example.com", certificateArn: "arn:certificate" });
    const [read] = readUserPools(graphOf(pool(), own));
    assert.deepEqual(read?.domains, [
      { domain: "auth.example.com", origin: "https://auth.example.com" },
    ]);
  });

  test("WHEN a client has no OAuth at all THEN it needs neither a domain nor a flow", () => {
    const plain = resource("UserPoolClient", "sdk", "sdk", { userPoolId: POOL_ID });
    const [read] = readUserPools(graphOf(pool(), plain));
    assert.deepEqual([read?.clients[0]?.flows, read?.clients[0]?.secret], [[], undefined]);
  });

  test("WHEN the scope comes by way of another resource THEN the client depends on its resource server all the same", () => {
    const between = resource(
      "UserGroup",
      "between",
      "between",
      {},
      { dependencies: ["urn:weather"] },
    );
    const client = machine({}, { dependencies: ["urn:between"] });
    assert.equal(readUserPools(graphOf(pool(), domain(), server(), between, client)).length, 1);
  });

  test("WHEN a program has none THEN there is none", () => {
    assert.deepEqual(readUserPools(graphOf()), []);
  });

  test("WHEN the answers hold no secret THEN that is a mistake of ours, not of the program", () => {
    const client = machine({}, { outputs: {} });
    assert.throws(
      () => readUserPools(graphOf(pool(), domain(), server(), client)),
      new Error("The answer to `urn:weather-machine` holds no client secret."),
    );
  });
});

describe("GIVEN addresses that are elsewhere", () => {
  const origins = new Map([["https://mcp.example.com", "http://127.0.0.1:8000"]]);

  test("WHEN a pool is moved here THEN identifiers and scopes move along, and nothing else does", () => {
    const [declared] = readUserPools(whole());
    assert.ok(declared);
    const moved = atLocalAddresses(declared, origins);
    assert.deepEqual(moved.resourceServers, [
      { identifier: "http://127.0.0.1:8000/mcp", scopeNames: ["call", "read"] },
    ]);
    assert.deepEqual(
      moved.clients.map(({ scopes }) => scopes),
      [
        ["http://127.0.0.1:8000/mcp/call", "http://127.0.0.1:8000/mcp/read"],
        ["openid", "email", "http://127.0.0.1:8000/mcp/call"],
      ],
    );
    assert.deepEqual([moved.issuer, moved.domains], [declared.issuer, declared.domains]);
  });

  test("WHEN an address only begins like one of them THEN it stays", () => {
    assert.equal(localAddress("https://mcp.example.com", origins), "http://127.0.0.1:8000");
    assert.equal(
      localAddress("https://mcp.example.com.evil/a", origins),
      "https://mcp.example.com.evil/a",
    );
  });
});

const withMachine = (inputs: Record<string, unknown>, more: Partial<GraphResource> = {}): Graph =>
  graphOf(pool(), domain(), server(), machine(inputs, more));
const withPerson = (inputs: Record<string, unknown>): Graph =>
  graphOf(pool(), domain(), server(), person(inputs), branding());
const withServer = (inputs: Record<string, unknown>): Graph => graphOf(pool(), server(inputs));
const withDomain = (inputs: Record<string, unknown>): Graph => graphOf(pool(), domain(inputs));
const CALLBACK_WAY_OUT =
  " Take an https address, one of a scheme of your own, or for programs on people's own machines `http://localhost`, `http://127.0.0.1` or `http://[::1]`.";

const MISTAKES: readonly (readonly [what: string, graph: Graph, sentence: string])[] = [
  [
    "machines share a client with people",
    withMachine({ allowedOauthFlows: ["client_credentials", "code"], callbackUrls: [CALLBACK] }),
    "The UserPoolClient `weather-machine` has the flow `client_credentials` beside others; Cognito takes it alone. Declare a client for machines, and another one for people.",
  ],
  [
    "a machine has no secret",
    withMachine({ generateSecret: false }),
    "The UserPoolClient `weather-machine` has the flow `client_credentials` and no secret, so that it could not prove who it is. Set `generateSecret: true`.",
  ],
  [
    "a machine asks for a person's scope",
    withMachine({ allowedOauthScopes: ["openid", `${DECLARED}/call`] }),
    "The UserPoolClient `weather-machine` has the flow `client_credentials` and the scope `openid`, which is about people. Machines get scopes of resource servers alone.",
  ],
  [
    "a machine has no scope",
    withMachine({ allowedOauthScopes: [] }),
    "The UserPoolClient `weather-machine` may use OAuth, but has no scope; Cognito wants at least one of `allowedOauthFlows` and of `allowedOauthScopes`.",
  ],
  [
    "a client has scopes without a flow",
    withMachine({ allowedOauthFlows: [] }),
    "The UserPoolClient `weather-machine` may use OAuth, but has no flow; Cognito wants at least one of `allowedOauthFlows` and of `allowedOauthScopes`.",
  ],
  [
    "a scope is misspelt",
    withMachine({ allowedOauthScopes: [`${DECLARED}/cal`] }),
    "The UserPoolClient `weather-machine` has the scope `https://mcp.example.com/mcp/cal`, which no resource server of its pool has. Declare it in an `aws.cognito.ResourceServer`, or leave it out.",
  ],
  [
    "a client may be made before its resource server",
    withMachine({}, { dependencies: [] }),
    "The UserPoolClient `weather-machine` has the scope `https://mcp.example.com/mcp/call` but does not depend on the ResourceServer `weather`: made before it, Cognito would refuse the scope. Add it to `dependsOn`, or take the scope from its `scopeIdentifiers`.",
  ],
  [
    "a client has too many scopes",
    withMachine({ allowedOauthScopes: Array.from({ length: 51 }, (_, index) => `a/${index}`) }),
    "The UserPoolClient `weather-machine` has 51 scopes; Cognito takes 50 a client. Declare fewer.",
  ],
  [
    "OAuth is not switched on",
    withMachine({ allowedOauthFlowsUserPoolClient: false }),
    "The UserPoolClient `weather-machine` has flows, scopes or callback URLs without `allowedOauthFlowsUserPoolClient: true`: Cognito would answer `invalid_grant` to it. Set that.",
  ],
  [
    "a flow is written in another way",
    withMachine({ allowedOauthFlows: ["clientCredentials"] }),
    "The UserPoolClient `weather-machine` has the flow `clientCredentials`, which Cognito does not know. Take `code` or `client_credentials`.",
  ],
  [
    "a client uses the implicit flow",
    withPerson({ allowedOauthFlows: ["implicit"] }),
    "The UserPoolClient `weather-person` has the flow `implicit`, which is not modelled here: OAuth 2.1 has dropped it, and no MCP client uses it. Take `code`.",
  ],
  [
    "a callback URL is not encrypted",
    withPerson({ callbackUrls: ["http://app.example.com/callback"] }),
    `The UserPoolClient \`weather-person\` has the callback URL \`http://app.example.com/callback\`, which is not encrypted.${CALLBACK_WAY_OUT}`,
  ],
  [
    "a callback URL has a fragment",
    withPerson({ callbackUrls: ["https://app.example.com/#callback"] }),
    `The UserPoolClient \`weather-person\` has the callback URL \`https://app.example.com/#callback\`, which has a fragment.${CALLBACK_WAY_OUT}`,
  ],
  [
    "a callback URL is a path",
    withPerson({ callbackUrls: ["/callback"] }),
    `The UserPoolClient \`weather-person\` has the callback URL \`/callback\`, which is no absolute URL.${CALLBACK_WAY_OUT}`,
  ],
  [
    "a callback URL is too long",
    withPerson({ callbackUrls: [`https://app.example.com/${"a".repeat(1001)}`] }),
    `The UserPoolClient \`weather-person\` has the callback URL \`https://app.example.com/${"a".repeat(1001)}\`, which is longer than 1024 characters.${CALLBACK_WAY_OUT}`,
  ],
  [
    "there are too many callback URLs",
    withPerson({ callbackUrls: Array.from({ length: 101 }, () => CALLBACK) }),
    "The UserPoolClient `weather-person` has 101 callback URLs; Cognito takes 100. Declare fewer.",
  ],
  [
    "people cannot come back",
    withPerson({ callbackUrls: [] }),
    "The UserPoolClient `weather-person` has the flow `code` and no callback URL: Cognito could send nobody back. Give it `callbackUrls`.",
  ],
  [
    "nobody can sign in",
    withPerson({ supportedIdentityProviders: [] }),
    'The UserPoolClient `weather-person` has the flow `code` and no identity provider: nobody could sign in. Set `supportedIdentityProviders: ["COGNITO"]` for the users of the pool.',
  ],
  [
    "the managed login has no branding",
    graphOf(pool(), domain(), server(), person()),
    "The UserPoolClient `weather-person` has the flow `code` and no ManagedLoginBranding, while its domain has version 2 of the managed login: people would see an error instead of the sign-in page. Declare an `aws.cognito.ManagedLoginBranding` for it.",
  ],
  [
    "refresh tokens both rotate and do not",
    withPerson({
      refreshTokenRotation: { feature: "ENABLED" },
      explicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH"],
    }),
    "The UserPoolClient `weather-person` rotates refresh tokens and has `ALLOW_REFRESH_TOKEN_AUTH`, which would give them out without rotation; Cognito refuses both together. Leave one out.",
  ],
  [
    "access tokens live too long",
    withMachine({ accessTokenValidity: 25 }),
    "The UserPoolClient `weather-machine` has `accessTokenValidity: 25`, in hours. Cognito takes whole numbers, 5 minutes to 1 day.",
  ],
  [
    "ID tokens do not live long enough",
    withPerson({ idTokenValidity: 299, tokenValidityUnits: { idToken: "seconds" } }),
    "The UserPoolClient `weather-person` has `idTokenValidity: 299`, in seconds. Cognito takes whole numbers, 5 minutes to 1 day.",
  ],
  [
    "refresh tokens live too long",
    withPerson({ refreshTokenValidity: 3651 }),
    "The UserPoolClient `weather-person` has `refreshTokenValidity: 3651`, in days. Cognito takes whole numbers, 60 minutes to 10 years.",
  ],
  [
    "an identifier has a space",
    withServer({ identifier: "the weather" }),
    'The ResourceServer `weather` has the identifier `the weather`. Cognito takes 1–256 printable ASCII characters without spaces, `"` and `\\`.',
  ],
  [
    "an address is a name",
    withServer({ name: DECLARED }),
    "The ResourceServer `weather` has the name `https://mcp.example.com/mcp`. Cognito takes 1–256 letters, digits, spaces and `_+=,.@-`; an address belongs into `identifier`.",
  ],
  [
    "a scope's name has a slash",
    withServer({ scopes: [{ scopeName: "read/all", scopeDescription: "Read." }] }),
    'The ResourceServer `weather` has the scope `read/all`. Cognito takes 1–256 printable ASCII characters without spaces, `"`, `\\` and `/`: tokens name the scope `<identifier>/<scope>`.',
  ],
  [
    "a scope is not described",
    withServer({ scopes: [{ scopeName: "read", scopeDescription: "" }] }),
    "The ResourceServer `weather` describes the scope `read` in 0 characters. Cognito takes 1–256.",
  ],
  [
    "a scope is there twice",
    withServer({
      scopes: [
        { scopeName: "read", scopeDescription: "Read." },
        { scopeName: "read", scopeDescription: "Read." },
      ],
    }),
    "The ResourceServer `weather` has the scope `read` twice. Declare it once.",
  ],
  [
    "a resource server has too many scopes",
    withServer({
      scopes: Array.from({ length: 101 }, (_, index) => ({
        scopeName: `scope-${index}`,
        scopeDescription: "One of many.",
      })),
    }),
    "The ResourceServer `weather` has 101 scopes; Cognito takes 100. Declare fewer.",
  ],
  [
    "a prefix has capitals",
    withDomain({ domain: "MCP" }),
    "The UserPoolDomain `platform-domain` has the prefix `MCP`. Cognito takes 1–63 small letters, digits and hyphens, with no hyphen at either end.",
  ],
  [
    "a prefix has a word of Cognito's",
    withDomain({ domain: "my-awsome-mcp" }),
    "The UserPoolDomain `platform-domain` has the prefix `my-awsome-mcp`, which holds `aws`. Cognito keeps that word for itself; take another prefix.",
  ],
  [
    "a domain of one's own has no certificate",
    withDomain({ domain: "auth.example.com" }),
    "The UserPoolDomain `platform-domain` is `auth.example.com`, a domain of one's own, without a certificate. Give it the `certificateArn` of one in us-east-1, or take a prefix without dots.",
  ],
  [
    "a prefix has a certificate",
    withDomain({ certificateArn: "arn:certificate" }),
    "The UserPoolDomain `platform-domain` is the prefix `mcp-1a2b3c` with a certificate, which only a domain of one's own has. Leave `certificateArn` out, or give it a whole host name.",
  ],
  [
    "a pool has two prefixes",
    graphOf(pool(), domain(), domain({ domain: "other" })),
    "The user pool `platform` has the domains `mcp-1a2b3c` and `other`; Cognito gives a pool one prefix and one domain of its own at most. Declare one `aws.cognito.UserPoolDomain` of each kind.",
  ],
  [
    "two pools have one prefix",
    graphOf(
      pool(),
      domain(),
      resource("UserPool", "other", "eu-central-1_Other1234", {}),
      domain({ userPoolId: "eu-central-1_Other1234" }),
    ),
    "Two user pools have the domain `mcp-1a2b3c`, which Cognito gives once in a region. Give every pool a prefix of its own.",
  ],
  [
    "a pool has clients but no domain",
    graphOf(pool(), server(), machine()),
    "The UserPool `platform` has no UserPoolDomain, so that it has no address where the UserPoolClient `weather-machine` could ask for tokens. Declare an `aws.cognito.UserPoolDomain` of that pool.",
  ],
  [
    "a pool's ARN stands for its id",
    graphOf(server({ userPoolId: "arn:aws:cognito-idp:pool" })),
    "The ResourceServer `weather` is for the user pool `arn:aws:cognito-idp:pool`, which is no id of one. Give it the `id` of an `aws.cognito.UserPool`, such as `eu-central-1_Ab12Cd34E`.",
  ],
];

describe("GIVEN a program that Cognito would refuse, or never serve", () => {
  for (const [what, graph, sentence] of MISTAKES) {
    test(`WHEN ${what} THEN a sentence says so, and the way out`, () => {
      assert.throws(
        () => readUserPools(graph),
        (error) => {
          assert.ok(error instanceof LocalError);
          assert.equal(error.message, sentence);
          return true;
        },
      );
    });
  }
});
