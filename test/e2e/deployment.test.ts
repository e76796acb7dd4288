import assert from "node:assert/strict";
import { test } from "node:test";
import { change, hurry, observe } from "./in-process.ts";
import { callWeather } from "./load.ts";

const SERVICE = "aws:ecs/service:Service";

/** What the declared service is given beside, as a program with other arguments would. */
const declaring = (inputs: Record<string, unknown>) => (graph: Parameters<typeof hurry>[0]) =>
  change(hurry(graph), SERVICE, () => inputs);

for (const strategy of ["BLUE_GREEN", "CANARY", "LINEAR"]) {
  test(`GIVEN a ${strategy} service on Spot WHEN it runs here THEN it serves, and one line says what is otherwise than on AWS`, async (context) => {
    const observed = await observe(
      context,
      declaring({
        deploymentConfiguration: { strategy },
        deploymentCircuitBreaker: { enable: false, rollback: false },
        capacityProviderStrategies: [{ capacityProvider: "FARGATE_SPOT", weight: 1 }],
      }),
    );
    await observed.run.ready;
    const [endpoint] = observed.run.endpoints;
    assert.ok(endpoint !== undefined);

    assert.equal(await callWeather(endpoint), 200);
    assert.deepEqual(
      observed.happenings.filter((text) => text.includes("not modelled")),
      [
        `${strategy} is not modelled here: replicas are replaced as under ROLLING, and no traffic is shifted`,
      ],
    );
  });
}
