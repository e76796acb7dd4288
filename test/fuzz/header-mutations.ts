import type { Random } from "./random.ts";
import { encoded, METHODS, type HttpRequest } from "./requests.ts";
import { SECRETS } from "./target.ts";

const long = (length: number): string => "x".repeat(length);

/** What may stand in the place of a header's value, or beside it. None is broken HTTP. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  Host: [
    "",
    "evil.example",
    "mcp.example.com:443",
    "mcp.example.com:99999",
    "127.0.0.1",
    "[::1]",
    "[",
    "localhost.",
    "a@b",
    "mcp.example.com, evil.example",
    "MCP.EXAMPLE.COM",
    "%00",
  ],
  Origin: [
    "null",
    "",
    "https://evil.example",
    "https://mcp.example.com",
    "file://",
    "https://mcp.example.com.evil.example",
    "http://localhost:1",
    "javascript:1",
    "https://[",
    "*",
  ],
  Authorization: [
    "",
    "Bearer",
    "Bearer ",
    "Bearer x",
    "Basic Zm9vOmJhcg==",
    `bearer ${SECRETS.token}`,
    `Bearer  ${SECRETS.token}`,
    `Bearer ${SECRETS.token}x`,
    `Bearer ${SECRETS.token} x`,
    `Bearer ${SECRETS.token.slice(0, -1)}`,
    SECRETS.token,
    `Bearer ${long(8000)}`,
    "Bearer \u00e9\u00ff",
    "Bearer eyJhbGciOiJub25lIn0.e30.",
    "Bearer a.b.c",
    `Digest ${SECRETS.token}`,
    "Bearer =?base64?eA==?=",
  ],
  "Content-Type": [
    "",
    "text/plain",
    "application/json; charset=utf-16",
    'application/json;charset="',
    "application/jsonp",
    "APPLICATION/JSON",
    "application/json, text/plain",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "/",
    ";",
  ],
  Accept: [
    "",
    "*/*",
    "application/json",
    "text/event-stream",
    "text/html",
    "application/json;q=0",
    "text/event-stream;q=0, */*;q=0.1",
    ",,,",
    long(2000),
  ],
  "MCP-Protocol-Version": [
    "",
    "2026-07-28",
    "2025-11-25",
    "2025-03-26",
    "2024-11-05",
    "1999-01-01",
    "9999-99-99",
    "draft",
    "2026-07-28 ",
    "2026-07-28, 2025-11-25",
    "\u00ff",
    long(5000),
  ],
  "Mcp-Method": [
    "",
    ...METHODS,
    "TOOLS/CALL",
    "tools/call ",
    "__proto__",
    "unknown/method",
    "\u00e9",
    encoded("tools/call"),
  ],
  "Mcp-Name": [
    "",
    "double",
    "Double",
    "break",
    "__proto__",
    "docs://guide",
    encoded("double"),
    encoded("\0"),
    encoded("é🧨"),
    "=?base64?%%%?=",
    "=?base64??=",
    "=?BASE64?ZG91Ymxl?=",
    "=?base64?ZG91Ymxl",
    "\u00e9",
    long(5000),
  ],
  "Mcp-Param-Region": [
    "",
    "eu-west-1",
    "us-east-1",
    encoded("eu-west-1"),
    encoded("\ud800"),
    "true",
    "1e3",
  ],
  "Mcp-Param-Unknown": ["x", ""],
  "Mcp-Session-Id": ["x", long(1000)],
  "Last-Event-ID": ["1", "\u00ff"],
  "X-Amzn-Trace-Id": [
    "Root=1-67891233-abcdef012345678912345678",
    "Root=",
    "Self=x;Root=<script>",
    `Root=${long(100)}`,
    "Root=1;Root=2",
  ],
  "X-Request-Id": ["mine", "\u00e9", long(1000)],
  traceparent: [
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0-0-0",
    "ff-x",
    long(1000),
  ],
  tracestate: ["a=b", ",,,=", long(2000)],
  baggage: ["a=b", "%ff=%", long(3000)],
  Expect: ["100-continue", "nonsense"],
  Connection: ["close", "keep-alive", "Upgrade", "Content-Length, Authorization", "nonsense"],
  Upgrade: ["websocket", "h2c"],
  "HTTP2-Settings": ["AAMAAABkAARAAAAAAAIAAAAA"],
  "Content-Encoding": ["gzip", "br", "identity"],
  Cookie: ["a=b", long(3000)],
  "X-Forwarded-For": ["1.2.3.4", "unknown, ::1"],
  "X-Forwarded-Host": ["evil.example"],
  "X-HTTP-Method-Override": ["DELETE"],
  Range: ["bytes=0-1", "bytes=-9999999999999999999"],
  "If-None-Match": ["*", 'W/"x"'],
  "Access-Control-Request-Headers": ["authorization", "\u00e9", long(500)],
  "Access-Control-Request-Method": ["POST"],
  "Proxy-Authorization": ["Basic eDp5"],
  TE: ["trailers", "gzip"],
  "User-Agent": ["", long(4000)],
  a_b: ["c"],
  "!#$%&'*+-.^_`|~": ["all of them"],
};

const NAMES = Object.keys(VALUES);

/** Changes up to three headers in place. */
export function mutateHeaders({ headers }: HttpRequest, random: Random): void {
  for (let count = random.integer(1, 3); count > 0; count--) {
    const at = random.integer(0, headers.length - 1);
    const [name, value] = headers[at] ?? ["Host", ""];
    const choice = random.fraction();
    if (choice < 0.2) headers.splice(at, 1);
    else if (choice < 0.4) headers[at] = [name, random.pick(VALUES[name] ?? [""])];
    else if (choice < 0.5) headers.push([name.toLowerCase(), random.pick(VALUES[name] ?? [value])]);
    else if (choice < 0.55) headers[at] = [name, ` \t${value}\t `];
    else if (choice < 0.57) {
      for (let surplus = random.pick([50, 101, 600]); surplus > 0; surplus--)
        headers.push(["x", "y"]);
    } else if (choice < 0.59) headers.push(["X-Long", long(random.pick([8000, 16_000, 40_000]))]);
    else {
      const added = random.pick(NAMES);
      headers.push([added, random.pick(VALUES[added] ?? [""])]);
    }
  }
}
