import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { TargetConnections } from "../../../local/balancer/target-connections.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { declaredTargetGroup } from "./declared-target-group.ts";
import { get, stand as balancerStand, target } from "./stand.ts";

/** A target that wants its connections back at once, and a node's connections to it. */
async function impatientTarget(
  context: TestContext,
): Promise<{ clock: VirtualClock; sockets: Socket[]; send: () => Promise<void> }> {
  const sockets: Socket[] = [];
  const server = createServer((_incoming, outgoing) => {
    outgoing.writeHead(200, { "Keep-Alive": "timeout=1" }).end("fine");
  }).listen(0, "127.0.0.1");
  server.on("connection", (socket) => sockets.push(socket));
  await once(server, "listening");
  const clock = new VirtualClock();
  const agent = new TargetConnections(clock, () => 60);
  context.after(() => {
    agent.destroy();
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const send = async (): Promise<void> => {
    const outgoing = request({ host: "127.0.0.1", port, agent }).end();
    const free = once(agent, "free");
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    response.resume();
    await once(response, "end");
    await free;
  };
  return { clock, sockets, send };
}

describe("GIVEN a target that says how long it keeps connections", () => {
  test("WHEN requests follow each other THEN they share one all the same, as with a load balancer", async (context) => {
    const { clock, sockets, send } = await impatientTarget(context);
    // Node warns of listeners that pile up.
    const warnings: Error[] = [];
    const warned = (warning: Error): unknown => warnings.push(warning);
    process.on("warning", warned);
    context.after(() => process.off("warning", warned));
    await send();
    await clock.advance(59_999);
    await send();
    await clock.advance(59_999);
    await send();
    for (let index = 0; index < 20; index++) await send();
    assert.equal(sockets.length, 1);
    assert.deepEqual(warnings, []);
  });

  test("WHEN one is idle for the timeout of the load balancer THEN it is closed", async (context) => {
    const { clock, sockets, send } = await impatientTarget(context);
    await send();
    const [socket] = sockets;
    assert.ok(socket);
    const closed = once(socket, "close");
    await clock.advance(60_000);
    await closed;
    await send();
    assert.equal(sockets.length, 2);
  });
});

describe("GIVEN a target that closes idle connections sooner than the load balancer", () => {
  test("WHEN a request goes over one that it is closing THEN the client gets a 502, as with AWS, and the next one an answer", async (context) => {
    const balancer = await balancerStand(context);
    const used = new WeakSet<Socket>();
    await target(context, balancer, (incoming, outgoing) => {
      // What comes over a connection that is closed already is never read, and reset.
      if (used.has(incoming.socket)) incoming.socket.resetAndDestroy();
      else outgoing.writeHead(200, { "Keep-Alive": "timeout=1" }).end();
      used.add(incoming.socket);
    });
    const statuses: number[] = [];
    for (let index = 0; index < 4; index++) statuses.push((await get(balancer.port)).status);
    assert.deepEqual(statuses, [200, 502, 200, 502]);
    assert.deepEqual(balancer.outcomes, [
      "answered",
      "lost in flight",
      "answered",
      "lost in flight",
    ]);
  });

  test("WHEN the load balancer's own idle timeout is shorter THEN it has closed them first, and all are answered", async (context) => {
    const balancer = await balancerStand(context);
    const declared = declaredTargetGroup();
    assert.ok(declared.loadBalancer !== undefined);
    balancer.group.update({
      ...declared,
      loadBalancer: { ...declared.loadBalancer, idleTimeoutSeconds: 5 },
    });
    const sockets: Socket[] = [];
    await target(context, balancer, (incoming, outgoing) => {
      sockets.push(incoming.socket);
      outgoing.end();
    });
    const at = async (milliseconds: number): Promise<void> => {
      await balancer.clock.advance(milliseconds);
      assert.equal((await get(balancer.port)).status, 200);
    };
    await at(0);
    await at(4999);
    const [first] = sockets;
    assert.ok(first !== undefined);
    const closed = once(first, "close");
    await balancer.clock.advance(5000);
    await closed;
    await at(0);
    assert.deepEqual(
      sockets.map((socket) => socket === first),
      [true, true, false],
    );
  });
});
