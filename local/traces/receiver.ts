import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { readSpans } from "./otlp.ts";
import type { TraceStore } from "./trace-store.ts";

/** Stands in for the collector beside each replica. */
export interface TraceReceiver {
  /** The origin to send to, such as `http://127.0.0.1:43180`. */
  readonly origin: string;
  close(): Promise<void>;
}

/** The Collector's own limit of a request (`confighttp`, `max_request_body_size`: 20 MiB). */
const MOST_BYTES = 20 * 1024 * 1024;

/** Takes traces by OTLP/HTTP, and metrics and logs, too, of which nothing is kept: nobody who sends them must be told to come again. */
export async function startTraceReceiver(store: TraceStore): Promise<TraceReceiver> {
  const server = createServer((incoming, outgoing) => {
    incoming.on("error", () => undefined);
    void answer(incoming, outgoing, store).catch(() => outgoing.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  store: TraceStore,
): Promise<void> {
  const path = /^\/v1\/(traces|metrics|logs)$/u.exec(incoming.url ?? "")?.[1];
  if (path === undefined || incoming.method !== "POST") {
    outgoing.writeHead(path === undefined ? 404 : 405).end();
    return;
  }
  const body = await read(incoming);
  if (body === undefined) {
    outgoing.writeHead(413, { Connection: "close" }).end();
    return;
  }
  const contentType = incoming.headers["content-type"] ?? "";
  const spans = path === "traces" ? readSpans(contentType, body) : [];
  if (spans === undefined) {
    outgoing.writeHead(400).end();
    return;
  }
  store.add(spans);
  // An empty response message: nothing was refused (OTLP specification, "Full Success").
  const isJson = contentType.startsWith("application/json");
  outgoing.writeHead(200, { "Content-Type": contentType }).end(isJson ? "{}" : "");
}

/** Undefined where there is more than is taken. */
async function read(incoming: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (incoming.headers["content-encoding"] !== "gzip") return body;
  try {
    return gunzipSync(body, { maxOutputLength: MOST_BYTES });
  } catch {
    return undefined;
  }
}
