/** The least that a reverse proxy in Node can be: `node bare-proxy.ts <port> <port of the upstream>`. It looks at nothing that it passes on. */
import { Agent, createServer, request } from "node:http";

const [port, upstream] = process.argv.slice(2).map(Number);
const agent = new Agent({ keepAlive: true, maxFreeSockets: 256 });

createServer({ keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
  const { method = "GET", url: path = "/", headers } = incoming;
  const onward = request(
    { host: "127.0.0.1", port: upstream, method, path, headers, agent },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  onward.on("error", () => {
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(502).end();
  });
  outgoing.on("close", () => {
    if (!outgoing.writableFinished) onward.destroy();
  });
  incoming.pipe(onward);
}).listen(port, "127.0.0.1");
