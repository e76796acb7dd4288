import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request, type IncomingMessage } from "node:http";
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { describe, test } from "node:test";
import { RunningListener } from "../../local/balancer/balancer.ts";
import { traceId } from "../../local/balancer/trace-id.ts";
import { LocalError } from "../../local/graph/graph.ts";
import type { Action, Rule } from "../../local/graph/listeners.ts";
import { get, GROUP, stand, target } from "./balancer/stand.ts";

describe("GIVEN a balancer with a healthy target", () => {
  test("WHEN a request comes THEN it arrives with the headers that AWS adds and without those of the connection", async (context) => {
    const balancer = await stand(context);
    const seen = Promise.withResolvers<IncomingMessage>();
    await target(context, balancer, (incoming, outgoing) => {
      seen.resolve(incoming);
      outgoing.writeHead(201, { "X-From": "target", "Keep-Alive": "timeout=99" }).end("hello");
    });
    const reply = await get(balancer.port, "/a?b=c", {
      Host: "mcp.example.com",
      "X-Forwarded-For": "203.0.113.9",
      Connection: "x-secret-hop",
      "X-Secret-Hop": "1",
    });
    const { url, headers } = await seen.promise;
    assert.equal(url, "/a?b=c");
    assert.equal(headers.host, "mcp.example.com");
    assert.equal(headers["x-forwarded-for"], "203.0.113.9, 127.0.0.1");
    assert.equal(headers["x-forwarded-proto"], "http");
    assert.equal(headers["x-forwarded-port"], "80");
    assert.match(String(headers["x-amzn-trace-id"]), /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/u);
    assert.equal(headers["x-secret-hop"], undefined);
    assert.deepEqual([reply.status, reply.headers["x-from"], reply.body], [201, "target", "hello"]);
    assert.notEqual(reply.headers["keep-alive"], "timeout=99");
    assert.deepEqual(balancer.outcomes, ["answered"]);
  });

  test("WHEN the answer is a stream THEN each piece passes as it comes", async (context) => {
    const balancer = await stand(context);
    let write: (text: string) => void = () => undefined;
    await target(context, balancer, (_incoming, outgoing) => {
      outgoing.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
      write = (text) => outgoing.write(text);
    });
    const outgoing = request({ host: "127.0.0.1", port: balancer.port, agent: false }).end();
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    for (const piece of ["one", "two"]) {
      write(piece);
      const [chunk] = (await once(response, "data")) as [Buffer];
      assert.equal(chunk.toString(), piece);
    }
    response.destroy();
  });

  test("WHEN the client leaves THEN the target's connection is closed", async (context) => {
    const balancer = await stand(context);
    const left = Promise.withResolvers<undefined>();
    const entered = Promise.withResolvers<undefined>();
    await target(context, balancer, (_incoming, outgoing) => {
      outgoing.on("close", () => {
        left.resolve(undefined);
      });
      entered.resolve(undefined);
    });
    const outcome = balancer.nextOutcome();
    const outgoing = request({ host: "127.0.0.1", port: balancer.port, agent: false }).end();
    outgoing.on("error", () => undefined);
    await entered.promise;
    outgoing.destroy();
    await left.promise;
    assert.equal(await outcome, "client left");
    assert.deepEqual(
      balancer.group.targets.map(({ outstanding }) => outstanding),
      [0],
    );
  });

  test("WHEN the target breaks off before its answer THEN 502, and nothing is tried again", async (context) => {
    const balancer = await stand(context);
    let requests = 0;
    await target(context, balancer, (incoming) => {
      requests++;
      incoming.socket.destroy();
    });
    await target(context, balancer, (_incoming, outgoing) => outgoing.end("never"));
    const reply = await get(balancer.port);
    assert.deepEqual([reply.status, reply.headers.server], [502, "awselb/2.0"]);
    assert.deepEqual(balancer.outcomes, ["lost in flight"]);
    assert.equal(requests, 1);
  });

  test("WHEN the target breaks off in the middle of its answer THEN the client's connection breaks, too", async (context) => {
    const balancer = await stand(context);
    await target(context, balancer, (incoming, outgoing) => {
      outgoing.writeHead(200, { "Content-Length": "10" });
      outgoing.write("half!", () => incoming.socket.destroy());
    });
    await assert.rejects(get(balancer.port), { code: "ECONNRESET" });
    assert.deepEqual(balancer.outcomes, ["lost in flight"]);
  });

  test("WHEN nothing listens at the target THEN 502, counted as sent to a dead target", async (context) => {
    const balancer = await stand(context);
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    balancer.group.register("dead", "127.0.0.1", port);
    assert.equal((await get(balancer.port)).status, 502);
    assert.deepEqual(balancer.outcomes, ["sent to a dead target"]);
  });

  test("WHEN the target is silent for the idle timeout THEN 504", async (context) => {
    const balancer = await stand(context);
    const entered = Promise.withResolvers<undefined>();
    await target(context, balancer, () => {
      entered.resolve(undefined);
    });
    const pending = get(balancer.port);
    await entered.promise;
    await balancer.clock.advance(59_999);
    assert.deepEqual(balancer.outcomes, []);
    await balancer.clock.advance(1);
    assert.equal((await pending).status, 504);
    assert.deepEqual(balancer.outcomes, ["timed out"]);
  });

  test("WHEN nothing is registered THEN 503", async (context) => {
    const balancer = await stand(context);
    assert.equal((await get(balancer.port)).status, 503);
  });

  test("WHEN the deregistration delay runs out with a request in flight THEN it is cut with 502", async (context) => {
    const balancer = await stand(context, { attributes: { idleTimeoutSeconds: 120 } });
    const entered = Promise.withResolvers<undefined>();
    await target(context, balancer, () => {
      entered.resolve(undefined);
    });
    const pending = get(balancer.port);
    await entered.promise;
    balancer.group.deregister(balancer.group.targets[0]?.id ?? "", () => undefined);
    await balancer.clock.advance(60_000);
    assert.equal((await pending).status, 502);
  });

  test("WHEN a GET has a body of unknown length THEN it arrives as a body, and not as the next request", async (context) => {
    const balancer = await stand(context);
    const seen: string[] = [];
    await target(context, balancer, (incoming, outgoing) => {
      let body = "";
      incoming.on("data", (chunk: Buffer) => (body += chunk.toString()));
      incoming.on("end", () => {
        seen.push(`${incoming.method ?? ""} ${incoming.url ?? ""} ${body.length}`);
        outgoing.end("fine");
      });
    });
    const inner = "POST /inner HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    const outgoing = request({
      host: "127.0.0.1",
      port: balancer.port,
      path: "/outer",
      agent: false,
      headers: { "Transfer-Encoding": "chunked" },
    });
    outgoing.end(inner);
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    response.resume();
    await once(response, "end");
    await get(balancer.port, "/next");
    assert.deepEqual(seen, [`GET /outer ${inner.length}`, "GET /next 0"]);
  });

  for (const status of [
    "HTTP/1.1 099 Odd",
    "HTTP/1.1 000 None",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade",
  ]) {
    test(`WHEN a target answers ${status.split("\r")[0] ?? ""} THEN 502`, async (context) => {
      const balancer = await stand(context);
      const server = createTcpServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => socket.write(`${status}\r\n\r\n`));
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const sockets = new Set<Socket>();
      server.on("connection", (socket) => sockets.add(socket));
      context.after(() => {
        for (const socket of sockets) socket.destroy();
        server.close();
      });
      balancer.group.register("odd", "127.0.0.1", (server.address() as AddressInfo).port);
      assert.equal((await get(balancer.port)).status, 502);
    });
  }

  test("WHEN a client talks nonsense THEN it gets 400 and the balancer goes on", async (context) => {
    const balancer = await stand(context);
    await target(context, balancer, (_incoming, outgoing) => outgoing.end("fine"));
    const socket = connect(balancer.port, "127.0.0.1");
    socket.write("NONSENSE\r\n\r\n");
    const [answer] = (await once(socket, "data")) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1\.1 400/u);
    socket.destroy();
    for (const path of ["//", "/%", "/..//a"])
      assert.equal((await get(balancer.port, path)).body, "fine");
  });
});

describe("GIVEN rules with other actions", () => {
  const rule = (path: string, action: Action): Rule => ({
    arn: path,
    name: path,
    priority: 1,
    validatesTokens: false,
    conditions: [{ field: "path", values: [path] }],
    action,
  });

  test("WHEN a fixed response is declared THEN it is given", async (context) => {
    const balancer = await stand(context, {
      rules: [
        rule("/fixed", {
          type: "fixed-response",
          status: 404,
          contentType: "application/json",
          body: '{"error":"not_found"}',
        }),
      ],
    });
    const reply = await get(balancer.port, "/fixed");
    assert.deepEqual(
      [reply.status, reply.headers["content-type"], reply.body],
      [404, "application/json", '{"error":"not_found"}'],
    );
  });

  test("WHEN a redirect is declared THEN its placeholders are filled from the request", async (context) => {
    const balancer = await stand(context, {
      rules: [
        rule("/old/*", {
          type: "redirect",
          status: 301,
          protocol: "HTTPS",
          host: "#{host}",
          port: "443",
          path: "/#{path}",
          query: "#{query}",
        }),
      ],
    });
    const reply = await get(balancer.port, "/old/a?b=c", { Host: "example.com:8000" });
    assert.deepEqual(
      [reply.status, reply.headers.location],
      [301, "https://example.com:443/old/a?b=c"],
    );
  });

  test("WHEN weights are declared THEN a group of weight 0 gets nothing", async (context) => {
    const balancer = await stand(context, {
      rules: [
        rule("/weighted", {
          type: "forward",
          targets: [
            { targetGroupArn: "missing", weight: 0 },
            { targetGroupArn: GROUP, weight: 1 },
          ],
        }),
      ],
    });
    await target(context, balancer, (_incoming, outgoing) => outgoing.end());
    for (let turn = 0; turn < 20; turn++)
      assert.equal((await get(balancer.port, "/weighted")).status, 200);
  });
});

describe("GIVEN a port that is taken", () => {
  test("WHEN a listener wants it THEN a sentence says what to do", async (context) => {
    const holder = createTcpServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    context.after(() => holder.close());
    const { port } = holder.address() as AddressInfo;
    await assert.rejects(
      RunningListener.open(port, () => undefined),
      new LocalError(
        `Port ${port} of 127.0.0.1 is taken by another process. Stop that one, or choose another port with \`--port\` (0 takes any free one).`,
      ),
    );
  });
});

describe("GIVEN a request's trace header", () => {
  const self = /^Self=1-[0-9a-f]{8}-[0-9a-f]{24};/u;
  test("WHEN it has a root THEN the root stays, and this hop comes before it", () => {
    assert.match(traceId("Root=1-67891233-abcdef012345678912345678;CalledFrom=app"), self);
    assert.match(
      traceId("Root=1-67891233-abcdef012345678912345678;CalledFrom=app"),
      /;Root=1-67891233-abcdef012345678912345678;CalledFrom=app$/u,
    );
  });
  test("WHEN it has an older hop THEN that one is replaced", () => {
    const given =
      "Self=1-67891234-12456789abcdef012345678;Root=1-67891233-abcdef012345678912345678";
    assert.doesNotMatch(traceId(given), /12456789abcdef012345678/u);
  });
  test("WHEN it is missing or has no root THEN there is a new root", () => {
    assert.match(traceId(undefined), /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/u);
    assert.match(traceId("nonsense"), /^Root=1-/u);
  });
});
