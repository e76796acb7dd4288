import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { keepAlive } from "../../../service/runtime/protocol/keep-alive.ts";

const QUIET = 15_000;
const failure = () => ({ jsonrpc: "2.0", error: { code: -32_603, message: "broken" }, id: 7 });

async function next(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const { value } = await reader.read();
  return new TextDecoder().decode(value);
}

function readerOf(response: Response): ReadableStreamDefaultReader<Uint8Array> {
  assert.ok(response.body);
  return response.body.getReader();
}

/** A response that has been pending for so long that it is a stream, whose first comment has been read. */
async function quiet(context: TestContext): Promise<
  Omit<PromiseWithResolvers<Response>, "promise"> & {
    readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  }
> {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const kept = keepAlive(promise, QUIET, failure);
  context.mock.timers.tick(QUIET);
  const reader = readerOf(await kept);
  await next(reader);
  return { reader, resolve, reject };
}

describe("GIVEN a response that is pending", () => {
  test("WHEN it comes in time THEN it passes as it is, and no timer stays", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    const answer = Response.json({ ok: true });
    assert.equal(await keepAlive(Promise.resolve(answer), QUIET, failure), answer);
  });

  test("WHEN it takes longer than connections stay open THEN comments keep them, and the answer ends the stream", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    const { promise, resolve } = Promise.withResolvers<Response>();
    const kept = keepAlive(promise, QUIET, failure);
    context.mock.timers.tick(QUIET);
    const response = await kept;
    assert.deepEqual(
      [
        response.status,
        response.headers.get("content-type"),
        response.headers.get("x-accel-buffering"),
      ],
      [200, "text/event-stream", "no"],
    );
    const reader = readerOf(response);
    assert.equal(await next(reader), ": keepalive\n\n");
    for (let round = 0; round < 4; round++) {
      context.mock.timers.tick(QUIET);
      assert.equal(await next(reader), ": keepalive\n\n");
    }
    resolve(Response.json({ jsonrpc: "2.0", id: 1, result: {} }));
    assert.equal(
      await next(reader),
      'event: message\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n',
    );
    assert.equal((await reader.read()).done, true);
  });

  test("WHEN it turns out to be a stream itself THEN that goes on in the first one", async (context) => {
    const { reader, resolve } = await quiet(context);
    resolve(
      new Response("event: message\ndata: {}\n\n", {
        headers: { "Content-Type": "text/event-stream" },
      }),
    );
    assert.equal(await next(reader), "event: message\ndata: {}\n\n");
    assert.equal((await reader.read()).done, true);
  });

  test("WHEN the client reads slowly THEN no more of a long stream is taken than it reads", async (context) => {
    let taken = 0;
    const long = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          taken++;
          controller.enqueue(Uint8Array.of(1));
        },
      },
      { highWaterMark: 0 },
    );
    const { reader, resolve } = await quiet(context);
    resolve(new Response(long, { headers: { "Content-Type": "text/event-stream" } }));
    for (let part = 0; part < 3; part++) assert.equal((await reader.read()).value?.length, 1);
    await new Promise((turn) => setImmediate(turn));
    // The one more that a stream of the platform holds ready.
    assert.equal(taken, 4);
    await reader.cancel();
  });

  test("WHEN serving breaks after the stream has begun THEN the client is told in it", async (context) => {
    const { reader, reject } = await quiet(context);
    reject(new Error("secret reason"));
    assert.equal(await next(reader), `event: message\ndata: ${JSON.stringify(failure())}\n\n`);
  });

  test("WHEN serving breaks before THEN it is the caller's to answer", async () => {
    await assert.rejects(keepAlive(Promise.reject(new Error("broken")), QUIET, failure), /broken/u);
  });

  test("WHEN the client leaves THEN the comments end, and the answer's own stream is cancelled when it comes", async (context) => {
    const { reader, resolve } = await quiet(context);
    await reader.cancel();
    context.mock.timers.tick(QUIET);
    const cancelled = Promise.withResolvers<string>();
    resolve(
      new Response(
        new ReadableStream({
          cancel: () => {
            cancelled.resolve("cancelled");
          },
        }),
        { headers: { "Content-Type": "text/event-stream" } },
      ),
    );
    assert.equal(await cancelled.promise, "cancelled");
  });
});
