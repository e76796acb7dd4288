import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** One answer of a scripted server. */
export interface Reply {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text, or a value that is sent as JSON. Default: an empty body. */
  readonly body?: unknown;
  /**
   * How far to go. `whole` (the default) sends everything; `nothing` never answers; `headers` stops
   * after headers and body without ending; `reset` closes the connection instead of answering;
   * `cut` closes it after headers and body, before the promised length.
   */
  readonly send?: "whole" | "nothing" | "headers" | "reset" | "cut";
}

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** An HTTP server that gives the answers of a list, one a request, in order. */
export interface ScriptedServer {
  readonly url: URL;
  readonly requests: readonly ReceivedRequest[];
  /** Resolves when as many requests have arrived since the start. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts a server that gives `replies`, then 418 for every request more; it ends with the test. */
export async function startScriptedServer(
  test: TestContext,
  replies: readonly Reply[],
): Promise<ScriptedServer> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    const reply = replies[requests.length] ?? { status: 418 };
    requests.push({ method: request.method, path: request.url, headers: request.headers });
    server.emit("received");
    const { send = "whole", body = "" } = reply;
    if (send === "nothing") return;
    if (send === "reset") {
      request.socket.destroy();
      return;
    }
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const more = send === "whole" ? 0 : 100;
    response.writeHead(reply.status ?? 200, {
      "Content-Length": Buffer.byteLength(text) + more,
      ...reply.headers,
    });
    if (send === "whole") response.end(text);
    else {
      response.write(text, () => {
        if (send === "cut") request.socket.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  test.after(close);
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    requests,
    received: async (count) => {
      while (requests.length < count) await once(server, "received");
    },
    close,
  };
}
