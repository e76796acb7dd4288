import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { describe, test } from "node:test";
import { withoutPrefix } from "../../../service/runtime/protocol/tool-prefix.ts";
import { clientName } from "../../../service/servers/gateway/names.ts";
import { encodeHeaderValue } from "../../../service/servers/gateway/upstreams/mcp/header-value.ts";

const call = (name: unknown, method = "tools/call") => ({
  jsonrpc: "2.0",
  id: 1,
  method,
  params: { name, arguments: { state: "CA" }, _meta: { kept: true } },
});

/** What becomes of body and headers. */
function taken(
  body: unknown,
  headers: IncomingHttpHeaders = {},
  names: readonly string[] = [],
): { readonly body: unknown; readonly header: unknown } {
  const given = { ...headers };
  return { body: withoutPrefix(body, given, "weather", () => names), header: given["mcp-name"] };
}

describe("GIVEN the prefix `weather`", () => {
  test("WHEN a tool or prompt is named with it THEN it is taken from body and header together, and nothing else changes", () => {
    for (const method of ["tools/call", "prompts/get"]) {
      const body = call("weather__get_alerts", method);
      const before = structuredClone(body);
      assert.deepEqual(taken(body, { "mcp-name": "weather__get_alerts", accept: "x" }), {
        body: call("get_alerts", method),
        header: "get_alerts",
      });
      assert.deepEqual(body, before);
      assert.deepEqual(taken(body), { body: call("get_alerts", method), header: undefined });
    }
  });

  test("WHEN the rest begins with the prefix once more THEN it is taken once", () => {
    assert.deepEqual(taken(call("weather__weather__x")).body, call("weather__x"));
  });

  test("WHEN header and body differ THEN both stay, for whoever compares them", () => {
    for (const header of ["weather__other", "get_alerts", "WEATHER__get_alerts", "=?base64?§?="]) {
      const body = call("weather__get_alerts");
      assert.deepEqual(taken(body, { "mcp-name": header }), { body, header });
    }
  });

  test("WHEN the name is not one of the prefix THEN nothing changes", () => {
    for (const name of [
      "get_alerts",
      "WEATHER__get_alerts",
      "weather_get_alerts",
      "weather__",
      "",
      1,
      null,
    ]) {
      const body = call(name);
      assert.equal(taken(body, { "mcp-name": String(name) }).body, body);
    }
    for (const body of [
      undefined,
      null,
      "weather__x",
      [call("weather__x")],
      { method: "tools/call" },
      { method: "tools/call", params: ["weather__x"] },
      { method: "resources/read", params: { uri: "weather__x" } },
      { method: "constructor", params: { name: "weather__x" } },
    ]) {
      assert.equal(taken(body, { "mcp-name": "weather__x" }).body, body);
    }
  });

  test("WHEN the header is Base64 THEN it is understood, and written so again where it has to be", () => {
    const body = call("weather__größe");
    assert.deepEqual(taken(body, { "mcp-name": encodeHeaderValue("weather__größe") }), {
      body: call("größe"),
      header: encodeHeaderValue("größe"),
    });
    assert.equal(
      taken(call("weather__x"), { "mcp-name": "=?base64?d2VhdGhlcl9feA==?=" }).header,
      "x",
    );
  });

  test("WHEN a gateway had to shorten the name THEN the tool's own is found among those of the server", () => {
    const own = ["create/contact", `${"very_".repeat(20)}long`, "größe", "short"];
    for (const name of own) {
      const client = clientName("weather", name, { deny: [], aliases: {} });
      assert.deepEqual(taken(call(client), { "mcp-name": client }, own), {
        body: call(name),
        header: encodeHeaderValue(name),
      });
    }
    assert.deepEqual(taken(call("weather__0a1b2c3d_tool"), {}, own).body, call("0a1b2c3d_tool"));
  });
});
