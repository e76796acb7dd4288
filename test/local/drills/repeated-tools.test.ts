import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { mayRepeat, repeatedTools } from "../../../local/drills/scenarios/repeated-tools.ts";
import type { GatewayUpstream } from "../../../local/graph/gateways.ts";

const WEATHER: GatewayUpstream = {
  name: "weather",
  prefix: "weather",
  idempotentTools: ["get_*", "a.b"],
  host: "weather.shared.internal",
  service: "arn:weather",
};

test("GIVEN patterns of tools WHEN the names that clients see are matched THEN it is by the upstream's own names, and as a whole", () => {
  assert.equal(mayRepeat(WEATHER, "weather__get_alerts"), true);
  assert.equal(mayRepeat(WEATHER, "weather__a.b"), true);
  for (const name of ["weather__forget_x", "weather__axb", "get_alerts", "other__get_alerts"])
    assert.equal(mayRepeat(WEATHER, name), false, name);
  assert.equal(mayRepeat({ ...WEATHER, prefix: undefined }, "get_alerts"), true);
});

describe("GIVEN a drill that nobody has named a tool for", () => {
  test("WHEN a tool is looked for THEN it is one that the gateway may call again, of a service that a drill can end", () => {
    const { accepts } = repeatedTools({
      service: "arn:tools",
      name: "tools",
      upstreams: [
        { ...WEATHER, name: "stdio", prefix: "stdio", idempotentTools: [], service: "arn:stdio" },
        { ...WEATHER, name: "elsewhere", prefix: "elsewhere", service: undefined },
        WEATHER,
      ],
    });
    assert.deepEqual(
      ["stdio__get_sum", "elsewhere__get_page", "weather__get_alerts", "weather__put"].filter(
        accepts,
      ),
      ["weather__get_alerts"],
    );
  });

  test("WHEN there is none THEN the sentence says whether none is declared, or none can be called", () => {
    const gateway = { service: "arn:tools", name: "tools" };
    assert.equal(
      repeatedTools({ ...gateway, upstreams: [{ ...WEATHER, idempotentTools: [] }] }).otherwise,
      "The gateway `tools` may call no tool of the program's services again, so that a call is lost with its replica. Name a tool in `idempotentTools` of one of them.",
    );
    assert.equal(
      repeatedTools({ ...gateway, upstreams: [WEATHER] }).otherwise,
      "No tool that the gateway `tools` may call again, by `idempotentTools` of `weather`, is annotated `readOnlyHint` or `idempotentHint` and has a schema with examples or" +
        " defaults to call it with. Name one of those with `--tool`, and give its input as JSON with `--arguments`.",
    );
  });
});
