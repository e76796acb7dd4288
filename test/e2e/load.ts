import { setTimeout as delay } from "node:timers/promises";

/** Where to send calls, and as whom. */
export interface Destination {
  readonly url: string;
  readonly token: string | undefined;
}

/** One call of the weather server, as a client of 2026-07-28 sends it; returns the HTTP status, 0 where the connection broke. */
export async function callWeather({ url, token }: Destination, state = "CA"): Promise<number> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${token ?? ""}`,
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": "tools/call",
        "Mcp-Name": "get_alerts",
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: {
          name: "get_alerts",
          arguments: { state },
          _meta: {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
          },
        },
      }),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

/** How many calls each client of the load sends a second: enough to be in flight at any moment, little for two cores. */
const PAUSE_MILLISECONDS = 10;

/** A repeatable call is tried again for this long. */
const RETRY_MILLISECONDS = 20_000;

/** A load that runs until it is ended. */
export interface Load {
  /** Statuses of every call so far, in the order of their ends. */
  readonly statuses: readonly number[];
  /** Calls that failed for good although they were repeated; only where the load repeats. */
  readonly lost: () => number;
  end(): Promise<void>;
}

/** Several clients that call one after the other; `repeat` makes them clients that repeat what failed. */
export function startLoad(
  destination: Destination,
  clients: number,
  { repeat }: { repeat: boolean },
): Load {
  const statuses: number[] = [];
  let lost = 0;
  let ended = false;
  const client = async (): Promise<void> => {
    while (!ended) {
      const deadline = performance.now() + RETRY_MILLISECONDS;
      let status = await callWeather(destination);
      statuses.push(status);
      while (repeat && status !== 200 && performance.now() < deadline) {
        await delay(PAUSE_MILLISECONDS);
        status = await callWeather(destination);
        statuses.push(status);
      }
      if (repeat && status !== 200) lost++;
      await delay(PAUSE_MILLISECONDS);
    }
  };
  const running = Array.from({ length: clients }, client);
  return {
    statuses,
    lost: () => lost,
    end: async () => {
      ended = true;
      await Promise.all(running);
    },
  };
}
