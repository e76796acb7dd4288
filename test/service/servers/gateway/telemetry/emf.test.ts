import assert from "node:assert/strict";
import { test } from "node:test";
import { RelayError } from "../../../../../service/runtime/relay.ts";
import { call, listing, relayContext, tool, type FakeUpstream } from "../fake-upstream.ts";
import { startGateway, url } from "../running-gateway.ts";

function prepare(upstream: FakeUpstream): void {
  upstream.answerList = () => Promise.resolve(listing({ tools: [tool("get")] }));
}

interface Line {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [member: string]: unknown;
}

/** The values of a line, without what differs from run to run. */
function valuesOf(line: Line): Record<string, unknown> {
  const { _aws, UpstreamCallDuration: durations, ...values } = line;
  const [directive] = _aws.CloudWatchMetrics;
  for (const { Name } of directive?.Metrics ?? []) assert.ok(Name in line, Name);
  return { ...values, ...(Array.isArray(durations) ? { durations: durations.length } : {}) };
}

test("GIVEN `MCP_METRICS=emf` WHEN a minute is over THEN each upstream has a line with its calls, one with how it is, and the gateway one with its problems", async () => {
  const gateway = await startGateway({
    upstreams: { a: { url }, b: { url }, broken: "{" },
    prepare,
    environment: { MCP_METRICS: "emf", OTEL_SERVICE_NAME: "tools" },
  });
  const { lines } = gateway;
  gateway.upstream("a").answer = ({ request }) => {
    if (request.params["arguments"] === undefined) return Promise.resolve({ content: [] });
    throw new RelayError("Down.", { code: -32603, outcome: "timeout" });
  };
  await gateway.relay.send(call("a__get"), relayContext());
  await assert.rejects(gateway.relay.send(call("a__get", { arguments: {} }), relayContext()));
  await gateway.clock.advance(60_000 - (gateway.clock.now() % 60_000));
  const read = lines.map((line) => JSON.parse(line) as Line);
  assert.deepEqual(read.map(valuesOf), [
    {
      Service: "tools",
      Upstream: "a",
      UpstreamCalls: 2,
      UpstreamErrors: 1,
      UpstreamFaults: 1,
      durations: 2,
    },
    ...["a", "b"].map((upstream) => ({
      Service: "tools",
      Upstream: upstream,
      UpstreamListed: 1,
      UpstreamBreakerOpen: 0,
      UpstreamHealthyAddresses: 1,
      // Asked for again half a minute after the start.
      UpstreamListAge: 10,
    })),
    { Service: "tools", UpstreamProblems: 1 },
  ]);
  const [calls] = read;
  assert.equal(calls?._aws.CloudWatchMetrics[0]?.Namespace, "McpService");
  assert.deepEqual(calls._aws.CloudWatchMetrics[0].Dimensions, [["Service", "Upstream"]]);
  assert.equal(calls._aws.Timestamp % 60_000, 0);
  const before = lines.length;
  gateway.upstream("b").answerList = () => Promise.reject(new Error("Gone."));
  await gateway.clock.advance(180_000);
  const listed = lines
    .slice(before)
    .map((line) => JSON.parse(line) as Line)
    .filter(({ Upstream, UpstreamListed }) => Upstream === "b" && UpstreamListed !== undefined)
    .map(({ UpstreamListed }) => UpstreamListed);
  assert.deepEqual(listed, [1, 0, 0]);
  await gateway.stop();
  assert.equal(gateway.clock.waiting, 0);
});
