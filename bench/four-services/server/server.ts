/** The least that keeps the container contract: every POST is answered with the same list of tools. */
import { createServer } from "node:http";

const ANSWER = JSON.stringify({ jsonrpc: "2.0", id: 1, result: { tools: [], ttlMs: 0 } });

const server = createServer((request, response) => {
  request.resume();
  if (request.method === "POST")
    response.writeHead(200, { "Content-Type": "application/json" }).end(ANSWER);
  else response.writeHead(/^\/(?:healthz|readyz)$/u.test(request.url ?? "") ? 200 : 405).end();
});
// Longer than the load balancer's idle timeout, so that it closes first.
server.keepAliveTimeout = 75_000;
server.listen(Number(process.env["PORT"] ?? 8080), process.env["HOST"] ?? "0.0.0.0");
process.once("SIGTERM", () => {
  server.close(() => process.exit(0));
});
