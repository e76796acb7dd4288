import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { change, changeContainers, hurry, observe, setVariable } from "./in-process.ts";
import { callWeather, startLoad } from "./load.ts";

function destination(observed: Awaited<ReturnType<typeof observe>>): {
  url: string;
  token: string | undefined;
} {
  const [endpoint] = observed.run.endpoints;
  assert.ok(endpoint);
  return endpoint;
}

const count = <T>(items: readonly T[], wanted: (item: T) => boolean): number =>
  items.filter(wanted).length;

describe("GIVEN two replicas under load", () => {
  for (const repeat of [false, true]) {
    test(`WHEN one is killed and clients ${repeat ? "repeat what may be repeated THEN no call is lost" : "do not repeat THEN only calls in flight there or sent there before detection fail"}`, async (context) => {
      const observed = await observe(context, hurry);
      await observed.run.ready;
      const load = startLoad(destination(observed), 4, { repeat });
      const [victim] = observed.run.services[0]?.tasks ?? [];
      assert.ok(victim);
      const replaced = (async () => {
        await observed.told(/^stopped:/u);
        // The replacement of the dead one.
        await observed.told(/^target healthy$/u);
      })();
      for (const pid of victim.task.processIds) process.kill(pid, "SIGKILL");
      await replaced;
      const before = load.statuses.length;
      while (load.statuses.length < before + 50)
        await new Promise((resolve) => setImmediate(resolve));
      await load.end();

      const failures = load.statuses.filter((status) => status !== 200);
      assert.ok(failures.length > 0, "The dead replica got its share until it was noticed.");
      assert.deepEqual([...new Set(failures)], [502]);
      const explained = count(
        observed.outcomes,
        (outcome) => outcome === "lost in flight" || outcome === "sent to a dead target",
      );
      assert.equal(
        failures.length,
        explained,
        "Each failed call is one that the balancer sent to the dead replica.",
      );
      assert.equal(
        count(observed.outcomes, (outcome) => outcome === "timed out"),
        0,
      );
      if (repeat) assert.equal(load.lost(), 0);
      assert.deepEqual(
        new Set(load.statuses.slice(before)),
        new Set([200]),
        "After detection nothing fails.",
      );
      assert.deepEqual(
        observed.run.services[0]?.tasks
          .map(({ state }) => state)
          .filter((state) => state !== "leaving"),
        ["healthy", "healthy"],
      );
    });
  }

  test("WHEN one hangs THEN it is found by its health checks, replaced first and killed afterwards", async (context) => {
    const observed = await observe(context, (graph) =>
      changeContainers(
        change(hurry(graph), "aws:lb/loadBalancer:LoadBalancer", () => ({ idleTimeout: 2 })),
        (container) => {
          container["stopTimeout"] = 1;
        },
      ),
    );
    await observed.run.ready;
    const load = startLoad(destination(observed), 4, { repeat: true });
    const [victim] = observed.run.services[0]?.tasks ?? [];
    assert.ok(victim);
    const stopping = observed.told(/^stopping$/u);
    for (const pid of victim.task.processIds) process.kill(pid, "SIGSTOP");
    await observed.told(/^target unhealthy$/u);
    await observed.told(/^target healthy$/u);
    await stopping;
    await observed.told(/^ended$/u);
    await load.end();
    assert.equal(load.lost(), 0);
    assert.deepEqual(
      [...new Set(load.statuses)].filter((status) => status !== 200),
      [504],
      "A hung replica answers nothing: its calls end with the idle timeout.",
    );
    assert.deepEqual(victim.task.processIds, []);
  });

  test("WHEN all replicas are replaced by a rolling deployment THEN no call fails", async (context) => {
    const observed = await observe(context, hurry);
    await observed.run.ready;
    const before = observed.run.services[0]?.tasks.map(({ task }) => task.id) ?? [];
    const token = destination(observed).token;
    const load = startLoad(destination(observed), 4, { repeat: false });
    await observed.run.deploy();
    await load.end();
    const after = observed.run.services[0]?.tasks.map(({ task }) => task.id) ?? [];
    assert.equal(after.length, 2);
    assert.equal(
      count(after, (id) => before.includes(id)),
      0,
      "Every replica is a new one.",
    );
    assert.deepEqual([...new Set(load.statuses)], [200]);
    assert.ok(load.statuses.length > 100, `Only ${load.statuses.length} calls were made.`);
    assert.equal(destination(observed).token, token, "The token outlives the deployment.");
  });

  test("WHEN a deployment's tasks cannot start THEN it is rolled back while the old ones serve", async (context) => {
    let broken = false;
    const observed = await observe(context, (graph) => {
      // Without alarms to watch the first deployment is completed at once, and can be gone back to.
      const quick = change(hurry(graph), "aws:ecs/service:Service", () => ({ alarms: undefined }));
      if (!broken) return quick;
      return {
        ...quick,
        resources: quick.resources.map((resource) =>
          resource.type === "aws:ecs/taskDefinition:TaskDefinition"
            ? {
                ...resource,
                inputs: {
                  ...resource.inputs,
                  containerDefinitions: String(resource.inputs["containerDefinitions"]).replace(
                    '"dist/main.mjs","weather"',
                    '"dist/main.mjs","no-such-server"',
                  ),
                },
              }
            : resource,
        ),
      };
    });
    await observed.run.ready;
    const before = observed.run.services[0]?.tasks.map(({ task }) => task.id) ?? [];
    const load = startLoad(destination(observed), 2, { repeat: false });
    broken = true;
    const rolledBack = observed.told(/^deployment failed after 3 failures, rolling back: .*/su);
    await observed.run.deploy();
    assert.match(await rolledBack, /There is no server `no-such-server`/u);
    await load.end();
    assert.deepEqual([...new Set(load.statuses)], [200]);
    assert.deepEqual(
      observed.run.services[0]?.tasks.map(({ task }) => task.id),
      before,
    );
  });
});

describe("GIVEN a program that changes while it runs", () => {
  test("WHEN the path of its rule and of its container changes THEN a deployment moves the endpoint", async (context) => {
    let path = "/mcp";
    const observed = await observe(context, (graph) =>
      setVariable(
        change(hurry(graph), "aws:lb/listenerRule:ListenerRule", () => ({
          conditions: [{ pathPattern: { values: [path] } }],
        })),
        "MCP_PATH",
        path,
      ),
    );
    await observed.run.ready;
    const { url, token } = destination(observed);
    assert.equal(await callWeather({ url, token }), 200);
    path = "/moved/mcp";
    await observed.run.deploy();
    assert.equal(await callWeather({ url, token }), 404);
    assert.equal(await callWeather({ url: url.replace("/mcp", path), token }), 200);
  });

  test("WHEN its load balancer becomes another one THEN a sentence says that this takes a new run, and the old one goes on", async (context) => {
    let dropped = false;
    const observed = await observe(context, (graph) => ({
      ...hurry(graph),
      resources: hurry(graph).resources.map((resource) =>
        dropped && resource.type === "aws:lb/loadBalancer:LoadBalancer"
          ? { ...resource, name: "other" }
          : resource,
      ),
    }));
    await observed.run.ready;
    dropped = true;
    await assert.rejects(observed.run.deploy(), {
      message:
        "The program adds or removes the load balancer `mcp`, the load balancer `other`. Stop this run and start a new one.",
    });
    assert.equal(await callWeather(destination(observed)), 200);
  });
});

describe("GIVEN a machine with a single loopback address, as macOS has", () => {
  test("WHEN the program runs there THEN each replica has ports of its own, and calls are answered", async (context) => {
    const observed = await observe(context, undefined, "darwin");
    await observed.run.ready;
    const load = startLoad(destination(observed), 2, { repeat: false });
    while (load.statuses.length < 20) await new Promise((resolve) => setImmediate(resolve));
    await load.end();
    assert.deepEqual([...new Set(load.statuses)], [200]);
    assert.deepEqual(
      observed.run.services[0]?.tasks.map(({ task }) => [
        task.address.host,
        task.address.port(8080),
      ]),
      [
        ["127.0.0.1", 9080],
        ["127.0.0.1", 11_080],
      ],
    );
  });
});
