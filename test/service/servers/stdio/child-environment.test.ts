import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { childEnvironment, redactor } from "../../../../service/servers/stdio/child-environment.ts";
import { stdioServer } from "../../../../service/servers/stdio/index.ts";

const ENVIRONMENT = {
  PATH: "/bin",
  HOME: "/home/node",
  TZ: "UTC",
  API_KEY: "abcdef-123456",
  MODE: "fast",
  PEM: "first line\nsecond line\n",
  AUTH_STATIC_TOKENS: "the-token-of-everybody",
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials/x",
  MCP_STATE_KEY: "key",
};

describe("GIVEN the wrapper's environment (point 10)", () => {
  test("WHEN variables are named THEN the child has them and what all programs need, and nothing else", () => {
    const made = childEnvironment(ENVIRONMENT, ["API_KEY", "MODE", "PEM", "UNSET"]);
    assert.deepEqual(made, {
      variables: {
        PYTHONUNBUFFERED: "1",
        PATH: "/bin",
        HOME: "/home/node",
        TZ: "UTC",
        API_KEY: "abcdef-123456",
        MODE: "fast",
        PEM: "first line\nsecond line\n",
      },
      secrets: ["first line\nsecond line", "abcdef-123456", "second line", "first line"],
      missing: ["UNSET"],
    });
    const redact = redactor(made.secrets);
    assert.equal(
      redact("the key abcdef-123456 is fast: second line"),
      "the key [redacted] is fast: [redacted]",
    );
  });

  for (const name of [
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "ECS_CONTAINER_METADATA_URI_V4",
    "AUTH_STATIC_TOKENS",
    "MCP_STATE_KEY",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "Auth_Static_Tokens",
  ]) {
    test(`WHEN \`${name}\` is named THEN the server does not start, and says why`, () => {
      assert.throws(
        () => stdioServer(["--", "x"], { ...ENVIRONMENT, STDIO_ENVIRONMENT: `API_KEY,${name}` }),
        (error) =>
          error instanceof Error &&
          error.message.startsWith(
            `\`STDIO_ENVIRONMENT\` names \`${name}\`, which is this process's own and never handed on`,
          ),
      );
    });
  }
});
