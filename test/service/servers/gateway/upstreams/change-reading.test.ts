import assert from "node:assert/strict";
import { test } from "node:test";
import { isUnsupported } from "../../../../../service/servers/gateway/upstreams/mcp/change-reading.ts";

test("GIVEN how a stream of changes ended WHEN it is looked at THEN only what the upstream does not have is not asked for again soon", () => {
  const ends = [200, 400, 401, 403, 404, 405, 408, 409, 415, 429, 500, 501, 503];
  assert.deepEqual(
    ends.filter((status) => isUnsupported({ status })),
    [400, 401, 403, 405, 415, 501],
  );
});
