import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { campaign, replay } from "./campaign.ts";
import { SECRETS } from "./target.ts";

describe("GIVEN a server with a defect", () => {
  const json =
    (status: number, body: unknown): RequestListener =>
    (request, response) => {
      request.resume();
      const text = typeof body === "string" ? body : JSON.stringify(body);
      response.writeHead(status, {
        "Content-Type": "application/json",
        "Content-Length": Buffer.byteLength(text),
      });
      response.end(text);
    };
  const error = (message: string): object => ({
    jsonrpc: "2.0",
    id: 1,
    error: { code: -32_603, message },
  });
  const defects: [defect: string, server: RequestListener, objection: RegExp][] = [
    ["answers 500", json(500, { error: "internal_error" }), /^The status is 500\.$/u],
    [
      "shows a stack",
      json(400, error(String(new Error("broken").stack))),
      /^It shows the server's inside: at /u,
    ],
    [
      "tells what a tool threw",
      json(400, error(`cannot connect with ${SECRETS.thrown}`)),
      /^It tells the secret fuzz-thrown-secret/u,
    ],
    [
      "answers no JSON",
      json(400, "oops"),
      /^The body is of type application\/json, and not JSON\.$/u,
    ],
    [
      "answers no JSON-RPC",
      json(200, { jsonrpc: "2.0", id: 1 }),
      /^There is not one of result and error\.$/u,
    ],
    [
      "answers a page",
      (request, response) => {
        request.resume();
        response.end("<h1>Not found</h1>");
      },
      /^The body is of type ""\.$/u,
    ],
    ["refuses what is valid", json(400, error("no")), /^A valid request is answered 400/u],
    [
      "cuts the connection",
      (request) => request.socket.destroy(),
      /^Of 1 requests 0 were answered/u,
    ],
    [
      "writes behind its answer",
      (request, response) => {
        json(200, error("x"))(request, response);
        request.socket.write("x");
      },
      /^Behind the answer follows "x"\.$/u,
    ],
    [
      "cuts a stream",
      (request, response) => {
        request.resume();
        response.writeHead(200, { "Content-Type": "text/event-stream" });
        response.end("data: {");
      },
      /^The stream ends within an event\.$/u,
    ],
  ];
  for (const [defect, server, objection] of defects) {
    test(`WHEN it ${defect} THEN that is found, and told with what it takes to see it again`, async (context) => {
      const listening = createServer(server).listen(0, "127.0.0.1");
      await once(listening, "listening");
      context.after(() => {
        listening.closeAllConnections();
        listening.close();
      });
      const { port } = listening.address() as AddressInfo;
      const { failures } = await campaign([{ port, authorization: undefined }], {
        seed: 1,
        indices: Array.from({ length: 200 }, (_, index) => index),
        clients: 1,
      });
      assert.ok(
        failures.some(({ wrong }) => wrong.some((each) => objection.test(each))),
        JSON.stringify(failures.map(({ wrong }) => wrong)),
      );
      const [failure] = failures;
      assert.ok(failure !== undefined);
      assert.match(
        replay(1, failure),
        /again with FUZZ_SEED=1 FUZZ_ONLY=[\d,]+:\n {2}\w[^]*\n {2}sent "/u,
      );
    });
  }
});
