import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { headProblem } from "../../../service/runtime/limits/request-head.ts";
import { watchConnections } from "../../../service/runtime/connections.ts";
import {
  guardSlowClients,
  serverOptions,
  type SlowClientLimits,
} from "../../../service/runtime/limits/slow-clients.ts";
import { connectRaw, listen, type RawClient } from "./raw-client.ts";

/** So short that a test sees the end of it. */
const LIMITS: SlowClientLimits = { requestTimeoutSeconds: 0.3, keepAliveSeconds: 0.9 };

const GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** Events that follow each other faster than anybody reads. */
const EVENT = Buffer.alloc(16 * 1024, "x");

interface Started {
  readonly server: Server;
  readonly connect: (options?: { paused: boolean }) => Promise<RawClient>;
}

const answer: RequestListener = (request, response) => {
  const problem = headProblem(request);
  if (problem !== undefined) {
    response.writeHead(problem).end();
    return;
  }
  request.resume();
  if (request.url === "/endless") writeUntilFull(response, () => undefined);
  else if (request.url === "/stalled-with-comments") writeUntilFull(response, keepAlive);
  else if (request.url === "/early") response.writeHead(413).end();
  else if (request.method === "GET") response.end("ok");
  else request.on("end", () => response.end("ok"));
};

/** Writes as long as the client takes it, and then does something else. */
function writeUntilFull(response: ServerResponse, then: (response: ServerResponse) => void): void {
  if (response.write(EVENT)) setImmediate(writeUntilFull, response, then);
  else {
    response.once("drain", () => {
      writeUntilFull(response, () => undefined);
    });
    then(response);
  }
}

/** Comments as a stream has them, from a server that does not mind whether anybody reads. */
function keepAlive(response: ServerResponse): void {
  const commenting = setInterval(() => response.write(": keep-alive\n\n"), 50);
  response.once("close", () => {
    clearInterval(commenting);
  });
}

async function start(
  context: TestContext,
  limits = LIMITS,
  listener: RequestListener = answer,
): Promise<Started> {
  const server = createServer(serverOptions(limits));
  guardSlowClients(server, watchConnections(server), limits);
  server.on("request", listener);
  const port = await listen(context, server);
  return { server, connect: (options) => connectRaw(context, port, options) };
}

/** Sends one byte after the other, forever, whenever the server has had time to look for slow clients. */
function drip(context: TestContext, { socket }: RawClient, bytes: string): void {
  const dripping = setInterval(() => socket.write(bytes), 50);
  socket.once("close", () => {
    clearInterval(dripping);
  });
  context.after(() => {
    clearInterval(dripping);
  });
}

const TIMEOUT = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

describe("GIVEN the configuration", () => {
  test("WHEN the server is made THEN limits are in milliseconds, and looked after often enough", () => {
    assert.deepEqual(serverOptions({ requestTimeoutSeconds: 60, keepAliveSeconds: 75 }), {
      headersTimeout: 60_000,
      requestTimeout: 60_000,
      connectionsCheckingInterval: 5000,
      keepAliveTimeout: 75_000,
      keepAliveTimeoutBuffer: 1000,
      maxHeaderSize: 16_384,
    });
    assert.equal(
      serverOptions({ requestTimeoutSeconds: 1, keepAliveSeconds: 75 }).connectionsCheckingInterval,
      100,
    );
  });
});

describe("GIVEN a client that sends slowly", () => {
  test("WHEN its headers drip in THEN 408, and the connection is closed", async (context) => {
    const client = await (await start(context)).connect();
    client.socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
    drip(context, client, "x");
    assert.equal(await client.closed(), TIMEOUT);
  });

  test("WHEN its body drips in THEN 408, and the connection is closed", async (context) => {
    const client = await (await start(context)).connect();
    client.socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
    drip(context, client, "x");
    assert.equal(await client.closed(), TIMEOUT);
  });

  test("WHEN it was answered before its body drips in THEN the connection is closed without a second answer", async (context) => {
    const client = await (await start(context)).connect();
    client.socket.write("POST /early HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
    drip(context, client, "x");
    assert.doesNotMatch(await client.closed(), /408/u);
    assert.match(await client.closed(), /^HTTP\/1\.1 413 /u);
  });

  test("WHEN it sends empty lines between requests THEN the connection is closed all the same", async (context) => {
    const client = await (await start(context)).connect();
    client.socket.write(GET);
    await client.received(/ok$/u);
    drip(context, client, "\r\n");
    assert.match(await client.closed(), /ok$/u);
  });

  test("WHEN it sends empty lines before its first request THEN 408", async (context) => {
    const client = await (await start(context)).connect();
    drip(context, client, "\r\n");
    assert.equal(await client.closed(), TIMEOUT);
  });
});

describe("GIVEN a client that does not read", () => {
  for (const path of ["/endless", "/stalled-with-comments"]) {
    test(`WHEN ${path} has waited long enough THEN it is cut off, and others are served meanwhile`, async (context) => {
      const { server, connect } = await start(context, { ...LIMITS, keepAliveSeconds: 60 });
      const connected = once(server, "connection") as Promise<[Socket]>;
      const deaf = await connect({ paused: true });
      const [serverSide] = await connected;
      const cut = new Promise((resolve) => serverSide.once("close", resolve));
      const other = await connect();
      deaf.socket.write(GET.replace("/", path));
      other.socket.write(GET);
      await other.received(/ok$/u);
      await cut;
      other.socket.write(GET);
      await other.received(/ok[^]*ok$/u);
    });
  }
});

describe("GIVEN a client that is merely quiet", () => {
  const patient = { ...LIMITS, keepAliveSeconds: 60 };

  test("WHEN its connection is idle for longer than a request may take THEN it is still served", async (context) => {
    const { connect } = await start(context, patient);
    const client = await connect();
    client.socket.write(GET);
    await client.received(/ok$/u);
    await requestTimeout(context, await connect());
    client.socket.write(GET);
    await client.received(/ok[^]*ok$/u);
  });

  test("WHEN its connection was never used for longer than a request may take THEN it is still served, and not closed after", async (context) => {
    const { connect } = await start(context, patient);
    const client = await connect();
    await requestTimeout(context, await connect());
    client.socket.write(GET);
    assert.match(await client.received(/ok$/u), /^HTTP\/1\.1 200 /u);
    await requestTimeout(context, await connect());
    client.socket.write(GET);
    await client.received(/ok[^]*ok$/u);
  });

  test("WHEN its connection is never used THEN it is closed in the end without a word", async (context) => {
    const client = await (await start(context)).connect();
    assert.equal(await client.closed(), "");
  });

  test("WHEN its call takes longer than a request may take to arrive THEN it is answered", async (context) => {
    const { promise: finished, resolve: finish } = Promise.withResolvers<undefined>();
    const { connect } = await start(context, patient, (request, response) => {
      request.resume();
      void finished.then(() => response.end("ok"));
    });
    const client = await connect();
    client.socket.write(GET);
    await requestTimeout(context, await connect());
    finish(undefined);
    await client.received(/ok$/u);
  });
});

describe("GIVEN a request with too much at its head", () => {
  test("WHEN its headers have more than 16 KiB THEN 431", async (context) => {
    const client = await (await start(context)).connect();
    client.socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"x".repeat(16_384)}`);
    assert.equal(
      await client.closed(),
      "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    );
  });

  test("WHEN it has 100 headers THEN it is served; one more is too many, though they are short", async (context) => {
    const client = await (await start(context)).connect();
    const request = (headers: number): string =>
      `GET / HTTP/1.1\r\nHost: localhost\r\n${"a:\r\n".repeat(headers - 1)}\r\n`;
    client.socket.write(request(100));
    await client.received(/^HTTP\/1\.1 200 /u);
    client.socket.write(request(101));
    await client.received(/HTTP\/1\.1 431 /u);
    client.socket.write(request(3000));
    await client.received(/HTTP\/1\.1 431 [^]*HTTP\/1\.1 431 /u);
  });
});

describe("GIVEN a request with a target that is none", () => {
  for (const target of ["http://", "https://[::1", "http://localhost:99999/"]) {
    test(`WHEN it is ${target} THEN 400`, async (context) => {
      const client = await (await start(context)).connect();
      client.socket.write(GET.replace("/", target));
      await client.received(/^HTTP\/1\.1 400 /u);
    });
  }
  for (const target of ["/", "//", "/%ff", "/?[", "*", "http://localhost/"]) {
    test(`WHEN it is ${target} THEN it is for others to judge`, async (context) => {
      const client = await (await start(context)).connect();
      client.socket.write(GET.replace("GET /", `OPTIONS ${target}`));
      await client.received(/^HTTP\/1\.1 200 /u);
    });
  }
});

describe("GIVEN a request whose `Host` is not one host", () => {
  const heads: [head: string, status: number][] = [
    ["GET / HTTP/1.1\r\nHost: localhost\r\nhost: localhost\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nHost:\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nHost: evil@localhost\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nHost: localhost/evil?\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nHost: localhost:99999\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400],
    ["GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400],
    ["GET / HTTP/1.0\r\n\r\n", 200],
    ["GET / HTTP/1.1\r\nHost: LocalHost:80\r\n\r\n", 200],
    ["GET / HTTP/1.1\r\nHost: 10.0.12.34:\r\n\r\n", 200],
    ["GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 200],
    ["GET / HTTP/1.1\r\nHost: my_service\r\n\r\n", 200],
  ];
  for (const [head, status] of heads) {
    test(`WHEN it is ${JSON.stringify(head)} THEN ${status}`, async (context) => {
      const client = await (await start(context)).connect();
      client.socket.write(head);
      await client.received(new RegExp(`^HTTP/1\\.1 ${status} `, "u"));
    });
  }
});

describe("GIVEN bytes that are no HTTP", () => {
  test("WHEN they come first THEN 400, and the connection is closed", async (context) => {
    const client = await (await start(context)).connect();
    client.socket.write("\x16\x03\x01\x02\x00\x01\x00");
    assert.equal(
      await client.closed(),
      "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    );
  });

  test("WHEN they come while an answer is being written THEN nothing is written into it", async (context) => {
    const client = await (
      await start(context, LIMITS, (_request, response) => {
        response.write("begun");
      })
    ).connect();
    client.socket.write(GET);
    await client.received(/begun/u);
    client.socket.write("nonsense\r\n\r\n");
    assert.doesNotMatch(await client.closed(), /400/u);
  });
});

/** Resolves when a request that was begun now has run out of time. */
async function requestTimeout(context: TestContext, client: RawClient): Promise<void> {
  client.socket.write("GET / HTTP/1.1\r\n");
  drip(context, client, "x");
  assert.equal(await client.closed(), TIMEOUT);
}
