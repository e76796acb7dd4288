import assert from "node:assert/strict";
import { test } from "node:test";
import {
  requestAttributes,
  requestSpanName,
} from "../../../service/runtime/telemetry/http-conventions.ts";

for (const [request, name, expected] of [
  [
    { origin: "https://api.example.com", path: "/points/1,2", method: "GET" },
    "GET",
    {
      "http.request.method": "GET",
      "server.address": "api.example.com",
      "server.port": 443,
      "url.full": "https://api.example.com/points/1,2",
    },
  ],
  [
    {
      origin: new URL("http://[::1]:8080"),
      path: "/search?q=secret&key=secret&key=again&flag",
      method: "POST",
    },
    "POST",
    {
      "http.request.method": "POST",
      "server.address": "[::1]",
      "server.port": 8080,
      "url.full": "http://[::1]:8080/search?q=REDACTED&key=REDACTED&flag=REDACTED",
    },
  ],
  [
    { origin: "http://proxy:3128", path: "http://user:secret@example.com/", method: "MKCOL" },
    "HTTP",
    {
      "http.request.method": "_OTHER",
      "http.request.method_original": "MKCOL",
      "server.address": "example.com",
      "server.port": 80,
      "url.full": "http://REDACTED:REDACTED@example.com/",
    },
  ],
] as const) {
  test(`GIVEN ${request.method} ${String(request.origin)} WHEN its span is described THEN conventions are kept and secrets are not told`, () => {
    assert.equal(requestSpanName(request), name);
    assert.deepEqual(requestAttributes(request), expected);
  });
}

test("GIVEN a request without an address WHEN its span is described THEN there is none", () => {
  assert.equal(requestAttributes({ path: "/", method: "GET" }), undefined);
});
