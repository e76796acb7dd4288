import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import express from "express";
import { createFront, type FrontDoor } from "../../../service/runtime/hot-path/front.ts";
import type { HotPath } from "../../../service/runtime/hot-path/index.ts";
import { createAdmission, type Admission } from "../../../service/runtime/limits/admission.ts";
import { readMessage, type MessageLimits } from "../../../service/runtime/protocol/message.ts";
import { connectRaw, listen } from "../limits/raw-client.ts";

const DOOR: FrontDoor = { isHostAllowed: () => true, identify: () => ({ caller: undefined }) };

/** Leaves everything to the router. */
const NOTHING_HOT: HotPath = {
  recognise: () => undefined,
  take: () => false,
  close: () => undefined,
};

/** A front before what reads messages, as the endpoint does. */
async function start(
  context: TestContext,
  bodyRoom: Admission,
): Promise<{ readonly port: number; readonly handed: () => number }> {
  let handed = 0;
  const limits: MessageLimits = {
    bodyBytes: 1000,
    bodyRoom,
    json: { depth: 64, batch: 50, containers: 1000 },
  };
  const front = createFront({
    hotPath: NOTHING_HOT,
    admission: createAdmission(10),
    isFull: () => false,
    limits,
    prepare: () => undefined,
  });
  const application = express();
  application.post("/", async (request, response) => {
    handed++;
    const message = await readMessage(request, response, limits);
    if (message !== undefined) response.json(message.value);
  });
  const server = createServer((request, response) => {
    front.handle(DOOR, request, response, application);
  });
  return { port: await listen(context, server), handed: () => handed };
}

const head = (length: number, more = ""): string =>
  `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${more}\r\n`;

test("GIVEN too many bodies that are arriving WHEN another one comes THEN 503 at once, one answer only, and the connection goes on", async (context) => {
  const room = createAdmission(100);
  const { port, handed } = await start(context, room);
  const { socket, received, closed } = await connectRaw(context, port);
  const body = JSON.stringify({ text: "x".repeat(289) });
  assert.equal(body.length, 300);
  socket.write(`${head(300)}${body.slice(0, 150)}`);
  assert.match(await received(/\r\n\r\n.*\}$/u), /^HTTP\/1\.1 503 [^]*Retry-After: 1\r\n/u);
  socket.write(`${body.slice(150)}${head(7, "Connection: close\r\n")}{"a":1}`);
  const answers = (await closed()).match(/HTTP\/1\.1 \d+/gu);
  assert.deepEqual(answers, ["HTTP/1.1 503", "HTTP/1.1 200"]);
  assert.equal(handed(), 2);
  assert.equal(room.ongoing, 0);
});

test("GIVEN a body in pieces WHEN it is handed on THEN it is read once, and comes as it was", async (context) => {
  const room = createAdmission(1000);
  const { port, handed } = await start(context, room);
  const { socket, closed } = await connectRaw(context, port);
  socket.setNoDelay(true);
  for (const piece of [head(14, "Connection: close\r\n"), '{"a":', '"\u00e9', '1234"}']) {
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.match(Buffer.from(await closed(), "latin1").toString(), /\r\n\r\n\{"a":"é1234"\}$/u);
  assert.equal(handed(), 1);
  assert.equal(room.ongoing, 0);
});

test("GIVEN clients that leave in the middle of their bodies WHEN they are gone THEN nothing is handed on, and their room is free", async (context) => {
  const room = createAdmission(1000);
  const { port, handed } = await start(context, room);
  for (let count = 0; count < 5; count++) {
    const { socket, closed } = await connectRaw(context, port);
    socket.write(`${head(300)}{"a":`);
    await new Promise((resolve) => setImmediate(resolve));
    socket.resetAndDestroy();
    await closed();
  }
  const { socket, closed } = await connectRaw(context, port);
  socket.write(`${head(7, "Connection: close\r\n")}{"a":1}`);
  assert.match(await closed(), /^HTTP\/1\.1 200 /u);
  assert.equal(handed(), 1);
  assert.equal(room.ongoing, 0);
});
