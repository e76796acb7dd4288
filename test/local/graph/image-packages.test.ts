import assert from "node:assert/strict";
import { test } from "node:test";
import { imagePackages } from "../../../local/graph/image-packages.ts";

test("GIVEN build arguments that name packages WHEN they are read THEN each registry has its own", () => {
  assert.deepEqual(
    imagePackages({
      args: {
        STDIO_NPM_PACKAGES: "@acme/server@1.2.3 other@2.0.0",
        STDIO_PYPI_PACKAGES: "mcp-server-time==2026.10.19",
        VERSION: "7",
      },
    }),
    { npm: ["@acme/server@1.2.3", "other@2.0.0"], pypi: ["mcp-server-time==2026.10.19"] },
  );
});

test("GIVEN build arguments that name no packages WHEN they are read THEN there are none", () => {
  assert.equal(imagePackages({ args: {} }), undefined);
  assert.equal(imagePackages({ args: { VERSION: "7", STDIO_NPM_PACKAGES: "" } }), undefined);
});
