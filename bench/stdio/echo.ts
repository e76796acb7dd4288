/** The least that a hop over HTTP can be: `node echo.ts <port>`. It says what it is told. */
import { createServer } from "node:http";

createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    response
      .writeHead(200, { "Content-Type": "application/json", "Content-Length": body.length })
      .end(body);
  });
}).listen(Number(process.argv[2]), "127.0.0.1");
