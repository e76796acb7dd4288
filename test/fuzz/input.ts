import { Buffer } from "node:buffer";
import { brokenBytes } from "./broken-http.ts";
import { mutateHeaders } from "./header-mutations.ts";
import { mutatedBytes, mutatedJson } from "./json-mutations.ts";
import { Random } from "./random.ts";
import { validRequest, type HttpRequest } from "./requests.ts";
import { MAX_BODY_BYTES } from "./target.ts";

/** What is sent, and what may be expected in return. */
export interface Input {
  /** How it was made. */
  readonly label: string;
  /** Written one after the other, the event loop going round between them. */
  readonly pieces: readonly Buffer[];
  /** The HTTP methods of the requests in it. */
  readonly methods: readonly string[];
  /**
   * - `complete`: every request in it is to be answered, and the connection may serve on;
   * - `broken`: it is no HTTP, or not all of it; the client ends after it, and answers are up to the server;
   * - `abandoned`: the client is gone before the answer.
   */
  readonly kind: "complete" | "broken" | "abandoned";
  /** The status that every answer must have, where only one is right. */
  readonly status?: number;
}

const VERBS = [
  "GET",
  "HEAD",
  "PUT",
  "DELETE",
  "OPTIONS",
  "PATCH",
  "TRACE",
  "PROPFIND",
  "M-SEARCH",
  "QUERY",
  "LINK",
];

const PATHS = [
  "/",
  "/mcp/",
  "/MCP",
  "/mcp?x=1",
  "/mcp?",
  "/mcp#x",
  "/mcp;a=b",
  "//mcp",
  "/./mcp",
  "/mcp/../mcp",
  "/%6dcp",
  "/mcp%00",
  "/mcp%",
  "/%",
  "/%ff",
  "/%c0%ae",
  "/mcp/x",
  "*",
  "http://mcp.example.com/mcp",
  "http://evil.example/mcp",
  "https://[::1",
  "http://",
  "mcp:",
  "/\u00ff",
  "/mcp\\",
  `/${"a".repeat(8000)}`,
  `/mcp?${"a=b&".repeat(2000)}`,
  `/mcp?${"a[".repeat(500)}`,
  "/mcp?__proto__[x]=1",
  "/healthz",
  "/readyz",
  "/healthz/",
  "/healthz?x",
  "/healthz/%ff",
  "/.well-known/oauth-protected-resource",
  "/.well-known/oauth-protected-resource/mcp",
  "/.well-known/oauth-protected-resource/../../etc/passwd",
  "/.well-known/oauth-authorization-server",
  "/.well-known/",
  "/.well-known/%2e%2e/mcp",
];

/** The input of a seed and an index: always the same one. */
export function makeInput(seed: number, index: number, authorization: string | undefined): Input {
  const random = new Random(seed, index);
  const request = validRequest(random, authorization);
  const complete = (label: string, bytes: Buffer, status?: number): Input => ({
    label,
    pieces: random.chance(0.1) ? torn(bytes, random) : [bytes],
    methods: [request.method],
    kind: isOversized(bytes) ? "broken" : random.chance(0.02) ? "abandoned" : "complete",
    ...(status === undefined ? {} : { status }),
  });
  const text = JSON.stringify(request.message);
  const choice = random.fraction();
  if (choice < 0.12) return complete("valid", plain(request, Buffer.from(text)));
  if (choice < 0.42)
    return complete("json", plain(request, Buffer.from(mutatedJson(request.message, random))));
  if (choice < 0.52) return complete("bytes", plain(request, mutatedBytes(text, random)));
  if (choice < 0.72) {
    mutateHeaders(request, random);
    return complete("headers", plain(request, Buffer.from(text)));
  }
  if (choice < 0.78) {
    mutateHeaders(request, random);
    return complete(
      "headers and json",
      plain(request, Buffer.from(mutatedJson(request.message, random))),
    );
  }
  if (choice < 0.84) {
    request.method = random.chance(0.6) ? random.pick(VERBS) : "POST";
    if (request.method === "POST" || random.chance(0.5)) request.path = random.pick(PATHS);
    return complete("verb or path", plain(request, Buffer.from(random.chance(0.5) ? text : "")));
  }
  if (choice < 0.89) return complete("chunked", chunked(request, Buffer.from(text), random));
  if (choice < 0.9) {
    const body = Buffer.alloc(MAX_BODY_BYTES + random.integer(1, 100_000), " ");
    return complete(
      "overlong",
      random.chance(0.5) ? plain(request, body) : chunked(request, body, random),
      413,
    );
  }
  if (choice < 0.93) {
    const requests = Array.from({ length: random.integer(2, 5) }, () =>
      validRequest(random, authorization),
    ).filter(({ message }) => !JSON.stringify(message).includes("subscriptions/listen"));
    return {
      label: "pipelined",
      pieces: [
        Buffer.concat(
          [request, ...requests].map((each) =>
            plain(each, Buffer.from(JSON.stringify(each.message))),
          ),
        ),
      ],
      methods: [request, ...requests].map(({ method }) => method),
      kind: "complete",
    };
  }
  return {
    label: "broken",
    pieces: torn(brokenBytes(request, Buffer.from(text), random), random),
    methods: ["POST", "POST", "POST", "POST"],
    kind: "broken",
  };
}

/** Near the limit of what a server reads at all. */
function isOversized(bytes: Buffer): boolean {
  return bytes.indexOf("\r\n\r\n") > 15_000;
}

function head({ method, path, headers }: HttpRequest, more: readonly string[]): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(
    [`${method} ${path} HTTP/1.1`, ...lines, ...more, "", ""].join("\r\n"),
    "latin1",
  );
}

function plain(request: HttpRequest, body: Buffer): Buffer {
  return Buffer.concat([head(request, [`Content-Length: ${body.length}`]), body]);
}

function chunked(request: HttpRequest, body: Buffer, random: Random): Buffer {
  const parts = [head(request, ["Transfer-Encoding: chunked"])];
  for (let rest = body; rest.length > 0;) {
    const length = random.integer(1, Math.max(1, rest.length));
    const extension = random.pick(["", "", ";x", ";x=y", ';x="y z"']);
    parts.push(
      Buffer.from(`${length.toString(16)}${extension}\r\n`),
      rest.subarray(0, length),
      Buffer.from("\r\n"),
    );
    rest = rest.subarray(length);
  }
  parts.push(
    Buffer.from(`0\r\n${random.pick(["", "", "X-Trailer: y\r\n", "Authorization: none\r\n"])}\r\n`),
  );
  return Buffer.concat(parts);
}

function torn(bytes: Buffer, random: Random): readonly Buffer[] {
  const cuts = Array.from({ length: random.integer(0, 3) }, () =>
    random.integer(0, bytes.length),
  ).sort((a, b) => a - b);
  return [0, ...cuts].map((cut, index) => bytes.subarray(cut, cuts[index] ?? bytes.length));
}
