import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigurationError } from "../../service/runtime/configuration-error.ts";
import { readConfiguration } from "../../service/runtime/configuration.ts";

const TOKEN = "0123456789abcdef";
const KEY = "0123456789abcdef0123456789abcdef";

/** The message of the error that an environment causes. */
function refusal(environment: Record<string, string>): string {
  try {
    readConfiguration(environment);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.message;
  }
  return "accepted";
}

describe("GIVEN the container's environment", () => {
  test("WHEN only a token is given THEN everything else has its documented default", () => {
    assert.deepEqual(readConfiguration({ AUTH_STATIC_TOKENS: TOKEN }), {
      host: "0.0.0.0",
      port: 8080,
      path: "/mcp",
      publicUrl: new URL("http://localhost:8080/mcp"),
      allowedHosts: [],
      allowedOrigins: [],
      auth: { mode: "static-token", tokens: [TOKEN] },
      direct: undefined,
      maxBodyBytes: 4_194_304,
      maxOngoingRequests: 100,
      maxSubscriptions: 1024,
      callTimeoutSeconds: 300,
      requestTimeoutSeconds: 60,
      drainSeconds: 10,
      keepAliveSeconds: 75,
      streamKeepAliveSeconds: 15,
      stateKeys: [],
      metrics: "none",
      logLevel: "info",
    });
  });

  test("WHEN every variable is given THEN each one counts", () => {
    assert.deepEqual(
      readConfiguration({
        HOST: "127.0.0.5",
        PORT: "9000",
        MCP_PATH: "/weather/mcp",
        MCP_PUBLIC_URL: "https://mcp.example.com/weather/mcp",
        MCP_DIRECT_URL: "https://tools.example.com/mcp",
        MCP_TOOL_PREFIX: "weather",
        MCP_ALLOWED_HOSTS: "a.example, b.example",
        MCP_ALLOWED_ORIGINS: "app.example",
        AUTH_MODE: "static-token",
        AUTH_STATIC_TOKENS: `${TOKEN},${TOKEN}x`,
        MAX_BODY_BYTES: "2048",
        MAX_ONGOING_REQUESTS: "7",
        MAX_SUBSCRIPTIONS: "5000",
        CALL_TIMEOUT_SECONDS: "90",
        REQUEST_TIMEOUT_SECONDS: "20",
        DRAIN_SECONDS: "0",
        KEEP_ALIVE_SECONDS: "315",
        STREAM_KEEP_ALIVE_SECONDS: "5",
        MCP_STATE_KEY: `${KEY}, ${KEY}x`,
        MCP_METRICS: "emf",
        LOG_LEVEL: "warn",
      }),
      {
        host: "127.0.0.5",
        port: 9000,
        path: "/weather/mcp",
        publicUrl: new URL("https://mcp.example.com/weather/mcp"),
        allowedHosts: ["a.example", "b.example"],
        allowedOrigins: ["app.example"],
        auth: { mode: "static-token", tokens: [TOKEN, `${TOKEN}x`] },
        direct: {
          prefix: "weather",
          gateway: {
            url: new URL("https://tools.example.com/mcp"),
            auth: { mode: "static-token", tokens: [TOKEN, `${TOKEN}x`] },
          },
        },
        maxBodyBytes: 2048,
        maxOngoingRequests: 7,
        maxSubscriptions: 5000,
        callTimeoutSeconds: 90,
        requestTimeoutSeconds: 20,
        drainSeconds: 0,
        keepAliveSeconds: 315,
        streamKeepAliveSeconds: 5,
        stateKeys: [KEY, `${KEY}x`],
        metrics: "emf",
        logLevel: "warn",
      },
    );
  });

  test("WHEN auth is turned off by its explicit word THEN no token is needed", () => {
    assert.deepEqual(readConfiguration({ AUTH_MODE: "none" }).auth, { mode: "none" });
  });

  test("WHEN hosts and origins are names in any case, addresses and schemes of extensions THEN they are taken as they are compared", () => {
    const { allowedHosts, allowedOrigins } = readConfiguration({
      AUTH_MODE: "none",
      MCP_ALLOWED_HOSTS: "A.Example,my_service,10.0.0.1,[::1]",
      MCP_ALLOWED_ORIGINS: "A.Example,moz-extension://*",
    });
    assert.deepEqual(allowedHosts, ["a.example", "my_service", "10.0.0.1", "[::1]"]);
    assert.deepEqual(allowedOrigins, ["a.example", "moz-extension://*"]);
  });

  const refusals: [environment: Record<string, string>, message: string][] = [
    [
      {},
      "`AUTH_STATIC_TOKENS` is not set while `AUTH_MODE` is `static-token`. Give it the token that callers send (several, separated by" +
        " commas, while one is being replaced), or set `AUTH_MODE` to `none` to serve everybody.",
    ],
    [
      { AUTH_STATIC_TOKENS: "short" },
      "A token in `AUTH_STATIC_TOKENS` has fewer than 16 characters and could be guessed. Use a longer one.",
    ],
    [
      { AUTH_MODE: "none", AUTH_STATIC_TOKENS: TOKEN },
      "`AUTH_STATIC_TOKENS` is set while `AUTH_MODE` is `none`: nobody would be asked for the token. Unset one of them.",
    ],
    [{ AUTH_MODE: "off" }, "`AUTH_MODE` (`off`) is neither `static-token`, `oidc` nor `none`."],
    [{ AUTH_STATIC_TOKENS: TOKEN, PORT: "80a" }, "`PORT` (`80a`) is not a whole number."],
    [{ AUTH_STATIC_TOKENS: TOKEN, PORT: "70000" }, "`PORT` (`70000`) is not between 0 and 65535."],
    [
      { AUTH_STATIC_TOKENS: TOKEN, DRAIN_SECONDS: "111", MCP_PUBLIC_URL: "ftp://x" },
      "`MCP_PUBLIC_URL` (`ftp://x`) is not an http or https address. `DRAIN_SECONDS` (`111`) is not between 0 and 110.",
    ],
    [
      { AUTH_STATIC_TOKENS: TOKEN, MCP_PATH: "mcp" },
      "`MCP_PATH` (`mcp`) does not start with `/` or holds characters other than letters, digits and `._/-`.",
    ],
    ...["/a/../b", "/a/.", "/..", "//a", "/a//"].map((path): [Record<string, string>, string] => [
      { AUTH_STATIC_TOKENS: TOKEN, MCP_PATH: path },
      `\`MCP_PATH\` (\`${path}\`) has an empty segment, \`.\` or \`..\`, which clients resolve before they ask.`,
    ]),
    ...[
      ["https://name@x.example/", "https://name@x.example/"],
      ["https://name:secret@x.example/", "https://name:…@x.example/"],
      ["https://x.example/?a", "https://x.example/?a"],
      ["https://x.example/#a", "https://x.example/#a"],
    ].map(([url = "", shown = ""]): [Record<string, string>, string] => [
      { AUTH_STATIC_TOKENS: TOKEN, MCP_PUBLIC_URL: url },
      `\`MCP_PUBLIC_URL\` (\`${shown}\`) has a user, a query or a fragment, which the address of an MCP server cannot have.`,
    ]),
    ...["https://a.example", "a.example:8080", "a.example/mcp", "*", "1234", "[::1"].map(
      (host): [Record<string, string>, string] => [
        { AUTH_STATIC_TOKENS: TOKEN, MCP_ALLOWED_HOSTS: `b.example,${host}` },
        `\`MCP_ALLOWED_HOSTS\` (\`b.example,${host}\`) holds something that is no host name: leave out scheme, port and path.`,
      ],
    ),
    ...["https://a.example", "a.example:8080", "https://*"].map(
      (origin): [Record<string, string>, string] => [
        { AUTH_STATIC_TOKENS: TOKEN, MCP_ALLOWED_ORIGINS: origin },
        `\`MCP_ALLOWED_ORIGINS\` (\`${origin}\`) holds something that is no host name: leave out scheme, port and path (browser extensions` +
          " of any id are `<scheme>://*`).",
      ],
    ),
    [
      { AUTH_STATIC_TOKENS: TOKEN, MCP_STATE_KEY: `${KEY},too-short-to-be-told` },
      "`MCP_STATE_KEY` holds a key of fewer than 32 characters.",
    ],
    [
      { AUTH_STATIC_TOKENS: TOKEN, LOG_LEVEL: "loud" },
      "`LOG_LEVEL` (`loud`) is none of fatal, error, warn, info, debug, trace, silent.",
    ],
  ];
  for (const [environment, message] of refusals) {
    test(`WHEN it is ${JSON.stringify(environment)} THEN the message says what to change`, () => {
      assert.equal(refusal(environment), message);
    });
  }
});
