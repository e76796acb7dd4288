import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";

/** A response that is read as it comes. */
export interface Stream {
  readonly status: number | undefined;
  /** Resolves when a text is in what has come since the text that was waited for before. */
  until(text: string): Promise<void>;
  close(): void;
}

/** A JSON-RPC request of 2026-07-28 with the headers that belong to it. */
export interface RawRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** @param name what `Mcp-Name` says, for methods that have it. */
export function rawRequest(
  method: string,
  params: Readonly<Record<string, unknown>>,
  name?: string,
): RawRequest {
  return {
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": "2026-07-28",
      "Mcp-Method": method,
      ...(name === undefined ? {} : { "Mcp-Name": name }),
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method,
      params: {
        ...params,
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": {},
        },
      },
    }),
  };
}

/** A subscription. */
export function listen(notifications: Readonly<Record<string, unknown>>): RawRequest {
  return rawRequest("subscriptions/listen", { notifications });
}

/** A call of a tool. */
export function toolCall(name: string, input: Readonly<Record<string, unknown>>): RawRequest {
  return rawRequest("tools/call", { name, arguments: input }, name);
}

/** Sends a request over a connection of its own, and resolves with the head of its answer. */
export async function openStream(url: string, { headers, body }: RawRequest): Promise<Stream> {
  const outgoing = request(url, { method: "POST", headers, agent: false });
  outgoing.end(body);
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  // Whoever closes it knows.
  response.on("error", () => undefined);
  outgoing.on("error", () => undefined);
  let text = "";
  response.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return {
    status: response.statusCode,
    until: async (wanted) => {
      while (!text.includes(wanted)) {
        if (response.destroyed)
          throw new Error(`The stream has ended before \`${wanted}\`: ${text}`);
        await Promise.race([once(response, "data"), once(response, "close")]);
      }
      text = text.slice(text.indexOf(wanted) + wanted.length);
    },
    close: () => {
      outgoing.destroy();
    },
  };
}
