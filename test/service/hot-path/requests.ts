/** Requests made from a seed: right ones, and ones that are wrong in a header, in a field, or as a whole. */
import { modernHeaders, modernRequest } from "../running-host.ts";

/** A request as it goes over the wire; a header may come more than once. */
export interface Generated {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = () => number;
type Json = Record<string, unknown>;

function pick<T>(next: Random, from: readonly [T, ...T[]]): T {
  return from[Math.floor(next() * from.length)] ?? from[0];
}

const ODD: readonly [unknown, ...unknown[]] = [
  null,
  0,
  -1,
  1.5,
  1e21,
  Number.MAX_SAFE_INTEGER + 2,
  true,
  "",
  "text",
  "x".repeat(3000),
  [],
  ["a"],
  {},
  { a: 1 },
  { name: 1 },
  { form: 1 },
  { "": { nested: [[]] } },
];

/** Methods and their parameters, to be made requests of. */
export type Calls = readonly [readonly [string, Json], ...(readonly [string, Json])[]];

const CALLS: Calls = [
  ["tools/call", { name: "echo", arguments: { a: 1 } }],
  ["tools/call", { name: "echo" }],
  ["tools/call", { name: "fails", arguments: {} }],
  ["tools/call", { name: "refuses" }],
  ["tools/call", { name: "errs" }],
  ["tools/call", { name: "breaks" }],
  ["tools/call", { name: "rubbish" }],
  ["tools/call", { name: "asks" }],
  ["tools/call", { name: "talks" }],
  ["tools/call", { name: "bare" }],
  ["tools/call", { name: "lists" }],
  ["tools/call", { name: "routed", arguments: { region: "eu" } }],
  ["tools/call", { name: "größe" }],
  ["tools/call", { name: "nope" }],
  ["tools/call", { name: "__proto__" }],
  ["tools/call", { name: "echo", inputResponses: {}, requestState: "s" }],
  ["tools/call", { name: "echo", task: { ttl: 1 } }],
  ["prompts/get", { name: "review", arguments: { language: "c" } }],
  ["prompts/get", { name: "nope" }],
  ["resources/read", { uri: "docs://guide" }],
  ["resources/read", { uri: "docs://pages/1" }],
  [
    "completion/complete",
    { ref: { type: "ref/prompt", name: "review" }, argument: { name: "language", value: "t" } },
  ],
  [
    "completion/complete",
    {
      ref: { type: "ref/resource", uri: "docs://pages/{page}" },
      argument: { name: "page", value: "" },
      context: { arguments: { a: "b" } },
    },
  ],
  ["tools/list", {}],
  ["tools/list", { cursor: "x" }],
  ["resources/list", {}],
  ["resources/templates/list", {}],
  ["prompts/list", {}],
  ["server/discover", {}],
  ["ping", {}],
  [
    "initialize",
    {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "c", version: "1" },
    },
  ],
  ["logging/setLevel", { level: "info" }],
  ["resources/subscribe", { uri: "docs://guide" }],
  ["tasks/get", { taskId: "1" }],
  ["nope/nope", {}],
  ["toString", {}],
  ["notifications/cancelled", { requestId: 1 }],
  ["notifications/initialized", {}],
];

const META = "io.modelcontextprotocol/";

const METAS: readonly [Json, ...Json[]] = [
  {},
  {},
  { progressToken: 1 },
  { progressToken: "t" },
  { [`${META}logLevel`]: "warning" },
  {
    [`${META}clientInfo`]: { name: "c", version: "1", title: "C", websiteUrl: "https://c.example" },
  },
  {
    [`${META}clientCapabilities`]: {
      elicitation: { form: {}, url: {} },
      sampling: { tools: {} },
      roots: { listChanged: true },
      extensions: { "example.com/x": { a: 1 } },
    },
  },
  { [`${META}clientCapabilities`]: { elicitation: { form: { applyDefaults: true } }, other: {} } },
  { "example.com/own": { a: [1] } },
  { [`${META}related-task`]: { taskId: "1" } },
  { [`${META}unknown`]: 1 },
];

const BROKEN_METAS: readonly [Json, ...Json[]] = [
  { progressToken: 1.5 },
  { progressToken: {} },
  { [`${META}logLevel`]: "loud" },
  { [`${META}protocolVersion`]: "2027-01-01" },
  { [`${META}protocolVersion`]: "2025-11-25" },
  { [`${META}protocolVersion`]: 7 },
  { [`${META}clientCapabilities`]: undefined },
  { [`${META}clientCapabilities`]: null },
  { [`${META}clientCapabilities`]: [] },
  { [`${META}clientCapabilities`]: { sampling: 5 } },
  { [`${META}clientCapabilities`]: { sampling: { tools: 5 } } },
  { [`${META}clientCapabilities`]: { elicitation: { form: [] } } },
  { [`${META}clientCapabilities`]: { roots: { listChanged: "yes" } } },
  { [`${META}clientCapabilities`]: { extensions: { a: 1 } } },
  { [`${META}clientInfo`]: { name: "c" } },
  { [`${META}clientInfo`]: "c" },
  { [`${META}clientInfo`]: { name: "c", version: "1", icons: 5 } },
  { [`${META}related-task`]: 5 },
];

const IDS: readonly [unknown, ...unknown[]] = [
  1,
  "text",
  0,
  -5,
  "",
  Number.MAX_SAFE_INTEGER,
  "é\u2028\n",
];

const VERSIONS: readonly [string, ...string[]] = [
  "2025-11-25",
  "2025-06-18",
  "2025-03-26",
  "2024-11-05",
];

type Mutation = (request: Mutable, next: Random) => void;

interface Mutable {
  headers: [string, string][];
  message: Json;
  text?: string;
}

const drop =
  (name: string): Mutation =>
  ({ headers }) => {
    const index = headers.findIndex(([each]) => each.toLowerCase() === name);
    if (index !== -1) headers.splice(index, 1);
  };
const replace =
  (name: string, ...values: readonly [string, ...string[]]): Mutation =>
  (request, next) => {
    drop(name)(request, next);
    request.headers.push([name, pick(next, values)]);
  };
const again =
  (name: string, ...values: readonly [string, ...string[]]): Mutation =>
  ({ headers }, next) => {
    headers.push([name, pick(next, values)]);
  };

const HEADERS = ["content-type", "accept", "mcp-protocol-version", "mcp-method", "mcp-name"];

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  ...(HEADERS.map(drop) as [Mutation, ...Mutation[]]),
  replace("content-type", "text/plain", "application/json; charset=utf-8", "application/jsonx", ""),
  replace(
    "accept",
    "application/json",
    "text/event-stream",
    "*/*",
    "text/event-stream,application/json;q=0.1",
  ),
  replace("mcp-protocol-version", "2026-07-28", "2025-11-25", "1.0", "2027-01-01", ""),
  replace(
    "mcp-method",
    "tools/list",
    "subscriptions/listen",
    "TOOLS/CALL",
    "nope",
    "",
    " tools/call ",
  ),
  replace(
    "mcp-name",
    "other",
    "=?base64?ZWNobw==?=",
    "=?base64?!?=",
    "=?base64?/w==?=",
    "",
    " echo ",
  ),
  again("mcp-name", "echo", "other"),
  again("mcp-method", "tools/call"),
  again("mcp-protocol-version", "2026-07-28"),
  again("content-type", "text/plain"),
  again("accept", "text/html"),
  again("mcp-param-region", "eu", "us", "=?base64?ZXU=?="),
  ({ message }, next) => {
    message["id"] = pick(next, ODD);
  },
  ({ message }, next) => {
    message["id"] = pick(next, [1.5, 1e21, -(2 ** 53), true]);
  },
  ({ message }) => {
    delete message["id"];
  },
  ({ message }, next) => {
    message["jsonrpc"] = pick<unknown>(next, ["1.0", 2, null]);
  },
  ({ message }, next) => {
    message["method"] = pick(next, ODD);
  },
  ({ message }, next) => {
    message["params"] = pick(next, ODD);
  },
  ({ message }) => {
    delete message["params"];
  },
  ({ message }, next) => {
    message[pick(next, ["extra", "result", "error"])] = pick(next, ODD);
  },
  ({ message }, next) => {
    const params = message["params"] as Json;
    params[pick(next, ["name", "uri", "arguments", "_meta", "ref", "argument", "context"])] = pick(
      next,
      ODD,
    );
  },
  ({ message }, next) => {
    const params = message["params"] as Json;
    params[pick(next, ["cursor", "task", "requestState", "inputResponses", "unknown"])] = pick(
      next,
      ODD,
    );
  },
  ({ message }, next) => {
    const params = message["params"] as Json;
    params["_meta"] = { ...(params["_meta"] as Json | undefined), ...pick(next, BROKEN_METAS) };
  },
  (request) => {
    request.text = JSON.stringify([request.message]);
  },
  (request) => {
    request.text = JSON.stringify([request.message, { jsonrpc: "2.0", id: 99, method: "ping" }]);
  },
  (request, next) => {
    request.text = pick(next, ["", "{", "null", "[]", "5", '"text"', "{}", "[{}]"]);
  },
  (request) => {
    request.text = JSON.stringify(request.message).replace(
      '"jsonrpc"',
      '"__proto__":{"a":1},"jsonrpc"',
    );
  },
];

/** Makes one request: two in five are right. @param calls Default: those that the fake relay knows. */
export function generate(next: Random, calls: Calls = CALLS): Generated {
  const [method, params] = pick(next, calls);
  const isModern = next() < 0.6;
  const isNotification = method.startsWith("notifications/");
  const request: Mutable = isModern
    ? {
        headers: Object.entries(modernHeaders(method)),
        message: modernRequest(method, params, pick(next, METAS)),
      }
    : {
        headers: Object.entries({
          ...modernHeaders(method),
          "MCP-Protocol-Version": pick(next, VERSIONS),
        }),
        message: {
          jsonrpc: "2.0",
          method,
          params: { ...params, ...(next() < 0.3 ? { _meta: pick(next, METAS) } : {}) },
        },
      };
  // Parameters are shared by all requests of their kind.
  request.message = structuredClone(request.message);
  if (isNotification) delete request.message["id"];
  else request.message["id"] = pick(next, IDS);
  const name = params["name"] ?? params["uri"];
  if (isModern && typeof name === "string") {
    const isPlain = /^[\u0020-\u007E]*$/u.test(name);
    request.headers.push([
      "mcp-name",
      isPlain ? name : `=?base64?${Buffer.from(name).toString("base64")}?=`,
    ]);
  }
  const mutations = next() < 0.4 ? 0 : next() < 0.8 ? 1 : 2;
  for (let count = 0; count < mutations; count++) {
    if (typeof request.message["params"] === "object" && request.message["params"] !== null)
      pick(next, MUTATIONS)(request, next);
  }
  return {
    headers: request.headers,
    body: request.text ?? JSON.stringify(request.message),
  };
}
