/** The server behind the gateways, in a process of its own: `node upstream.ts http <port>` or `node upstream.ts stdio`. */
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { answerTo, type Asked } from "./answers.ts";

/** Between the notification and the result, so that a gateway that waits for the result shows. */
const WORK_MILLISECONDS = 20;

const [kind, port] = process.argv.slice(2);
if (kind === "http") {
  const listener: RequestListener = (request, response) => {
    if (request.method !== "POST") {
      response.writeHead(405).end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const asked = JSON.parse(Buffer.concat(chunks).toString()) as Asked;
      if (asked.method === "tools/call" && asked.params?.name === "progress")
        void tellProgress(asked, response);
      else answer(asked, response);
    });
  };
  // ContextForge asks at `localhost`, whatever address it was given.
  for (const host of ["127.0.0.1", "::1"])
    createServer({ keepAliveTimeout: 60_000 }, listener).listen(Number(port), host);
} else {
  for await (const line of createInterface({ input: process.stdin })) {
    const text = answerTo(JSON.parse(line) as Asked);
    if (text !== undefined) process.stdout.write(`${text}\n`);
  }
}

function answer(asked: Asked, response: ServerResponse): void {
  const text = answerTo(asked);
  if (text === undefined) response.writeHead(202).end();
  else
    response
      .writeHead(200, {
        "Content-Type": "application/json",
        "Content-Length": Buffer.byteLength(text),
      })
      .end(text);
}

async function tellProgress(asked: Asked, response: ServerResponse): Promise<void> {
  const progressToken = asked.params?._meta?.["progressToken"];
  const event = (text: string): string => `event: message\ndata: ${text}\n\n`;
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  // By the clock that all processes of the machine share.
  const message = String(performance.timeOrigin + performance.now());
  const params = { progressToken, progress: 1, message };
  response.write(
    event(JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params })),
  );
  await delay(WORK_MILLISECONDS);
  response.end(event(answerTo(asked) ?? ""));
}
