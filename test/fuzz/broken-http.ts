import type { Random } from "./random.ts";
import type { HttpRequest } from "./requests.ts";

type Break = (head: string, body: Buffer, random: Random) => string | Buffer;

const withHeader =
  (line: string): Break =>
  (head, body) =>
    `${head}${line}\r\n\r\n${body.toString("latin1")}`;

/** Ways to be no HTTP, or not all of a request. `head` ends with its last header's line break. */
const BREAKS: readonly Break[] = [
  (head, body) => `${head}Content-Length: ${body.length + 100}\r\n\r\n${body.toString("latin1")}`,
  (head, body) =>
    `${head}Content-Length: ${Math.max(0, body.length - 10)}\r\n\r\n${body.toString("latin1")}`,
  (head, body) =>
    `${head}Content-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n\r\n${body.toString("latin1")}`,
  (head, body) =>
    `${head}Content-Length: ${body.length}\r\nContent-Length: ${body.length + 1}\r\n\r\n${body.toString("latin1")}`,
  ...["-1", "+5", "0x10", "1e3", "", "5, 5", "99999999999999999999999", " 5 5"].map((length) =>
    withHeader(`Content-Length: ${length}`),
  ),
  ...["gzip", "chunked, chunked", "chunked, gzip", "xchunked", "chunked\u000b", "identity"].map(
    (coding) => withHeader(`Transfer-Encoding: ${coding}`),
  ),
  ...[
    "X\r\nxyz\r\n0\r\n\r\n",
    "-1\r\n",
    "5\r\nabc",
    "fffffffffffffffff\r\nx",
    "5\nabcde\n0\n\n",
    "3\r\nabcdef\r\n0\r\n\r\n",
    `1;${"x".repeat(20_000)}\r\na\r\n0\r\n\r\n`,
    "0\r\nBad Trailer\r\n\r\n",
    `0\r\n${"a: b\r\n".repeat(5000)}\r\n`,
  ].map(
    (chunks): Break =>
      (head) =>
        `${head}Transfer-Encoding: chunked\r\n\r\n${chunks}`,
  ),
  ...[
    " folded",
    "No-Colon",
    ": no name",
    "Space : x",
    "Nul\0: x",
    "X: a\0b",
    "X: a\rb",
    "X: \u0001",
    "\u00e9: x",
    "Content-Length : 5",
  ].map(withHeader),
  (head, body) =>
    head.replaceAll("\r\n", "\n") + `Content-Length: ${body.length}\n\n${body.toString("latin1")}`,
  (head) => head.replaceAll("\r\n", "\r"),
  (head) => head,
  (head, _body, random) => head.slice(0, random.integer(0, head.length)),
  (head) => head.replace("POST", "N0NSENSE"),
  (head) => head.replace("HTTP/1.1", "HTTP/1.9"),
  (head) => `${head.replace("HTTP/1.1", "HTTP/2.0")}\r\n`,
  (head) => `${head.replace(" HTTP/1.1", "")}\r\n`,
  (head) => `${head.replace("HTTP/1.1", "http/1.1")}\r\n`,
  (head, body) =>
    `${head.replace("HTTP/1.1", "HTTP/1.0")}Content-Length: ${body.length}\r\n\r\n${body.toString("latin1")}`,
  (head) => ` ${head}\r\n`,
  (head) => `${head.replace("/mcp", `/${"a".repeat(100_000)}`)}\r\n`,
  (head) => `${head.replace("/mcp", "/mcp HTTP/1.1\r\nX: /")}\r\n`,
  (head) => `${head.replace("/mcp", "/m\tc p")}\r\n`,
  (head) => `${head.replace("/mcp", "\0")}\r\n`,
  () => "CONNECT mcp.example.com:443 HTTP/1.1\r\nHost: mcp.example.com\r\n\r\n",
  () => "GET /\r\n\r\n",
  () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
  () => Buffer.from("16030100c8010000c40303", "hex"),
  () => "\r\n".repeat(10_000),
  () => "\0".repeat(1000),
  () => `GET ${"/a".repeat(50_000)}`,
  () => `GET / HTTP/1.1\r\n${"a: b\r\n".repeat(10_000)}`,
  () => "*1\r\n$4\r\nPING\r\n",
  () => "SSH-2.0-OpenSSH_9.9\r\n",
  (_head, _body, random) => random.bytes(random.integer(1, 2000)),
  (head, body, random) => {
    const whole = Buffer.from(
      `${head}Content-Length: ${body.length}\r\n\r\n${body.toString("latin1")}`,
      "latin1",
    );
    for (let flips = random.integer(1, 5); flips > 0; flips--)
      whole[random.integer(0, whole.length - 1)] = random.integer(0, 255);
    return whole;
  },
  (head, body) => {
    const whole = `${head}Content-Length: ${body.length}\r\n\r\n${body.toString("latin1")}`;
    return `${whole}nonsense\r\n\r\n${whole}`;
  },
];

/** Bytes that no server should take for this request. */
export function brokenBytes(
  { method, path, headers }: HttpRequest,
  body: Buffer,
  random: Random,
): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const broken = random.pick(BREAKS)(`${method} ${path} HTTP/1.1\r\n${lines}`, body, random);
  return typeof broken === "string" ? Buffer.from(broken, "latin1") : broken;
}
