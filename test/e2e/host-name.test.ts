import assert from "node:assert/strict";
import { test } from "node:test";
import { change, observe } from "./in-process.ts";
import { callWeather } from "./load.ts";

test("GIVEN a service with a host of its own WHEN the program runs here THEN it has a port of its own, and the other one does not know it", async (context) => {
  const { run } = await observe(context, (graph) =>
    change(graph, "aws:lb/listenerRule:ListenerRule", ({ conditions }) => ({
      conditions: [
        ...(conditions as object[]),
        { hostHeader: { values: ["weather.mcp.example.com"] } },
      ],
    })),
  );
  await run.ready;
  const [endpoint] = run.endpoints;
  assert.ok(endpoint);

  assert.equal(await callWeather(endpoint), 200);
  const shared = new URL(endpoint.url);
  shared.port = String(Number(shared.port) - 1);
  assert.equal(await callWeather({ ...endpoint, url: shared.href }), 404);
});

test("GIVEN subnets that exist already WHEN the program runs here THEN each is taken to lie in another zone", async (context) => {
  const { run } = await observe(context, (graph) =>
    change(graph, "aws:ecs/service:Service", ({ networkConfiguration }) => ({
      networkConfiguration: {
        ...(networkConfiguration as object),
        subnets: ["subnet-0123456789abcdef0", "subnet-01234567"],
      },
    })),
  );

  assert.deepEqual(
    run.stack.services.map(({ zones }) => zones),
    [["us-east-1a", "us-east-1b"]],
  );
});
