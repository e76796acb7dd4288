import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { describe, test, type TestContext } from "node:test";
import { createAdmission, type Admission } from "../../../service/runtime/limits/admission.ts";
import { createBodyRoom, readBody, type Body } from "../../../service/runtime/limits/body.ts";
import { connectRaw, listen, type RawClient } from "./raw-client.ts";

const MAX_BYTES = 1000;
const MEBIBYTE = 1024 * 1024;

interface Started {
  readonly connect: () => Promise<RawClient>;
  /** The next body that the server has done reading. */
  readonly next: () => Promise<Body>;
}

/** A server that answers 200 with the body's length, 413, or 503. */
async function start(
  context: TestContext,
  room: Admission = createBodyRoom(MAX_BYTES),
  before: (request: IncomingMessage) => Promise<void> = () => Promise.resolve(),
): Promise<Started> {
  const bodies: Body[] = [];
  const server = createServer((request, response) => {
    void serve(request, response);
  });
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    await before(request);
    const body = await readBody(request, MAX_BYTES, room);
    bodies.push(body);
    server.emit("body");
    if (body.kind === "read") response.end(String(body.bytes.length));
    else response.writeHead(body.kind === "too-large" ? 413 : 503).end();
  };
  const port = await listen(context, server);
  return {
    connect: () => connectRaw(context, port),
    next: async () => {
      for (;;) {
        const body = bodies.shift();
        if (body !== undefined) return body;
        await once(server, "body");
      }
    },
  };
}

const head = (...headers: string[]): string =>
  ["POST / HTTP/1.1", "Host: localhost", ...headers, "", ""].join("\r\n");
const chunk = (bytes: number): string => `${bytes.toString(16)}\r\n${"x".repeat(bytes)}\r\n`;
const CHUNKED = "Transfer-Encoding: chunked";

describe("GIVEN a body within the limit", () => {
  test("WHEN it comes in pieces THEN they are put together, and the room is given back", async (context) => {
    const room = createAdmission(MAX_BYTES);
    const { connect, next } = await start(context, room);
    const { socket } = await connect();
    socket.write(`${head(CHUNKED)}${chunk(300)}`);
    socket.write(`${chunk(700)}0\r\n\r\n`);
    assert.deepEqual(await next(), { kind: "read", bytes: Buffer.alloc(1000, "x") });
    assert.equal(room.ongoing, 0);
  });

  test("WHEN it is empty THEN so is what is read", async (context) => {
    const { connect, next } = await start(context);
    const { socket } = await connect();
    socket.write(head("Content-Length: 0"));
    assert.deepEqual(await next(), { kind: "read", bytes: Buffer.alloc(0) });
  });
});

describe("GIVEN a body over the limit", () => {
  test("WHEN it is announced THEN it is answered before it comes, and the connection serves on", async (context) => {
    const { connect } = await start(context);
    const { socket, received } = await connect();
    socket.write(head("Content-Length: 1001"));
    await received(/^HTTP\/1\.1 413 /u);
    socket.write("x".repeat(1001));
    socket.write(`${head("Content-Length: 3")}abc`);
    await received(/HTTP\/1\.1 200 [^]*\r\n\r\n3$/u);
  });

  test("WHEN it turns out so THEN it is answered, the rest discarded, and the connection serves on", async (context) => {
    const { connect } = await start(context);
    const { socket, received } = await connect();
    socket.write(`${head(CHUNKED)}${chunk(1001)}`);
    await received(/^HTTP\/1\.1 413 /u);
    socket.write(`${chunk(MEBIBYTE)}0\r\n\r\n${head("Content-Length: 3")}abc`);
    await received(/HTTP\/1\.1 200 [^]*\r\n\r\n3$/u);
  });

  test("WHEN it goes on for more than 64 MiB THEN the connection is closed", async (context) => {
    const { connect } = await start(context);
    const { socket, received, closed } = await connect();
    socket.write(`${head(CHUNKED)}${chunk(1001)}`);
    await received(/^HTTP\/1\.1 413 /u);
    for (let sent = 0; sent <= 65; sent++) socket.write(chunk(MEBIBYTE));
    await closed();
  });
});

describe("GIVEN a client that leaves", () => {
  test("WHEN its body has not come THEN that is told, and the room is given back", async (context) => {
    const room = createAdmission(MAX_BYTES);
    const { connect, next } = await start(context, room);
    const { socket } = await connect();
    socket.write(`${head("Content-Length: 500")}${"x".repeat(100)}`);
    await arrival(room, 100);
    socket.destroy();
    assert.deepEqual(await next(), { kind: "left" });
    assert.equal(room.ongoing, 0);
  });

  test("WHEN it was gone before its body was asked for THEN that is told", async (context) => {
    const { promise: seen, resolve: see } = Promise.withResolvers<undefined>();
    const { connect, next } = await start(context, undefined, async (request) => {
      see(undefined);
      await new Promise((resolve) => request.once("close", resolve));
    });
    const { socket } = await connect();
    socket.write(head("Content-Length: 500"));
    await seen;
    socket.destroy();
    assert.deepEqual(await next(), { kind: "left" });
  });
});

test("GIVEN bodies that arrive slowly WHEN they fill the room THEN the next is refused, what is announced does not count, and room comes back", async (context) => {
  const room = createAdmission(MAX_BYTES);
  const { connect } = await start(context, room);
  const [announced, slow, refused] = await Promise.all([connect(), connect(), connect()]);
  announced.socket.write(head("Content-Length: 1000"));
  slow.socket.write(head("Content-Length: 1000", "Expect: 100-continue"));
  await slow.received(/^HTTP\/1\.1 100 /u);
  slow.socket.write("x".repeat(900));
  await arrival(room, 900);
  refused.socket.write(`${head("Content-Length: 101")}${"x".repeat(101)}`);
  await refused.received(/^HTTP\/1\.1 503 /u);
  slow.socket.write("x".repeat(100));
  await slow.received(/\r\n\r\n1000$/u);
  refused.socket.write(`${head("Content-Length: 101")}${"x".repeat(101)}`);
  await refused.received(/\r\n\r\n101$/u);
  assert.equal(room.ongoing, 0);
});

/** Lets the event loop go round until so much has come. */
async function arrival(room: Admission, bytes: number): Promise<void> {
  while (room.ongoing < bytes) await new Promise((resolve) => setImmediate(resolve));
}
