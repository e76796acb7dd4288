import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigurationError } from "../../../../service/runtime/configuration-error.ts";
import { stdioServer } from "../../../../service/servers/stdio/index.ts";

const PRODUCTION = { NODE_ENV: "production" };

const nameOf = (command: string, environment: Record<string, string> = {}): string =>
  stdioServer(["--", ...command.split(" ")], environment).name;

describe("GIVEN the words of the command line", () => {
  test("WHEN there is no command THEN the sentence shows one", () => {
    for (const words of [[], ["--"], ["mcp-server-everything"]]) {
      assert.throws(
        () => stdioServer(words, {}),
        new ConfigurationError(
          "The `stdio` server has no command to run. Give it behind two dashes, such as `stdio -- mcp-server-everything stdio`.",
        ),
      );
    }
  });

  test("WHEN something stands before the dashes THEN it is refused, not ignored", () => {
    assert.throws(() => stdioServer(["--port", "1", "--", "x"], {}), /`--port 1` stands before/u);
  });

  test("WHEN there is a command THEN the server has its name, or the one that is given", () => {
    assert.equal(nameOf("/usr/bin/mcp-server-time --local"), "mcp-server-time");
    assert.equal(nameOf("node --enable-source-maps build/My_Server.mjs"), "my-server");
    assert.equal(nameOf("npx -y @scope/server-everything"), "server-everything");
    assert.equal(nameOf("x", { MCP_SERVER_NAME: "issue-tracker" }), "issue-tracker");
    assert.throws(
      () => nameOf("x", { MCP_SERVER_NAME: "Issue tracker" }),
      /`MCP_SERVER_NAME` is `Issue tracker`, which is not in kebab case/u,
    );
  });
});

describe("GIVEN a command that would download its program (point 12)", () => {
  for (const command of [
    "npx -y some-server",
    "/usr/local/bin/npx some-server",
    "npx some-server --offline",
    "npm exec some-server",
    "pnpm dlx some-server",
    "yarn dlx some-server",
    "bunx some-server",
    "uvx some-server",
    "uv tool run some-server",
    "pipx run some-server",
  ]) {
    test(`WHEN \`${command}\` is to run in production THEN it is refused with the way out; elsewhere it runs`, () => {
      assert.throws(
        () => nameOf(command, PRODUCTION),
        (error) =>
          error instanceof ConfigurationError &&
          /would download the server whenever a process starts.* Install the server when the image is built/u.test(
            error.message,
          ),
      );
      nameOf(command);
    });
  }

  for (const command of [
    "npx --offline some-server",
    "npx -y --offline some-server",
    "uvx --offline some-server",
    "uv tool run --offline some-server",
    "npm start",
    "uv run server.py",
    "mcp-server-time",
  ]) {
    test(`WHEN \`${command}\` is to run in production THEN it may`, () => {
      nameOf(command, PRODUCTION);
    });
  }
});
