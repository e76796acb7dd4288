import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { nodeProblem } from "../../local/node-version.ts";

test("GIVEN versions of Node WHEN the command starts THEN those below that of `engines` are refused with a sentence", async () => {
  const { engines } = JSON.parse(
    await readFile(new URL("../../package.json", import.meta.url), "utf8"),
  ) as { engines: { node: string } };
  assert.equal(engines.node, ">=22.18");
  for (const version of ["22.18.0", "22.19.1", "24.0.0"])
    assert.equal(nodeProblem(version), undefined);
  for (const version of ["20.19.2", "22.17.9"]) {
    assert.equal(
      nodeProblem(version),
      `\`mcp-local\` needs Node 22.18 or newer, and this is ${version}. Install a newer one, such as the current LTS, and run it again.`,
    );
  }
});
