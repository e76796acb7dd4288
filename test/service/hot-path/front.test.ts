import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import type { Server, ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";
import type { ServerDefinition } from "../../../service/runtime/server.ts";
import { startIssuer } from "../auth/issuer.ts";
import { TOKEN } from "../running-host.ts";
import { CONTENTS_CALLS } from "./contents-calls.ts";
import { OFFERED } from "./contents-offers.ts";
import { fakeRelay } from "./fake-relay.ts";
import { random, type Calls } from "./requests.ts";
import { converse, logged, settled, startFront, startRouter, type Way } from "./two-ways.ts";
import { called, conversation, HOSTS } from "./wire.ts";

const SEED = 20_260_728;
const AT_ONCE = 20;
/** Two at once of each client. */
const ROOM = 2 * AT_ONCE;

const LIMITS = {
  MAX_BODY_BYTES: "20000",
  MAX_ONGOING_REQUESTS: String(ROOM),
  MCP_STATE_KEY: "k".repeat(43),
  REQUEST_TIMEOUT_SECONDS: "1",
};

/** Counts what was answered well at a port without Express, which leaves `locals` on a response. */
function answeredInFront(context: TestContext, { port }: Way): () => number {
  let count = 0;
  const finished = channel("http.server.response.finish");
  const note = (message: unknown): void => {
    const { response, server } = message as { response: ServerResponse; server: Server };
    const address = server.address();
    if (typeof address === "object" && address?.port === port && !("locals" in response)) {
      if (response.statusCode === 200) count++;
    }
  };
  finished.subscribe(note);
  context.after(() => {
    finished.unsubscribe(note);
  });
  return () => count;
}

/** Asks for all the room of a replica at once, which it only has when nothing was kept; those that left may still be on their way out. */
async function allRoomIsBack(way: Way, token: string): Promise<void> {
  const body = JSON.stringify(
    Array.from({ length: ROOM }, (_, id) => ({ jsonrpc: "2.0", id, method: "ping" })),
  );
  const head = [
    "POST /mcp HTTP/1.1",
    "Host: localhost",
    `Authorization: Bearer ${token}`,
    "Content-Type: application/json",
    "Accept: application/json, text/event-stream",
    "MCP-Protocol-Version: 2025-03-26",
    `Content-Length: ${body.length}`,
    "Connection: close",
  ].join("\r\n");
  const asked = { pieces: [Buffer.from(`${head}\r\n\r\n${body}`)], leaves: false };
  for (let attempt = 1; attempt < 20; attempt++) {
    if ((await converse(way, asked)).startsWith("HTTP/1.1 200 ")) return;
  }
  assert.fail("some room was not given back");
}

interface Compared {
  readonly definition: () => Partial<ServerDefinition>;
  /** Default: those that the fake relay knows. */
  readonly calls?: Calls;
  readonly environment?: Record<string, string>;
  readonly token?: () => string;
  /** Default: what `token` gives. */
  readonly lastToken?: string;
  readonly requests: number;
  readonly seed?: number;
}

async function compare(context: TestContext, given: Compared): Promise<void> {
  const { definition, calls, requests, seed = SEED, token = () => TOKEN } = given;
  const environment = { ...LIMITS, ...given.environment };
  const front = await startFront(context, definition(), environment);
  const router = await startRouter(context, definition(), environment);
  const inFront = answeredInFront(context, front);
  const next = random(seed);
  const ask = async (count: number): Promise<void> => {
    const { shown, ...said } = conversation(next, calls, token(), `request-${count}`);
    const [byFront, byRouter] = await Promise.all([converse(front, said), converse(router, said)]);
    assert.deepEqual(settled(byFront), settled(byRouter), `request ${count}: ${shown}`);
  };
  // Some wait for the end of the server's patience.
  for (let count = 0; count < requests; count += AT_ONCE)
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => ask(count + index)));
  // Otherwise the router would have been compared with itself.
  assert.ok(inFront() > requests / 12, `only ${inFront()} requests were answered by the front`);
  const last = given.lastToken ?? token();
  for (const way of [front, router]) await allRoomIsBack(way, last);
  await Promise.all([front.close(), router.close()]);
  assert.deepEqual(logged(front), logged(router));
}

const RELAY = (): Partial<ServerDefinition> => ({ start: () => ({ relay: fakeRelay() }) });
const CONTENTS = (): Partial<ServerDefinition> => ({ ...OFFERED });

const SERVERS: readonly (Compared & { readonly named: string })[] = [
  { named: "a relay, and static tokens", definition: RELAY, requests: 500 },
  {
    named: "a relay that everybody may call",
    definition: RELAY,

    environment: { AUTH_MODE: "none", AUTH_STATIC_TOKENS: "" },
    requests: 300,
  },
  {
    named: "an author's server, and static tokens",
    definition: CONTENTS,
    calls: CONTENTS_CALLS,
    requests: 300,
  },
];

for (const { named, ...given } of SERVERS) {
  test(`GIVEN ${named} WHEN requests right and odd come THEN nobody can tell whether they were answered before the router`, async (context) => {
    await compare(context, given);
  });
}

test("GIVEN a relay, and tokens of an issuer WHEN requests right and odd come THEN nobody can tell whether they were answered before the router", async (context) => {
  const issuer = await startIssuer(context);
  const good = issuer.token();
  const tokens = [
    good,
    good,
    good,
    issuer.token({ exp: 1 }),
    issuer.token({ aud: "other" }),
    "a.b.c",
  ];
  let turn = 0;
  await compare(context, {
    definition: RELAY,

    environment: { AUTH_MODE: "oidc", AUTH_STATIC_TOKENS: "", AUTH_ISSUER: issuer.url },
    token: () => tokens[turn++ % tokens.length] ?? good,
    lastToken: good,
    requests: 300,
  });
});

test("GIVEN right calls but for one header WHEN they come THEN the front lets none through that the router refuses", async (context) => {
  const front = await startFront(context, RELAY(), LIMITS);
  const router = await startRouter(context, RELAY(), LIMITS);
  const statuses = new Map<string, number>();
  const cases = [
    ...HOSTS.map((host) => called("echo", ["Connection: close"], host)),
    ...[
      "Host: localhost",
      "Origin: https://evil.example",
      "Origin: null",
      "Origin: https://mcp.example.com",
      `Authorization: Bearer ${TOKEN}`,
      "Authorization: Basic dTpw",
      "Mcp-Name: other",
      "Mcp-Method: tools/list",
      "MCP-Protocol-Version: 2025-06-18",
      "Content-Type: text/plain",
      "Content-Encoding: gzip",
      "Expect: 100-continue",
      "Transfer-Encoding: gzip",
    ].map((header) => called("echo", [header, "Connection: close"])),
  ];
  for (const [head, body] of cases) {
    const said = { pieces: [Buffer.from(head + body)], leaves: false };
    const [byFront, byRouter] = await Promise.all([converse(front, said), converse(router, said)]);
    assert.equal(settled(byFront), settled(byRouter), head);
    const status = byFront.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  // Otherwise some would have been refused for another reason than their own.
  assert.ok(
    (statuses.get("200") ?? 0) > 5 && (statuses.get("403") ?? 0) > 3,
    [...statuses].join(" "),
  );
  await Promise.all([front.close(), router.close()]);
  assert.deepEqual(logged(front), logged(router));
});
