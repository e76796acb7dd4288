import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { startApplication } from "./application.ts";

const OLD = "the-old-token-of-the-tests";
const NEW = "the-new-token-of-the-tests";
const METADATA = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";
const INVALID = `Bearer error="invalid_token", error_description="The bearer token is not valid for this server.", resource_metadata="${METADATA}"`;

describe("GIVEN two static tokens", () => {
  const options = { environment: { AUTH_STATIC_TOKENS: `${OLD},${NEW}` } };

  for (const token of [OLD, NEW]) {
    test(`WHEN \`${token}\` comes THEN it passes, and its caller is known by its digest alone`, async (context) => {
      const reply = await (await startApplication(context, options)).call(token);
      const id = `static-token:${createHash("sha256").update(token).digest("hex").slice(0, 16)}`;
      const caller = { id, scopes: "all", claims: {} };
      assert.deepEqual(JSON.parse(reply.body), {
        auth: {
          token: "",
          clientId: id,
          scopes: [],
          resourceMetadataUrl: METADATA,
          extra: { caller },
        },
        caller,
      });
    });
  }

  for (const token of [OLD.slice(0, -1), `${OLD}x`, OLD.toUpperCase(), "wrong", "=", "a.b.c"]) {
    test(`WHEN \`${token}\` comes THEN 401 says that it is not valid, without repeating it`, async (context) => {
      const application = await startApplication(context, options);
      const reply = await application.call(token);
      const isForm = token !== "=";
      assert.deepEqual(
        [reply.status, reply.headers["www-authenticate"]],
        [401, isForm ? INVALID : INVALID.replace("not valid for this server", "malformed")],
      );
      assert.ok(!JSON.stringify(application.lines).includes(`"${token}"`));
    });
  }

  test("WHEN nothing comes THEN 401 leads to the metadata, without an error", async (context) => {
    const reply = await (await startApplication(context, options)).send("/mcp", { method: "POST" });
    assert.deepEqual(
      [reply.status, reply.headers["www-authenticate"]],
      [401, `Bearer resource_metadata="${METADATA}"`],
    );
  });
});
