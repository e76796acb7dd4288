import type { Random } from "./random.ts";

/** A request as a client writes it, before anything happens to it. */
export interface HttpRequest {
  method: string;
  path: string;
  readonly headers: [name: string, value: string][];
  /** The body's JSON. */
  message: unknown;
}

/** Methods of the protocol with parameters that this target accepts. */
const CALLS: readonly (readonly [
  method: string,
  params: (random: Random) => object,
  name?: string,
])[] = [
  [
    "tools/call",
    (random) => ({ name: "double", arguments: { value: random.integer(-1e6, 1e6) } }),
    "double",
  ],
  ["tools/call", nested, "nested"],
  ["tools/call", () => ({ name: "routed", arguments: { region: "eu-west-1" } }), "routed"],
  ["tools/call", () => ({ name: "talk", arguments: { steps: 2 } }), "talk"],
  ["tools/call", () => ({ name: "refuse", arguments: {} }), "refuse"],
  ["tools/call", () => ({ name: "break", arguments: {} }), "break"],
  ["tools/call", () => ({ name: "lie", arguments: {} }), "lie"],
  ["tools/list", () => ({})],
  ["resources/list", () => ({})],
  ["resources/templates/list", () => ({})],
  ["resources/read", () => ({ uri: "docs://guide" }), "docs://guide"],
  ["resources/read", () => ({ uri: "docs://en/start" }), "docs://en/start"],
  ["prompts/list", () => ({})],
  [
    "prompts/get",
    () => ({ name: "summarize", arguments: { text: "words", style: "short" } }),
    "summarize",
  ],
  [
    "completion/complete",
    () => ({
      ref: { type: "ref/prompt", name: "summarize" },
      argument: { name: "style", value: "s" },
    }),
  ],
];

/** Calls that only clients of 2026-07-28 make. */
const MODERN_CALLS: typeof CALLS = [
  ...CALLS,
  ["server/discover", () => ({})],
  ["tools/call", () => ({ name: "ask", arguments: {} }), "ask"],
  [
    "tools/call",
    () => ({
      name: "ask",
      arguments: {},
      requestState: "forged",
      inputResponses: { name: { action: "accept", content: { name: "Ada" } } },
    }),
    "ask",
  ],
  ["subscriptions/listen", () => ({ notifications: { toolsListChanged: true } })],
];

const LEGACY_CALLS: typeof CALLS = [
  ...CALLS,
  [
    "initialize",
    () => ({
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "fuzz", version: "1" },
    }),
  ],
  ["ping", () => ({})],
  ["logging/setLevel", () => ({ level: "info" })],
  ["resources/subscribe", () => ({ uri: "docs://guide" })],
];

const LEGACY_VERSIONS = ["2025-03-26", "2025-06-18", "2025-11-25"] as const;
const MODERN_VERSION = "2026-07-28";

/** The names of methods, as far as a mutation may put one in the place of another. */
export const METHODS: readonly string[] = [...MODERN_CALLS, ...LEGACY_CALLS].map(
  ([method]) => method,
);

/** A request that the target serves, of either era. */
export function validRequest(random: Random, authorization: string | undefined): HttpRequest {
  const modern = random.chance(0.6);
  const [method, params, name] = random.pick(modern ? MODERN_CALLS : LEGACY_CALLS);
  const headers: HttpRequest["headers"] = [
    ["Host", "mcp.example.com"],
    ["Content-Type", "application/json"],
    ["Accept", "application/json, text/event-stream"],
  ];
  if (authorization !== undefined) headers.push(["Authorization", authorization]);
  const id = random.pick<string | number>([1, 2, 7_000_000, "a", "c3f9"]);
  const request = (message: unknown): HttpRequest => ({
    method: "POST",
    path: "/mcp",
    headers,
    message,
  });
  if (!modern) {
    if (method !== "initialize" && random.chance(0.9))
      headers.push(["MCP-Protocol-Version", random.pick(LEGACY_VERSIONS)]);
    const messages = Array.from(
      { length: random.chance(0.05) ? random.integer(1, 5) : 0 },
      (_, index) => ({
        jsonrpc: "2.0",
        id: index,
        method: "ping",
      }),
    );
    if (messages.length > 0) return request(messages);
    if (random.chance(0.05))
      return request({ jsonrpc: "2.0", method: "notifications/initialized" });
    return request({
      jsonrpc: "2.0",
      id,
      method,
      params: withProgress(params(random), {}, random),
    });
  }
  headers.push(["MCP-Protocol-Version", MODERN_VERSION], ["Mcp-Method", method]);
  if (name !== undefined) headers.push(["Mcp-Name", random.chance(0.2) ? encoded(name) : name]);
  if (name === "routed") headers.push(["Mcp-Param-Region", "eu-west-1"]);
  const meta = {
    "io.modelcontextprotocol/protocolVersion": MODERN_VERSION,
    "io.modelcontextprotocol/clientCapabilities":
      name === "ask" || random.chance(0.5) ? { elicitation: { form: {} } } : {},
    "io.modelcontextprotocol/clientInfo": { name: "fuzz", version: "1" },
  };
  return request({
    jsonrpc: "2.0",
    id,
    method,
    params: withProgress(params(random), meta, random),
  });
}

/** How the protocol writes a name that a header cannot carry. */
export function encoded(value: string): string {
  return `=?base64?${Buffer.from(value).toString("base64")}?=`;
}

function withProgress(params: object, meta: object, random: Random): object {
  const progress = random.chance(0.3) ? { progressToken: "p" } : {};
  return { ...params, _meta: { ...meta, ...progress } };
}

function nested(random: Random): object {
  const conditions = Array.from({ length: random.integer(0, 5) }, () => ({
    field: random.pick(["a", "b"]),
    equals: random.pick(["x", null]),
  }));
  const tree = random.chance(0.5) ? { a: [1, "b", { c: [] }] } : [];
  return {
    name: "nested",
    arguments: { filter: { anyOf: conditions, limit: 5 }, tree, tags: { k: "v" } },
  };
}
