import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { probeOverHttp } from "../../../local/balancer/probe.ts";
import { declaredTargetGroup } from "./declared-target-group.ts";

const { healthCheck } = declaredTargetGroup();

async function target(
  context: TestContext,
  answer: RequestListener,
): Promise<{ id: string; address: string; port: number; close: () => void }> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  context.after(close);
  return { id: "one", address: "127.0.0.1", port: (server.address() as AddressInfo).port, close };
}

describe("GIVEN a target that is checked over HTTP", () => {
  test("WHEN it answers as the matcher says THEN the check passes, made as an ALB makes it", async (context) => {
    let seen: { url: string | undefined; headers: IncomingHttpHeaders } | undefined;
    const { port, ...rest } = await target(context, ({ url, headers }, outgoing) => {
      seen = { url, headers };
      outgoing.writeHead(204).end();
    });
    const check = { ...healthCheck, matcher: "200-299" };
    assert.equal(await probeOverHttp({ ...rest, port }, check, new AbortController().signal), true);
    assert.deepEqual(seen, {
      url: "/readyz",
      headers: {
        "user-agent": "ELB-HealthChecker/2.0",
        connection: "close",
        host: `127.0.0.1:${port}`,
      },
    });
  });

  test("WHEN it answers with another status THEN the check fails", async (context) => {
    const unready = await target(context, (_incoming, outgoing) => outgoing.writeHead(503).end());
    assert.equal(await probeOverHttp(unready, healthCheck, new AbortController().signal), false);
  });

  test("WHEN another port is to be asked THEN it is", async (context) => {
    const { port } = await target(context, (_incoming, outgoing) => outgoing.end());
    const elsewhere = { id: "one", address: "127.0.0.1", port: 1 };
    const check = { ...healthCheck, port };
    assert.equal(await probeOverHttp(elsewhere, check, new AbortController().signal), true);
  });

  test("WHEN nobody listens THEN the check fails", async (context) => {
    const gone = await target(context, () => undefined);
    gone.close();
    assert.equal(await probeOverHttp(gone, healthCheck, new AbortController().signal), false);
  });

  test("WHEN it is silent until the timeout THEN the check fails, and its connection is closed", async (context) => {
    const timeout = new AbortController();
    let closed: Promise<unknown> | undefined;
    const silent = await target(context, ({ socket }) => {
      closed = once(socket, "close");
      timeout.abort();
    });
    assert.equal(await probeOverHttp(silent, healthCheck, timeout.signal), false);
    await closed;
  });
});
