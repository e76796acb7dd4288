import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { errorPage } from "../../../local/balancer/pages.ts";
import { get, rawClient, stand, target, type Stand } from "./stand.ts";

/** A target that sends these bytes, whatever it is asked. */
async function rawTarget(
  context: TestContext,
  { group }: Stand,
  answer: (socket: Socket) => void,
): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => {
      answer(socket);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  group.register("raw", "127.0.0.1", (server.address() as AddressInfo).port);
  await new Promise((resolve) => setImmediate(resolve));
}

describe("GIVEN requests that a load balancer answers by itself", () => {
  const long = (bytes: number): string => "x".repeat(bytes);
  const cases: [what: string, text: string, status: number][] = [
    ["is malformed", "NONSENSE\r\n\r\n", 400],
    ["has a space in its path", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["speaks another version", "GET / HTTP/2.5\r\nHost: a\r\n\r\n", 505],
    ["asks for a trace", "TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405],
    ["asks for a tunnel", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    [
      "has an encoding that nobody knows",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
      501,
    ],
    [
      "has a length and chunks",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    [
      "has a line of more than 16 K",
      `GET /${long(16_384)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      414,
    ],
    [
      "has a header of more than 16 K",
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${long(16_384)}\r\n\r\n`,
      400,
    ],
    [
      "has more than 64 K of headers",
      `GET / HTTP/1.1\r\nHost: a\r\n${`X: ${long(13_200)}\r\n`.repeat(5)}\r\n`,
      400,
    ],
    [
      "has 100 K of headers",
      `GET / HTTP/1.1\r\nHost: a\r\n${`X: ${long(10_000)}\r\n`.repeat(10)}\r\n`,
      400,
    ],
    [
      "has passed 31 proxies",
      `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Forwarded-For: ${Array.from({ length: 31 }, () => "192.0.2.1").join(", ")}\r\n\r\n`,
      463,
    ],
  ];
  for (const [what, text, status] of cases) {
    test(`WHEN one ${what} THEN ${status}, with a page as AWS's`, async (context) => {
      const balancer = await stand(context);
      await target(context, balancer, (_incoming, outgoing) => outgoing.end("never"));
      const client = await rawClient(context, balancer.port, text);
      const answer = (await client.ended) ?? "";
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `, "u"));
      assert.match(answer, /\r\nServer: awselb\/2\.0\r\n/u);
      assert.match(answer, /\r\nConnection: close\r\n/u);
      assert.equal(answer.split("\r\n\r\n").slice(1).join("\r\n\r\n"), errorPage(status));
    });
  }

  test("WHEN one has passed 30 proxies, or has almost 16 K, THEN it is served", async (context) => {
    const balancer = await stand(context);
    await target(context, balancer, (_incoming, outgoing) => outgoing.end("fine"));
    const proxies = Array.from({ length: 30 }, () => "192.0.2.1").join(", ");
    assert.equal((await get(balancer.port, "/", { "X-Forwarded-For": proxies })).status, 200);
    assert.equal((await get(balancer.port, `/${long(16_000)}`)).status, 200);
  });

  test("WHEN a client is silent for the idle timeout in the middle of its body THEN 408", async (context) => {
    const balancer = await stand(context);
    const entered = Promise.withResolvers<undefined>();
    await target(context, balancer, () => {
      entered.resolve(undefined);
    });
    const text = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf!";
    const client = await rawClient(context, balancer.port, text);
    await entered.promise;
    await balancer.clock.advance(60_000);
    assert.match((await client.ended) ?? "", /^HTTP\/1\.1 408 /u);
    assert.deepEqual(
      balancer.records.map(({ status, outcome }) => [status, outcome]),
      [[408, undefined]],
    );
  });

  test("WHEN a client is silent for the idle timeout in the middle of its headers THEN 408", async (context) => {
    const balancer = await stand(context);
    const client = await rawClient(context, balancer.port, "GET / HT");
    // The bytes come after the connection: another one makes sure that they are there.
    await get(balancer.port);
    await balancer.clock.advance(60_000);
    assert.match((await client.ended) ?? "", /^HTTP\/1\.1 408 /u);
  });

  test("WHEN a connection is idle for the timeout THEN it is closed without a word", async (context) => {
    const balancer = await stand(context);
    const client = await rawClient(context, balancer.port);
    await get(balancer.port);
    await balancer.clock.advance(60_000);
    assert.equal(await client.ended, "");
  });

  test("WHEN a client leaves before its answer THEN 460 is recorded; before the end of its request, 400", async (context) => {
    const balancer = await stand(context);
    const bodies: [text: string, status: number][] = [
      ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", 460],
      ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf!", 400],
    ];
    let entered = Promise.withResolvers<undefined>();
    await target(context, balancer, () => {
      entered.resolve(undefined);
    });
    for (const [text, status] of bodies) {
      entered = Promise.withResolvers();
      const recorded = balancer.nextRecord();
      const client = await rawClient(context, balancer.port, text);
      await entered.promise;
      client.socket.destroy();
      const record = await recorded;
      assert.deepEqual([record.status, record.outcome], [status, "client left"]);
    }
  });
});

describe("GIVEN targets that fail", () => {
  test("WHEN a target's headers have more than 32 K THEN 502", async (context) => {
    const balancer = await stand(context);
    await target(context, balancer, (_incoming, outgoing) => {
      for (let index = 0; index < 5; index++) outgoing.setHeader(`X-${index}`, "x".repeat(7000));
      outgoing.end("fine");
    });
    assert.equal((await get(balancer.port)).status, 502);
    assert.deepEqual(balancer.outcomes, ["lost in flight"]);
  });

  const answers: [what: string, bytes: string][] = [
    ["ends its connection without an answer", ""],
    ["speaks no HTTP", "SSH-2.0-OpenSSH\r\n"],
  ];
  for (const [what, bytes] of answers) {
    test(`WHEN a target ${what} THEN 502`, async (context) => {
      const balancer = await stand(context);
      await rawTarget(context, balancer, (socket) => socket.end(bytes));
      assert.equal((await get(balancer.port)).status, 502);
      assert.deepEqual(balancer.outcomes, ["lost in flight"]);
    });
  }

  test("WHEN an answer is shorter than its length THEN the idle timeout cuts it", async (context) => {
    const balancer = await stand(context);
    await rawTarget(context, balancer, (socket) =>
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf!"),
    );
    const text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const client = await rawClient(context, balancer.port, text);
    await once(client.socket, "data");
    await balancer.clock.advance(60_000);
    assert.match((await client.ended) ?? "", /half!$/u);
    assert.deepEqual(balancer.outcomes, ["timed out"]);
  });

  test("WHEN a stream says something each 59 s THEN it lives; after 60 s of silence it is cut", async (context) => {
    const balancer = await stand(context);
    let write: (text: string) => void = () => undefined;
    await target(context, balancer, (_incoming, outgoing) => {
      outgoing.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
      write = (text) => outgoing.write(text);
    });
    const text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const client = await rawClient(context, balancer.port, text);
    await once(client.socket, "data");
    for (let index = 0; index < 4; index++) {
      await balancer.clock.advance(59_000);
      write(": alive\n\n");
      await once(client.socket, "data");
    }
    await balancer.clock.advance(59_999);
    assert.deepEqual(balancer.outcomes, []);
    await balancer.clock.advance(1);
    await client.ended;
    assert.deepEqual(balancer.outcomes, ["timed out"]);
  });
});

describe("GIVEN a client's connection", () => {
  test("WHEN it is older than the keep-alive THEN the next answer is its last one", async (context) => {
    const balancer = await stand(context, {
      attributes: { clientKeepAliveSeconds: 300, idleTimeoutSeconds: 4000 },
    });
    await target(context, balancer, (_incoming, outgoing) => outgoing.end("fine"));
    const text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const client = await rawClient(context, balancer.port, text);
    await once(client.socket, "data");
    await balancer.clock.advance(299_999);
    client.socket.write(text);
    await once(client.socket, "data");
    await balancer.clock.advance(1);
    client.socket.write(text);
    const all = (await client.ended) ?? "";
    assert.deepEqual(
      [...all.matchAll(/^Connection: (.*)\r$/gmu)].map(([, value]) => value),
      ["keep-alive", "keep-alive", "close"],
    );
  });

  test("WHEN a client sends one request after the other without waiting THEN each is answered in turn", async (context) => {
    const balancer = await stand(context);
    await target(context, balancer, (incoming, outgoing) =>
      outgoing.end(`<${incoming.url ?? ""}>`),
    );
    const text = ["/1", "/2", "/3"]
      .map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
      .join("");
    const last = "GET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    const client = await rawClient(context, balancer.port, text + last);
    const all = (await client.ended) ?? "";
    assert.deepEqual(all.match(/<\/\d>/gu), ["</1>", "</2>", "</3>", "</4>"]);
  });

  test("WHEN a body is larger than any buffer THEN all of it passes both ways", async (context) => {
    const balancer = await stand(context);
    await target(context, balancer, (incoming, outgoing) => {
      incoming.pipe(outgoing);
    });
    const outgoing = request({
      host: "127.0.0.1",
      port: balancer.port,
      method: "POST",
      agent: false,
    });
    const sent = Buffer.alloc(4 * 1024 * 1024, "x");
    outgoing.end(sent);
    const [response] = (await once(outgoing, "response")) as [AsyncIterable<Buffer>];
    let received = 0;
    for await (const chunk of response) received += chunk.length;
    assert.equal(received, sent.length);
  });
});
