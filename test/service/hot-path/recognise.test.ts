import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { recognise } from "../../../service/runtime/hot-path/recognise.ts";
import { modernHeaders, modernRequest } from "../running-host.ts";

const lowerCase = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

const MODERN = lowerCase({ ...modernHeaders("tools/call"), "Mcp-Name": "echo" });
const LEGACY = { ...MODERN, "mcp-protocol-version": "2025-06-18" };
const PARAMS = { name: "echo", arguments: { a: 1 } };
const MODERN_BODY = modernRequest("tools/call", PARAMS);
const LEGACY_BODY = { jsonrpc: "2.0", id: "a", method: "tools/call", params: PARAMS };

describe("GIVEN a request that is right in every field", () => {
  test("WHEN it is of 2026-07-28 THEN it is known, with its parameters as they came", () => {
    assert.deepEqual(recognise(MODERN, MODERN_BODY), {
      id: 1,
      method: "tools/call",
      params: MODERN_BODY["params"],
      era: "modern",
    });
  });

  test("WHEN it is of a 2025 revision THEN it is known, whatever its routing headers say", () => {
    const known = { id: "a", method: "tools/call", params: PARAMS, era: "legacy" };
    assert.deepEqual(recognise(LEGACY, LEGACY_BODY), known);
    assert.deepEqual(recognise({ ...LEGACY, "mcp-name": "other" }, LEGACY_BODY), known);
  });

  test("WHEN a 2025 list has no parameters THEN it is known", () => {
    const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };
    assert.deepEqual(recognise(LEGACY, list)?.params, {});
  });

  test("WHEN its name is Base64 in the header THEN it is known by what that says", () => {
    assert.ok(recognise({ ...MODERN, "mcp-name": "=?base64?ZWNobw==?=" }, MODERN_BODY));
    assert.equal(recognise({ ...MODERN, "mcp-name": "=?base64?ZWNobw?=" }, MODERN_BODY), undefined);
    assert.equal(recognise({ ...MODERN, "mcp-name": "=?base64?/w==?=" }, MODERN_BODY), undefined);
  });
});

describe("GIVEN a request with one thing about it that is not known", () => {
  for (const [what, headers] of Object.entries({
    "another content type": { "content-type": "text/plain" },
    "no content type": { "content-type": undefined },
    "no streams accepted": { accept: "application/json" },
    "no JSON accepted": { accept: "text/event-stream" },
    "no revision": { "mcp-protocol-version": undefined },
    "an unknown revision": { "mcp-protocol-version": "2027-01-01" },
    "another method": { "mcp-method": "tools/list" },
    "two methods": { "mcp-method": "tools/call, tools/call" },
    "another name": { "mcp-name": "other" },
    "no name": { "mcp-name": undefined },
  })) {
    test(`WHEN its headers have ${what} THEN it is left to the SDK`, () => {
      assert.equal(recognise({ ...MODERN, ...headers }, MODERN_BODY), undefined);
    });
  }

  for (const [what, body] of Object.entries({
    "a batch": [LEGACY_BODY],
    nothing: undefined,
    "another JSON-RPC version": { ...LEGACY_BODY, jsonrpc: "1.0" },
    "one more field": { ...LEGACY_BODY, extra: 1 },
    "an id with a fraction": { ...LEGACY_BODY, id: 1.5 },
    "an id that is not exact": { ...LEGACY_BODY, id: 2 ** 53 },
    "an id of null": { ...LEGACY_BODY, id: null },
    "no id": { jsonrpc: "2.0", method: "tools/call", params: PARAMS },
    "a method of another kind": { ...LEGACY_BODY, method: "initialize" },
    "a method that every object has": { ...LEGACY_BODY, method: "toString" },
    "parameters that are a list": { ...LEGACY_BODY, params: [] },
    "arguments that are a list": { ...LEGACY_BODY, params: { name: "echo", arguments: [] } },
    "arguments of null": { ...LEGACY_BODY, params: { name: "echo", arguments: null } },
    "no name": { ...LEGACY_BODY, params: {} },
    "a task": { ...LEGACY_BODY, params: { ...PARAMS, task: {} } },
    "a round that its revision has not": {
      ...LEGACY_BODY,
      params: { ...PARAMS, requestState: "s" },
    },
    "a progress token with a fraction": {
      ...LEGACY_BODY,
      params: { ...PARAMS, _meta: { progressToken: 0.5 } },
    },
    "a reserved key": {
      ...LEGACY_BODY,
      params: { ...PARAMS, _meta: { "io.modelcontextprotocol/related-task": { taskId: "1" } } },
    },
  })) {
    test(`WHEN its body has, or is, ${what} THEN it is left to the SDK`, () => {
      assert.equal(recognise(LEGACY, body), undefined);
    });
  }

  const meta = "io.modelcontextprotocol/";
  for (const [what, key, value] of [
    ["no capabilities", "clientCapabilities", undefined],
    ["capabilities of another type", "clientCapabilities", []],
    ["a capability of another type", "clientCapabilities", { sampling: 1 }],
    [
      "a capability with a part of another type",
      "clientCapabilities",
      { elicitation: { form: 1 } },
    ],
    ["another revision than the header", "protocolVersion", "2025-11-25"],
    ["a client without a version", "clientInfo", { name: "c" }],
    ["an unknown level", "logLevel", "loud"],
    ["an unknown reserved key", "unknown", 1],
  ] as const) {
    test(`WHEN its \`_meta\` has ${what} THEN it is left to the SDK`, () => {
      const body = modernRequest("tools/call", PARAMS, { [`${meta}${key}`]: value });
      assert.equal(recognise(MODERN, JSON.parse(JSON.stringify(body))), undefined);
    });
  }
});
