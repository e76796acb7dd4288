/**
 * The least that a wrapper can be: `node passing.ts <port> <command> [word]…`. It passes the body of each request on to a child with an id of its own, and
 * the line of the answer back. It checks nothing, parses nothing and logs nothing.
 */
import { spawn } from "node:child_process";
import { createServer, type ServerResponse } from "node:http";

const [port, command = "", ...words] = process.argv.slice(2);
const child = spawn(command, words, { stdio: ["pipe", "pipe", "inherit"] });
const waiting = new Map<number, ServerResponse>();
let lastId = 0;
let rest = "";

child.stdout.on("data", (chunk: Buffer) => {
  const lines = (rest + chunk.toString("latin1")).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    const id = Number.parseInt(line.slice(line.lastIndexOf('"id":') + 5), 10);
    const response = waiting.get(id);
    waiting.delete(id);
    response
      ?.writeHead(200, { "Content-Type": "application/json", "Content-Length": line.length })
      .end(line, "latin1");
  }
});

createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    if (request.method !== "POST") {
      response.end();
      return;
    }
    const id = ++lastId;
    waiting.set(id, response);
    const body = Buffer.concat(chunks).toString("latin1");
    child.stdin.write(`${body.replace('"id":1,', `"id":${id},`)}\n`, "latin1");
  });
}).listen(Number(port), "127.0.0.1");

process.on("SIGTERM", () => {
  child.kill();
  process.exit();
});
