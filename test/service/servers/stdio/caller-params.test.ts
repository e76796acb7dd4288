import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject, RelayContext } from "../../../../service/runtime/relay.ts";
import { callerParams } from "../../../../service/servers/stdio/caller-params.ts";
import { callContext } from "./harness.ts";

const PREFIX = "io.modelcontextprotocol/";

const GIVEN: JsonObject = {
  progressToken: "the client's own",
  traceparent: "of the client",
  "example.org/own": { a: [1] },
  [`${PREFIX}protocolVersion`]: "2026-07-28",
  [`${PREFIX}clientCapabilities`]: { roots: {} },
  [`${PREFIX}clientInfo`]: { name: "c", version: "1" },
  [`${PREFIX}logLevel`]: "info",
};

function written(
  era: "modern" | "legacy",
  params: JsonObject,
  overrides: Partial<RelayContext> = {},
  argumentsText?: string,
): { readonly text: string; readonly value: unknown } {
  const request = { params, ...(argumentsText === undefined ? {} : { argumentsText }) };
  const text = callerParams(era, request, callContext(overrides), 7);
  return { text, value: JSON.parse(text) };
}

describe("GIVEN the parameters of a caller (point 3)", () => {
  test("WHEN the child is of 2026-07-28 THEN `_meta` has what it must have, the token and the trace of this hop, and what else the caller said", () => {
    const { value } = written(
      "modern",
      { name: "echo", arguments: { text: "zażółć\n" }, _meta: GIVEN },
      {
        clientCapabilities: { sampling: {} },
        carrier: { traceparent: "ours", "x-amzn-trace-id": "not of `_meta`" },
        progress: () => undefined,
      },
    );
    assert.deepEqual(value, {
      name: "echo",
      arguments: { text: "zażółć\n" },
      _meta: {
        [`${PREFIX}protocolVersion`]: "2026-07-28",
        [`${PREFIX}clientCapabilities`]: { sampling: {} },
        [`${PREFIX}clientInfo`]: { name: "c", version: "1" },
        "example.org/own": { a: [1] },
        traceparent: "ours",
        progressToken: 7,
      },
    });
  });

  test("WHEN the caller gets log messages THEN the child of 2026-07-28 is told the level", () => {
    const { value } = written("modern", { _meta: GIVEN }, { message: () => undefined });
    const { _meta: meta } = value as { readonly _meta: JsonObject };
    assert.equal(meta[`${PREFIX}logLevel`], "info");
    assert.equal(meta["traceparent"], "of the client");
    assert.equal("progressToken" in meta, false);
  });

  test("WHEN the child is of a 2025 revision THEN nothing of the new one is told, and `_meta` is there only where it has something", () => {
    assert.deepEqual(written("legacy", { name: "echo", _meta: GIVEN }).value, {
      name: "echo",
      _meta: { traceparent: "of the client", "example.org/own": { a: [1] } },
    });
    const bare = { name: "echo", _meta: { progressToken: 1, [`${PREFIX}logLevel`]: "info" } };
    assert.equal(written("legacy", bare).text, `{"name":"echo"}`);
    assert.equal(written("legacy", {}).text, "{}");
  });

  test("WHEN the text of the arguments is at hand THEN it passes as it came, unless it has line breaks, which end a message", () => {
    const params = { name: "echo", arguments: { n: 1, text: "a\nb" } };
    const asItCame = `{ "n" : 1e0, "text":"a\\u000ab"}`;
    assert.equal(
      written("legacy", params, {}, asItCame).text,
      `{"name":"echo","arguments":${asItCame}}`,
    );
    for (const lineBreak of ["\n", "\r"]) {
      const { text, value } = written("legacy", params, {}, `{${lineBreak}"n":1,"text":"a\\nb"}`);
      assert.equal(text, `{"name":"echo","arguments":{"n":1,"text":"a\\nb"}}`);
      assert.deepEqual(value, params);
    }
  });

  test("WHEN names have to be escaped, or are those of prototypes THEN they arrive as they are", () => {
    const text = `{"na\\"me":1,"__proto__":{"x":2},"_meta":{"__proto__":3,"tostring\\n":4}}`;
    assert.deepEqual(written("legacy", JSON.parse(text) as JsonObject).value, JSON.parse(text));
  });
});
