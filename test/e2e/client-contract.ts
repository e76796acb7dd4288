import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  ABROAD_ARGUMENTS,
  ALERTS_ARGUMENTS,
  assertAbroad,
  assertAlerts,
  assertForecast,
  assertTools,
  assertUnknownArea,
  FORECAST_ARGUMENTS,
  FORECAST_PROGRESS,
  SERVER,
  UNKNOWN_AREA_ARGUMENTS,
} from "./expected.ts";
import type { Stack } from "./stack.ts";

/** A connected client, whatever package it comes from. */
export interface ConnectedClient {
  readonly protocolVersion: string | undefined;
  readonly server: unknown;
  readonly instructions: string | undefined;
  readonly sessionId: string | undefined;
  listTools(): Promise<unknown>;
  callTool(
    name: string,
    input: Record<string, unknown>,
    onProgress?: (update: unknown) => void,
  ): Promise<unknown>;
  close(): Promise<void>;
}

/** What a client is given to connect with. */
export interface ConnectOptions {
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
}

/** One HTTP exchange of a client. */
interface Exchange {
  /** The method of JSON-RPC, or of HTTP where the request has no body. */
  readonly method: string;
  readonly status: number;
  readonly headers: Headers;
}

/** What a kind of client must be served like. */
export interface ClientKind {
  readonly name: string;
  readonly protocolVersion: string;
  /** The requests that connecting takes. */
  readonly handshake: readonly string[];
  connect(options: ConnectOptions): Promise<ConnectedClient>;
}

const TIMEOUT = { timeout: 120_000 };

/** Tests that every client must pass, against one stack that runs with `--logs`. */
export function describeClient(kind: ClientKind, stack: () => Stack): void {
  describe(`GIVEN ${kind.name} against two replicas`, TIMEOUT, () => {
    const exchanges: Exchange[] = [];
    let client: ConnectedClient;
    let handshake: string[];

    const connect = (token: string | undefined): Promise<ConnectedClient> =>
      kind.connect({
        url: new URL(stack().url),
        headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
        fetch: async (url, init) => {
          const response = await fetch(url, init);
          exchanges.push({
            method: methodOf(init),
            status: response.status,
            headers: response.headers,
          });
          return response;
        },
      });

    before(async () => {
      client = await connect(stack().token);
      handshake = exchanges.map(({ method }) => method);
    });
    after(() => client.close());

    test("WHEN it connects THEN the server introduces itself in the client's revision", () => {
      assert.equal(client.protocolVersion, kind.protocolVersion);
      assert.deepEqual(client.server, SERVER);
      assert.match(client.instructions ?? "", /^Alerts and forecasts of the US National Weather/u);
      assert.deepEqual(handshake, kind.handshake);
    });

    test("WHEN it lists the tools THEN it gets both, with their schemas", async () => {
      assertTools(await client.listTools());
    });

    test("WHEN it asks for alerts THEN it gets the sample's, in words and structured", async () => {
      assertAlerts(await client.callTool("get_alerts", ALERTS_ARGUMENTS));
    });

    test("WHEN it asks for a forecast with progress THEN it is told of each step, in order, before the answer", async () => {
      const updates: unknown[] = [];
      const result = await client.callTool("get_forecast", FORECAST_ARGUMENTS, (update) => {
        updates.push(update);
      });
      assert.deepEqual(updates, FORECAST_PROGRESS);
      assertForecast(result);
    });

    test("WHEN it asks for the alerts of no area THEN the tool says what is wrong and what would be right", async () => {
      assertUnknownArea(await client.callTool("get_alerts", UNKNOWN_AREA_ARGUMENTS));
    });

    test("WHEN it asks for a forecast of Paris THEN the tool says what it covers", async () => {
      assertAbroad(await client.callTool("get_forecast", ABROAD_ARGUMENTS));
    });

    test("WHEN it calls a tool that there is not THEN it gets error -32602", async () => {
      await assert.rejects(client.callTool("get_snow", {}), (error: Error) => {
        assert.equal((error as Error & { code: unknown }).code, -32_602);
        assert.match(error.message, /Tool get_snow not found$/u);
        return true;
      });
    });

    test("WHEN it calls several times THEN both replicas answer, and none knows a session", async () => {
      const first = exchanges.length;
      for (let call = 0; call < 6; call++) await client.callTool("get_alerts", ALERTS_ARGUMENTS);
      const requests = exchanges
        .slice(first)
        .filter(({ method }) => method === "tools/call")
        .map(({ headers }) => headers.get("x-request-id") ?? "");
      assert.equal(requests.length, 6);
      assert.equal(new Set(await stack().replicasOf(requests)).size, 2);

      assert.equal(client.sessionId, undefined);
      for (const { method, status, headers } of exchanges) {
        assert.equal(headers.get("mcp-session-id"), null, method);
        // The stream that clients of 2025 try to open is refused, and they go on without.
        assert.ok(method === "GET" ? status === 405 : status < 300, `${method}: ${status}`);
      }
    });

    test("WHEN it asks eight times at once THEN every answer belongs to its question", async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          index % 2 === 0
            ? client.callTool("get_alerts", ALERTS_ARGUMENTS)
            : client.callTool("get_forecast", FORECAST_ARGUMENTS),
        ),
      );
      for (const [index, answer] of answers.entries()) {
        if (index % 2 === 0) assertAlerts(answer);
        else assertForecast(answer);
      }
    });

    for (const [which, token] of [
      ["no token", undefined],
      ["a wrong token", "wrong-0123456789abcdef"],
    ] as const) {
      test(`WHEN it comes with ${which} THEN connecting fails, and nothing repeats the token`, async () => {
        const first = exchanges.length;
        await assert.rejects(connect(token), (error: Error) => {
          assert.match(error.message, /401|unauthorized|invalid_token/u);
          assert.ok(token === undefined || !error.message.includes(token));
          return true;
        });
        const refused = exchanges.splice(first);
        assert.deepEqual(
          refused.map(({ status }) => status),
          [401],
        );
      });
    }
  });
}

function methodOf(init: RequestInit | undefined): string {
  if (typeof init?.body !== "string") return init?.method ?? "GET";
  const { method } = JSON.parse(init.body) as { method?: string };
  return method ?? "?";
}
