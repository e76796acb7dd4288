import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { settled } from "../virtual-clock.ts";
import { stand, type Stand } from "./running-target-group.ts";

interface InFlight extends Stand {
  /** Lets the target answer. */
  readonly answer: () => void;
  /** What comes of the request: the answer's status, or the code of the error. */
  readonly ended: Promise<number | string | undefined>;
}

/** A request at work in the only target of a group. */
async function inFlight(
  context: TestContext,
  deregistrationDelaySeconds: number,
): Promise<InFlight> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const running = stand({ declared: { deregistrationDelaySeconds } });
  running.well.add("one");
  running.group.register("one", "127.0.0.1", (server.address() as AddressInfo).port, "a");
  await settled();
  const destination = running.group.next();
  assert.ok(destination !== undefined);
  const { target, agent } = destination;
  const outgoing = request({ host: target.address, port: target.port, agent });
  const ended = new Promise<number | string | undefined>((resolve) => {
    outgoing.on("response", (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code);
    });
  });
  const arrived = once(server, "request");
  outgoing.end();
  const [, response] = (await arrived) as [IncomingMessage, ServerResponse];
  context.after(() => {
    running.group.close();
  });
  return { ...running, answer: () => response.end(), ended };
}

describe("GIVEN a request in flight", () => {
  test("WHEN its target turns unhealthy THEN it goes on", async (context) => {
    const { clock, group, well, answer, ended } = await inFlight(context, 60);
    well.delete("one");
    await clock.advance(10_000);
    assert.equal(group.state("one"), "unhealthy");
    answer();
    assert.equal(await ended, 200);
  });

  test("WHEN its target is deregistered THEN it may finish until the delay is over", async (context) => {
    const { clock, group, answer, ended } = await inFlight(context, 60);
    group.deregister("one", () => undefined);
    await clock.advance(59_999);
    answer();
    assert.equal(await ended, 200);
  });

  for (const delay of [60, 0]) {
    test(`WHEN the delay of ${delay} s is over THEN it is cut`, async (context) => {
      const { clock, group, ended } = await inFlight(context, delay);
      group.deregister("one", () => undefined);
      await clock.advance(delay * 1000);
      assert.equal(await ended, "ECONNRESET");
    });
  }
});
