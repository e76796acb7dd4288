/** Subscriptions made from a seed: right ones, and ones that are wrong in a header, in a field, or as a whole. */
import { modernHeaders, modernRequest } from "../running-host.ts";
import type { Generated } from "./requests.ts";

type Random = () => number;
type Json = Record<string, unknown>;

function pick<T>(next: Random, from: readonly [T, ...T[]]): T {
  return from[Math.floor(next() * from.length)] ?? from[0];
}

const ODD: readonly [unknown, ...unknown[]] = [
  null,
  0,
  1.5,
  true,
  "",
  "text",
  [],
  [1],
  {},
  { a: 1 },
];

const FILTERS: readonly [Json, ...Json[]] = [
  { toolsListChanged: true },
  { promptsListChanged: true, toolsListChanged: false },
  { resourcesListChanged: true, toolsListChanged: true, promptsListChanged: true },
  { resourceSubscriptions: ["docs://guide"] },
  { resourceSubscriptions: ["docs://guide", "docs://guide", "docs://größe\u2028\n"] },
  { toolsListChanged: true, resourceSubscriptions: [] },
  { toolsListChanged: false },
  {},
];

const IDS: readonly [unknown, ...unknown[]] = [
  1,
  "text",
  0,
  -5,
  "",
  Number.MAX_SAFE_INTEGER,
  'é\u2028\n"\ud800',
  '"io.modelcontextprotocol/subscriptionId":null',
];

const META = "io.modelcontextprotocol/";

const METAS: readonly [Json, ...Json[]] = [
  {},
  { progressToken: 1 },
  { [`${META}logLevel`]: "warning" },
  { [`${META}clientInfo`]: { name: "c", version: "1" } },
  { "example.com/own": { a: [1] } },
];

const BROKEN_METAS: readonly [Json, ...Json[]] = [
  { progressToken: {} },
  { [`${META}logLevel`]: "loud" },
  { [`${META}protocolVersion`]: "2025-11-25" },
  { [`${META}protocolVersion`]: "2027-01-01" },
  { [`${META}clientCapabilities`]: undefined },
  { [`${META}clientCapabilities`]: [] },
  { [`${META}clientInfo`]: { name: "c" } },
  { [`${META}unknown`]: 1 },
];

interface Mutable {
  readonly headers: Map<string, string>;
  readonly message: Json;
  readonly params: Json;
  readonly filter: Json;
  text?: string;
}

type Mutation = (request: Mutable, next: Random) => void;

const header =
  (name: string, ...values: readonly [string, ...string[]]): Mutation =>
  ({ headers }, next) => {
    headers.set(name, pick(next, values));
  };

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  ({ headers }, next) => {
    headers.delete(pick(next, ["Content-Type", "Accept", "MCP-Protocol-Version", "Mcp-Method"]));
  },
  header("Content-Type", "text/plain", "application/json; charset=utf-8", "application/jsonx"),
  header("Accept", "application/json", "text/event-stream", "*/*", "text/html"),
  header("MCP-Protocol-Version", "2025-11-25", "2027-01-01", ""),
  header("Mcp-Method", "tools/list", "SUBSCRIPTIONS/LISTEN", "subscriptions/listen, tools/list"),
  header("Mcp-Name", "echo"),
  ({ message }, next) => {
    message[pick(next, ["id", "jsonrpc", "method", "params", "extra"])] = pick(next, ODD);
  },
  ({ message }, next) => {
    message["method"] = pick(next, ["tools/list", "subscriptions/Listen", "initialize"]);
  },
  ({ message }, next) => {
    // JSON leaves out what is undefined.
    message[pick(next, ["id", "jsonrpc", "method", "params"])] = undefined;
  },
  ({ params }, next) => {
    params[pick(next, ["notifications", "_meta", "uri", "requestState", "extra"])] = pick(
      next,
      ODD,
    );
  },
  ({ params }, next) => {
    params[pick(next, ["notifications", "_meta"])] = undefined;
  },
  ({ params }, next) => {
    params["_meta"] = { ...(params["_meta"] as Json), ...pick(next, BROKEN_METAS) };
  },
  ({ filter }, next) => {
    const fields = ["toolsListChanged", "resourceSubscriptions", "extra", "toString"] as const;
    filter[pick(next, fields)] = pick(next, ODD);
  },
  (request) => {
    request.text = JSON.stringify([request.message]);
  },
  (request) => {
    request.text = JSON.stringify(request.message).replace("{", '{"__proto__":{"a":1},');
  },
];

/** Makes one subscription: half of them are right. */
export function generateListen(next: Random): Generated {
  const filter = structuredClone(pick(next, FILTERS));
  const params = { notifications: filter };
  const message = modernRequest("subscriptions/listen", params, pick(next, METAS));
  message["id"] = pick(next, IDS);
  const request: Mutable = {
    headers: new Map(Object.entries(modernHeaders("subscriptions/listen"))),
    message,
    params: message["params"] as Json,
    filter,
  };
  if (next() < 0.5) pick(next, MUTATIONS)(request, next);
  return { headers: [...request.headers], body: request.text ?? JSON.stringify(message) };
}
