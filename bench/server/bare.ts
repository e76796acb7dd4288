/** The least that a server in Node can do to give the same answer: it reads the JSON, answers, and looks at nothing else, tokens included. */
import { createServer } from "node:http";
import { readSetting, resultOfAdd, SERVER, type Numbers } from "./add.ts";

interface Asked {
  readonly id: string | number;
  readonly params: { readonly arguments: Numbers; readonly _meta?: object };
}

const MODERN = { "io.modelcontextprotocol/serverInfo": { ...SERVER, title: SERVER.name } };

createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
  if (request.method !== "POST") {
    response.writeHead(200).end();
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { id, params } = JSON.parse(Buffer.concat(chunks).toString()) as Asked;
    const result = resultOfAdd(params.arguments);
    const text = JSON.stringify({
      jsonrpc: "2.0",
      id,
      result:
        params._meta === undefined ? result : { ...result, resultType: "complete", _meta: MODERN },
    });
    response
      .writeHead(200, {
        "Content-Type": "application/json",
        "Content-Length": Buffer.byteLength(text),
      })
      .end(text);
  });
}).listen(readSetting().port, "127.0.0.1");
