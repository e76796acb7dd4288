/** Requests as bytes, made from a seed: right ones, and ones that are odd in their head, their framing or the way in which they come. */
import { modernHeaders, modernRequest, TOKEN } from "../running-host.ts";
import { generate, type Calls } from "./requests.ts";
import type { Conversation } from "./two-ways.ts";

type Random = () => number;

/** A request before it is written. */
interface Wire {
  method: string;
  target: string;
  version: string;
  headers: [string, string][];
  body: Buffer;
  /** How the body is delimited. Default: by its length. */
  framing: "length" | "chunked" | "none";
  /** At which bytes it is cut into pieces. */
  cuts: number[];
  /** How much of it is written before the client goes. */
  leavesAt: number | undefined;
}

function pick<T>(next: Random, from: readonly [T, ...T[]]): T {
  return from[Math.floor(next() * from.length)] ?? from[0];
}

type Mutation = (wire: Wire, next: Random) => void;

function without(wire: Wire, name: string): void {
  wire.headers = wire.headers.filter(([each]) => each.toLowerCase() !== name);
}

/** Puts a header in the place of what was there. */
const header =
  (name: string, ...values: readonly [string, ...string[]]): Mutation =>
  (wire, next) => {
    without(wire, name);
    wire.headers.push([name, pick(next, values)]);
  };

/** Adds a header to what is there, before or behind it. */
const another =
  (name: string, ...values: readonly [string, ...string[]]): Mutation =>
  ({ headers }, next) => {
    const added: [string, string] = [name, pick(next, values)];
    if (next() < 0.5) headers.push(added);
    else headers.unshift(added);
  };

const leftOut =
  (name: string): Mutation =>
  (wire) => {
    without(wire, name);
  };

/** Values of `Host`, right and wrong. */
export const HOSTS = [
  "localhost",
  "LOCALHOST:80",
  "localhost:",
  "localhost.",
  "mcp.example.com",
  "MCP.EXAMPLE.COM:443",
  "mcp.example.com:99999",
  "evil.example",
  "localhost.evil.example",
  "localhost@evil.example",
  "127.0.0.1:8080",
  "127.1",
  "0x7f.0.0.1",
  "[::1]",
  "[::1]:80",
  "[0:0:0:0:0:0:0:1]",
  "::1",
  "a b",
  "localhost, evil.example",
  "http://localhost",
  "localhost/mcp",
  "",
] as const;

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  header("host", ...HOSTS),
  header("host", ...HOSTS),
  another("host", "localhost", "evil.example"),
  leftOut("host"),
  header(
    "origin",
    "https://mcp.example.com",
    "http://localhost:5173",
    "https://evil.example",
    "null",
    "",
  ),
  another("origin", "https://mcp.example.com", "https://evil.example"),
  leftOut("authorization"),
  header(
    "authorization",
    "Bearer wrong",
    `bearer ${TOKEN}`,
    `Bearer  ${TOKEN}`,
    `Bearer ${TOKEN} `,
    `Bearer ${TOKEN},${TOKEN}`,
    `Bearer ${TOKEN} more`,
    `Bearer ${"x".repeat(8192)}`,
    `Bearer ${"x".repeat(8193)}`,
    `Bearer ${"x".repeat(17_000)}`,
    "Bearer",
    "Bearer ",
    "Bearer é",
    "Bearer a.b.c",
    "Bearer eyJhbGciOiJub25lIn0.e30.",
    "Bearer eyJhbGciOiJub25lIn0.bnVsbA.",
    "Basic dTpw",
    "",
  ),
  another("authorization", `Bearer ${TOKEN}`, "Bearer wrong", "Basic dTpw", ""),
  another("Authorization", `Bearer ${TOKEN}`, "Bearer wrong"),
  header(
    "content-type",
    "application/json; charset=utf-8",
    "application/json;charset=latin1",
    "APPLICATION/JSON",
    "application/json, application/json",
    "application/json;",
    "text/json",
    "application/octet-stream",
  ),
  header("content-encoding", "gzip", "identity"),
  header("content-length", "0", "5", "1000", "-1", "+5", " 12", "0x10", "5, 5", "1e3", "x", ""),
  header("content-length", "20001", "9007199254740993", "18446744073709551616"),
  another("content-length", "5", "0"),
  another("transfer-encoding", "chunked", "gzip", "identity", "chunked, chunked", ""),
  (wire) => {
    wire.framing = "none";
  },
  (wire) => {
    wire.framing = "chunked";
  },
  (wire) => {
    wire.framing = "chunked";
  },
  header("expect", "100-continue", "100-CONTINUE", "nothing", ""),
  header("x-amzn-trace-id", "Root=1-", "Self=1;Root=abc", "Root=", "root=abc", "Root=a b", "x"),
  header("x-amzn-trace-id", `Root=${"a".repeat(65)}`, "Root=1-67891233-abcdef012345678912345678"),
  another("x-amzn-trace-id", "Root=second"),
  leftOut("x-amzn-trace-id"),
  header("x-request-id", "of-the-client", "", "é"),
  header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "x"),
  header("x-http-method-override", "GET", "DELETE"),
  header("x-forwarded-host", "evil.example"),
  header("connection", "close", "keep-alive", "Upgrade", "content-length, host", ""),
  (wire, next) => {
    // Node reads nothing behind such a request.
    wire.headers.push(
      ["connection", "Upgrade, close"],
      ["upgrade", pick(next, ["websocket", "h2c"])],
    );
  },
  (wire, next) => {
    const count = pick(next, [80, 101, 200]);
    for (let index = 0; index < count; index++) wire.headers.push([`x-${index}`, "1"]);
  },
  (wire, next) => {
    wire.headers.push([pick(next, ["__proto__", "constructor", "mcp-name ", "é"]), "x"]);
  },
  (wire, next) => {
    wire.method = pick(next, ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "post", "QUERY"]);
  },
  (wire, next) => {
    wire.method = pick(next, ["GET", "HEAD", "OPTIONS"]);
    wire.headers.push(["origin", "https://mcp.example.com"]);
  },
  (wire, next) => {
    wire.target = pick(next, [
      "/mcp?",
      "/mcp?a=b",
      "/mcp/",
      "/mcp//",
      "/MCP",
      "/%6dcp",
      "/mcp%20",
      "/mcp%",
      "/mcp#x",
      "/mcp;a",
      "//mcp",
      "/./mcp",
      "/x/../mcp",
      "/",
      "/nope",
      "/healthz",
      "/constructor",
      "*",
      "mcp",
      "http://localhost/mcp",
      "http://evil.example/mcp",
      "https://mcp.example.com/mcp",
      "http://",
      "/.well-known/oauth-protected-resource/mcp",
    ]);
  },
  (wire, next) => {
    wire.version = pick(next, ["HTTP/1.0", "HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "http/1.1"]);
    if (next() < 0.5) wire.headers.push(["connection", "keep-alive"]);
  },
  (wire) => {
    wire.body = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), wire.body]);
  },
  (wire) => {
    wire.body = Buffer.concat([Buffer.from(" \r\n\t"), wire.body, Buffer.from("\n\n ")]);
  },
  (wire) => {
    wire.body = Buffer.concat([wire.body, wire.body]);
  },
  (wire, next) => {
    const at = Math.floor(next() * wire.body.length);
    wire.body = Buffer.concat([
      wire.body.subarray(0, at),
      Buffer.from([0xff]),
      wire.body.subarray(at + 1),
    ]);
  },
  (wire, next) => {
    wire.body = wire.body.subarray(0, Math.floor(next() * wire.body.length));
  },
  (wire, next) => {
    const depth = pick(next, [60, 63, 64, 65, 5000]);
    wire.body = Buffer.from(
      `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}}`,
    );
  },
  (wire) => {
    wire.body = Buffer.from(wire.body.toString().padEnd(20_000));
  },
  (wire) => {
    wire.body = Buffer.from(wire.body.toString().padEnd(20_001));
  },
  (wire) => {
    wire.body = Buffer.from(
      wire.body.toString().replace('"params"', '"params":{"name":5},"params"'),
    );
  },
  (wire) => {
    wire.body = Buffer.from(wire.body.toString().replace('"method"', '"\\u006dethod"'));
  },
  (wire, next) => {
    for (let count = 0; count < 3; count++) wire.cuts.push(next());
  },
  (wire, next) => {
    wire.leavesAt = next();
  },
];

/** One request, as it is written, without anything behind it. */
function written(wire: Wire): Buffer {
  const { body, framing } = wire;
  const headers = [...wire.headers];
  const has = (name: string): boolean => headers.some(([each]) => each.toLowerCase() === name);
  if (framing === "length" && !has("content-length"))
    headers.push(["Content-Length", String(body.length)]);
  if (framing === "chunked" && !has("transfer-encoding"))
    headers.push(["Transfer-Encoding", "chunked"]);
  const head = [
    `${wire.method} ${wire.target} ${wire.version}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ].join("\r\n");
  const half = Math.floor(body.length / 2);
  const chunks = [body.subarray(0, half), body.subarray(half)].flatMap((chunk) =>
    chunk.length === 0 ? [] : [Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, CRLF],
  );
  return Buffer.concat([
    Buffer.from(`${head}\r\n\r\n`),
    ...(framing === "chunked" ? [...chunks, Buffer.from("0\r\n\r\n")] : [body]),
  ]);
}

const CRLF = Buffer.from("\r\n");

/** Has the server close the connection when it has answered all that came before; it is longer than a length that was announced too long. */
const LAST = Buffer.from(
  `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Padding: ${"x".repeat(3000)}\r\nConnection: close\r\n\r\n`,
);

/** Makes one conversation: a request, or two at once; half of them are right. @param id names it in answers and logs. */
export function conversation(
  next: Random,
  calls: Calls | undefined,
  token: string,
  id: string,
): Conversation & { readonly shown: string } {
  const wires = Array.from({ length: next() < 0.15 ? 2 : 1 }, (_, index) =>
    wireOf(next, calls, token, `${id}-${index}`),
  );
  const bytes = Buffer.concat([...wires.map(written), LAST]);
  const request = bytes.subarray(0, bytes.length - LAST.length);
  const cuts = wires.flatMap((wire) => wire.cuts.map((cut) => Math.floor(cut * request.length)));
  const leavesAt = wires.find((wire) => wire.leavesAt !== undefined)?.leavesAt;
  const whole = leavesAt === undefined ? bytes : request.subarray(0, leavesAt * request.length);
  const bounds = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
  return {
    pieces: bounds
      .slice(1)
      .map((bound, index) => whole.subarray(bounds[index], bound))
      .filter((piece) => piece.length > 0),
    leaves: leavesAt !== undefined,
    shown: request.toString("latin1").slice(0, 3000),
  };
}

function wireOf(next: Random, calls: Calls | undefined, token: string, id: string): Wire {
  const { headers, body } = generate(next, calls);
  const wire: Wire = {
    method: "POST",
    target: "/mcp",
    version: "HTTP/1.1",
    headers: [
      ["Host", "localhost"],
      ["X-Amzn-Trace-Id", `Root=${id}`],
      ...headers.map(([name, value]): [string, string] => [
        name,
        name === "Authorization" ? `Bearer ${token}` : value,
      ]),
    ],
    body: Buffer.from(body),
    framing: "length",
    cuts: [],
    leavesAt: undefined,
  };
  const mutations = next() < 0.4 ? 0 : next() < 0.8 ? 1 : 2;
  for (let count = 0; count < mutations; count++) pick(next, MUTATIONS)(wire, next);
  return wire;
}

/** A call of a tool that is right unless it is made otherwise: its head and its body. */
export function called(
  name: string,
  more: readonly string[] = [],
  host = "localhost",
): readonly [head: string, body: string] {
  const body = JSON.stringify(modernRequest("tools/call", { name, arguments: {} }));
  const head = [
    "POST /mcp HTTP/1.1",
    `Host: ${host}`,
    ...Object.entries(modernHeaders("tools/call")).map(([key, value]) => `${key}: ${value}`),
    `Mcp-Name: ${name}`,
    "X-Amzn-Trace-Id: Root=of-the-test",
    `Content-Length: ${body.length}`,
    ...more,
  ].join("\r\n");
  return [`${head}\r\n\r\n`, body];
}
