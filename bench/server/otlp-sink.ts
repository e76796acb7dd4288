/** Takes what OpenTelemetry sends, and throws it away: `GET /` tells how many bytes of traces came. */
import { createServer } from "node:http";

let bytes = 0;

createServer((request, response) => {
  if (request.method === "GET") {
    response.end(String(bytes));
    return;
  }
  const isTraces = request.url === "/v1/traces";
  request.on("data", (chunk: Buffer) => {
    if (isTraces) bytes += chunk.length;
  });
  request.on("end", () => {
    // An empty message of protocol buffers has no bytes.
    response.writeHead(200, { "Content-Type": "application/x-protobuf" }).end();
  });
}).listen(Number(process.env["PORT"]), "127.0.0.1");
