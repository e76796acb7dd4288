import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request, type IncomingMessage, type ServerResponse } from "node:http";
import { describe, test, type TestContext } from "node:test";
import { LocalError } from "../../../local/graph/graph.ts";
import { get, rawClient, stand, target, type Stand } from "./stand.ts";

const ZONES = ["a", "b", "c"];
const REQUEST = "GET / HTTP/1.1\r\nHost: mcp.example.com\r\n\r\n";

/** Three nodes and a target in each zone, all of them known to be healthy. */
async function threeZones(
  context: TestContext,
  answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void = (_incoming, outgoing) =>
    outgoing.end("fine"),
): Promise<Stand> {
  const balancer = await stand(context, { zones: ZONES });
  for (const zone of ZONES) await target(context, balancer, answer, zone);
  await balancer.clock.advance(5000);
  return balancer;
}

/** The nodes that get so many new connections, one after the other. */
async function nodesOf(balancer: Stand, connections: number): Promise<string[]> {
  const before = balancer.records.length;
  for (let index = 0; index < connections; index++) await get(balancer.port);
  return balancer.records.slice(before).map(({ nodeZone }) => nodeZone);
}

describe("GIVEN a load balancer in three zones", () => {
  test("WHEN clients connect THEN each new connection goes to the next node", async (context) => {
    const balancer = await threeZones(context);
    assert.deepEqual(await nodesOf(balancer, 6), ["a", "b", "c", "a", "b", "c"]);
  });

  test("WHEN a client keeps its connection THEN it stays with its node", async (context) => {
    const balancer = await threeZones(context);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    context.after(() => {
      agent.destroy();
    });
    for (let index = 0; index < 3; index++) {
      const outgoing = request({ host: "127.0.0.1", port: balancer.port, agent }).end();
      const [response] = (await once(outgoing, "response")) as [IncomingMessage];
      response.resume();
      await once(response, "end");
    }
    assert.deepEqual(
      balancer.records.map(({ nodeZone }) => nodeZone),
      ["a", "a", "a"],
    );
  });

  test("WHEN a zone is lost THEN its node is handed out for another minute, and takes connections that end after 10 s", async (context) => {
    const balancer = await threeZones(context);
    balancer.lostZones.lose("b");
    await balancer.clock.advance(49_999);
    await get(balancer.port);
    const hanging = await rawClient(context, balancer.port, REQUEST);
    let ended = false;
    void hanging.ended.then(() => (ended = true));
    await get(balancer.port);
    await balancer.clock.advance(9999);
    assert.equal(ended, false);
    await balancer.clock.advance(2);
    assert.equal(await hanging.ended, undefined);
    assert.deepEqual(
      balancer.records.map(({ nodeZone }) => nodeZone),
      ["a", "c"],
    );
    assert.deepEqual(new Set(await nodesOf(balancer, 6)), new Set(["a", "c"]));
  });

  test("WHEN a zone is lost THEN a client of its node hears nothing at all, and has its connection reset when the zone is back", async (context) => {
    const balancer = await threeZones(context);
    await get(balancer.port);
    const client = await rawClient(context, balancer.port, REQUEST);
    await once(client.socket, "data");
    balancer.lostZones.lose("b");
    let heard = false;
    client.socket.on("data", () => (heard = true));
    void client.ended.then(() => (heard = true));
    client.socket.write(REQUEST);
    await balancer.clock.advance(600_000);
    assert.equal(heard, false);
    balancer.lostZones.restore("b");
    assert.equal(await client.ended, undefined);
    // The new node has seen no healthy target yet, and its address waits for one.
    await balancer.clock.advance(5000);
    assert.deepEqual(new Set(await nodesOf(balancer, 6)), new Set(ZONES));
  });

  test("WHEN a node is lost with a request in flight THEN its client gets nothing, although the target answers", async (context) => {
    const entered = Promise.withResolvers<ServerResponse>();
    const balancer = await threeZones(context, (_incoming, outgoing) => {
      entered.resolve(outgoing);
    });
    const client = await rawClient(context, balancer.port, REQUEST);
    const outgoing = await entered.promise;
    let heard = false;
    client.socket.on("data", () => (heard = true));
    void client.ended.then(() => (heard = true));
    balancer.lostZones.lose("a");
    outgoing.end("too late");
    await once(outgoing, "finish");
    await balancer.clock.advance(61_000);
    assert.equal(heard, false);
    const [record] = balancer.records;
    assert.deepEqual(
      [record?.outcome, record?.status, record?.targetStatus],
      ["lost in flight", 0, undefined],
    );
    assert.ok(
      balancer.samples.every(({ metric, value }) => metric.name !== "RequestCount" || value === 0),
    );
  });

  test("WHEN a request goes to a target without power THEN connecting takes 10 s and ends in 504", async (context) => {
    const balancer = await stand(context, { zones: ["a", "b"] });
    await target(context, balancer, (_incoming, outgoing) => outgoing.end("never"), "b");
    await balancer.clock.advance(5000);
    balancer.lostZones.lose("b");
    const outcome = balancer.nextOutcome();
    const reply = get(balancer.port);
    while (balancer.group.targets[0]?.outstanding !== 1)
      await new Promise((resolve) => setImmediate(resolve));
    await balancer.clock.advance(9999);
    assert.deepEqual(balancer.outcomes, []);
    await balancer.clock.advance(1);
    assert.equal((await reply).status, 504);
    assert.equal(await outcome, "sent to a dead target");
    assert.deepEqual(
      balancer.group.targets.map(({ outstanding }) => outstanding),
      [0],
    );
  });

  test("WHEN a target's zone is lost with a request in flight THEN its connection's end is no answer, and the idle timeout makes it a 504", async (context) => {
    const entered = Promise.withResolvers<IncomingMessage>();
    const balancer = await stand(context, { zones: ["a", "b"] });
    await target(
      context,
      balancer,
      (incoming) => {
        entered.resolve(incoming);
      },
      "b",
    );
    await balancer.clock.advance(5000);
    const reply = get(balancer.port);
    const incoming = await entered.promise;
    balancer.lostZones.lose("b");
    incoming.socket.resetAndDestroy();
    await once(incoming.socket, "close");
    await balancer.clock.advance(59_999);
    assert.deepEqual(balancer.outcomes, []);
    await balancer.clock.advance(1);
    assert.equal((await reply).status, 504);
    assert.deepEqual(balancer.outcomes, ["lost in flight"]);
  });
});

describe("GIVEN a zonal shift", () => {
  test("WHEN it begins THEN the node leaves DNS after a minute, and its zone's targets get nothing at once", async (context) => {
    const balancer = await threeZones(context);
    balancer.loadBalancer.shift("b");
    assert.deepEqual(await nodesOf(balancer, 3), ["a", "b", "c"]);
    await balancer.clock.advance(60_000);
    assert.deepEqual(new Set(await nodesOf(balancer, 6)), new Set(["a", "c"]));
    assert.ok(balancer.records.every(({ targetZone }) => targetZone !== "b"));
    balancer.loadBalancer.unshift("b");
    assert.deepEqual(new Set(await nodesOf(balancer, 6)), new Set(ZONES));
  });

  test("WHEN a request is in flight there THEN it is answered", async (context) => {
    const entered = Promise.withResolvers<ServerResponse>();
    const balancer = await threeZones(context, (_incoming, outgoing) => {
      entered.resolve(outgoing);
    });
    const reply = get(balancer.port);
    const outgoing = await entered.promise;
    const busy = balancer.group.targets.find(({ outstanding }) => outstanding === 1);
    balancer.loadBalancer.shift(busy?.zone ?? "");
    outgoing.end("fine");
    assert.equal((await reply).body, "fine");
  });

  const refused: [what: string, zonalShift: boolean, zone: string, message: string][] = [
    [
      "the load balancer takes none",
      false,
      "a",
      "The load balancer `mcp` takes no zonal shift. Give it `enableZonalShift` true.",
    ],
    [
      "the load balancer is not in the zone",
      true,
      "z",
      "The load balancer `mcp` has no zone `z`. It has `a`, `b`, `c`.",
    ],
    [
      "another zone is shifted",
      true,
      "a",
      "The zone `c` of `mcp` is shifted already, and AWS shifts one at a time. End that shift first.",
    ],
  ];
  for (const [what, zonalShift, zone, message] of refused) {
    test(`WHEN ${what} THEN it is refused`, async (context) => {
      const balancer = await stand(context, { zones: ZONES, attributes: { zonalShift } });
      if (zonalShift && zone === "a") balancer.loadBalancer.shift("c");
      assert.throws(() => {
        balancer.loadBalancer.shift(zone);
      }, new LocalError(message));
    });
  }
});
