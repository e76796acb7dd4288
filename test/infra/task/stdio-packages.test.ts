import { test } from "node:test";
import { checkPackages } from "../../../infra/task/stdio-packages.ts";
import { assertRefused } from "../mocks.ts";

const WAY_OUT =
  " A range or `latest` would make another server of the same program, and what is not on a registry belongs in an image of your own (`build`).";

test("GIVEN packages of npm with exact versions WHEN they are checked THEN they pass", () => {
  checkPackages("McpService", "npmPackages", [
    "@modelcontextprotocol/server-everything@2026.8.31",
    "server@1.2.3",
    "server.io_x~y@0.0.1-beta.2",
    "7zip@10.0.0",
  ]);
});

test("GIVEN packages of npm without exact versions, or from elsewhere, WHEN they are checked THEN each is refused", () => {
  for (const wanted of [
    "server",
    "server@latest",
    "server@1",
    "server@1.2",
    "server@^1.2.3",
    "server@~1.2.3",
    "server@1.2.x",
    "server@>=1.2.3",
    "server@*",
    "server@01.2.3",
    "server@1.2.3 other",
    "server@1.2.3;id",
    "$(id)@1.2.3",
    "-g@1.2.3",
    "--registry=http://evil.example",
    "alias@npm:server@1.2.3",
    "file:server.tgz",
    "github:acme/server",
    "https://example.com/server.tgz",
    "Server@1.2.3",
    "",
  ]) {
    assertRefused(
      () => {
        checkPackages("McpService", "npmPackages", ["good@1.0.0", wanted]);
      },
      `McpService: \`stdio.npmPackages\` has \`${wanted}\`; give a package of npm with its exact version, such as` +
        ` \`@modelcontextprotocol/server-everything@2026.1.14\`.${WAY_OUT}`,
    );
  }
});

test("GIVEN packages of PyPI with exact versions WHEN they are checked THEN they pass", () => {
  checkPackages("McpService", "pypiPackages", [
    "mcp-server-time==2026.1.26",
    "mcp[cli,rich]==1.9.0",
    "A.b_c==1!2.0rc1.post2.dev3",
  ]);
});

test("GIVEN packages of PyPI without exact versions, or from elsewhere, WHEN they are checked THEN each is refused", () => {
  for (const wanted of [
    "mcp-server-time",
    "mcp-server-time==2026.*",
    "mcp-server-time>=2026.1.26",
    "mcp-server-time~=2026.1",
    "mcp-server-time===2026.1.26",
    "mcp-server-time == 2026.1.26",
    "mcp-server-time==2026.1.26; python_version > '3'",
    "mcp-server-time @ https://example.com/server.whl",
    "mcp-server-time@2026.1.26",
    "git+https://example.com/server",
    "--index-url=http://evil.example",
    "-r",
    "",
  ]) {
    assertRefused(
      () => {
        checkPackages("McpService", "pypiPackages", [wanted]);
      },
      `McpService: \`stdio.pypiPackages\` has \`${wanted}\`; give a package of PyPI with its exact version, such as` +
        ` \`mcp-server-time==2026.1.26\`.${WAY_OUT}`,
    );
  }
});

test("GIVEN an empty list of packages WHEN it is checked THEN it is refused", () => {
  assertRefused(() => {
    checkPackages("McpService", "pypiPackages", []);
  }, "McpService: `stdio.pypiPackages` is empty; name a package, such as `mcp-server-time==2026.1.26`, or leave it out.");
});
