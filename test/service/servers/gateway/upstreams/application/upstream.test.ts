import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { RelayError } from "../../../../../../service/runtime/relay.ts";
import { startServer, type Listener } from "../upstream-servers.ts";
import { call, contextOf, LIMITS, NEVER } from "../fixtures.ts";
import { createVirtualClock } from "../../virtual-clock.ts";
import { openApplication, SHOP, startApplication } from "./fixtures.ts";

/** A tool for each way of answering. */
const TOOLS = [
  { name: "read", description: "Reads.", method: "GET", path: "/things/{id}" },
  { name: "make", description: "Makes.", method: "POST", path: "/things" },
  { name: "remove", description: "Removes.", method: "DELETE", path: "/things/{id}" },
];

const json =
  (status: number, value: unknown, headers: Record<string, string> = {}): Listener =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(value));
  };

const raw =
  (
    type: string | undefined,
    body: string | Buffer,
    headers: Record<string, string> = {},
  ): Listener =>
  (_request, response) => {
    response.writeHead(200, {
      ...(type === undefined ? {} : { "content-type": type }),
      ...headers,
    });
    response.end(body);
  };

function text(value: string): object {
  return { content: [{ type: "text", text: value }] };
}

test("GIVEN the two applications of Ray Serve's guide as they are WHEN they stand behind the gateway THEN both are tools, a body that is a JSON string included", async (t) => {
  const { url, asked } = await startApplication(t, (request, response, body) => {
    const answer = request.url === "/classify" ? "samoyed" : `fr: ${String(body)}`;
    return json(200, answer)(request, response, body);
  });
  const upstream = openApplication(t, {
    kind: "http",
    url,
    tools: [
      {
        name: "classify",
        description: "What is in an image.",
        method: "POST",
        path: "/classify",
        inputSchema: {
          type: "object",
          properties: { image_url: { type: "string" } },
          required: ["image_url"],
        },
      },
      {
        name: "translate",
        description: "English to French.",
        method: "POST",
        path: "/translate",
        body: "text",
        inputSchema: { type: "object", properties: { text: { type: "string" } } },
      },
    ],
  });
  const { tools } = await upstream.list(NEVER, undefined);
  assert.deepEqual(tools, [
    {
      name: "classify",
      description: "What is in an image.",
      inputSchema: {
        type: "object",
        properties: { image_url: { type: "string" } },
        required: ["image_url"],
      },
    },
    {
      name: "translate",
      description: "English to French.",
      inputSchema: {
        type: "object",
        properties: { text: { type: "string" } },
        required: ["text"],
      },
    },
  ]);
  const image = { image_url: "https://example.com/samara.png" };
  assert.deepEqual(
    await upstream.send(call("classify", image), contextOf(), LIMITS),
    text("samoyed"),
  );
  assert.deepEqual(
    await upstream.send(call("translate", { text: "How are you?" }), contextOf(), LIMITS),
    text("fr: How are you?"),
  );
  assert.deepEqual(
    asked.map(({ line, body }) => [line, body]),
    [
      ["POST /classify", JSON.stringify(image)],
      ["POST /translate", '"How are you?"'],
    ],
  );
  assert.equal(asked[1]?.headers["content-type"], "application/json");
});

test("GIVEN declared tools WHEN they are called THEN arguments go where the method and the mapping say", async (t) => {
  const { url, asked } = await startApplication(t, json(200, { ok: true }));
  const upstream = openApplication(t, {
    kind: "http",
    url: `${url}/api/`,
    tools: [
      ...TOOLS,
      { name: "put", description: "Puts.", method: "PUT", path: "/things/{id}", query: ["dry"] },
    ],
  });
  const results = [
    await upstream.send(
      call("read", { id: 7, tag: ["a", "b&c"], none: null }),
      contextOf(),
      LIMITS,
    ),
    await upstream.send(call("make", { id: "x", n: { m: null } }), contextOf(), LIMITS),
    await upstream.send(call("remove", { id: "a/b", force: true }), contextOf(), LIMITS),
    await upstream.send(call("put", { id: 1, dry: true, name: "n" }), contextOf(), LIMITS),
  ];
  for (const result of results)
    assert.deepEqual(result, { ...text('{"ok":true}'), structuredContent: { ok: true } });
  assert.deepEqual(
    asked.map(({ line, body }) => [line, body]),
    [
      ["GET /api/things/7?tag=a&tag=b%26c", ""],
      ["POST /api/things", '{"id":"x","n":{"m":null}}'],
      ["DELETE /api/things/a%2Fb?force=true", ""],
      ["PUT /api/things/1?dry=true", '{"name":"n"}'],
    ],
  );
});

test("GIVEN a caller with a token and a trace WHEN a tool is called THEN the trace goes along, the gateway's secret, and never the token", async (t) => {
  const { url, asked } = await startApplication(t, json(200, 1));
  const upstream = openApplication(
    t,
    {
      kind: "http",
      url,
      tools: TOOLS,
      auth: { mode: "header", header: "X-Api-Key", value: { variable: "KEY" } },
    },
    { environment: { KEY: "secret-of-the-gateway" } },
  );
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const context = contextOf({ callerToken: "token-of-the-caller", carrier: { traceparent } });
  await upstream.send(call("make", {}), context, LIMITS);
  const [{ headers }] = asked as [(typeof asked)[0]];
  assert.equal(headers["traceparent"], traceparent);
  assert.equal(headers["x-api-key"], "secret-of-the-gateway");
  assert.equal(headers["user-agent"], "gateway/1.0.0");
  assert.doesNotMatch(JSON.stringify(headers), /token-of-the-caller/u);
});

test("GIVEN arguments that the schema refuses WHEN a tool is called THEN nothing is sent, and the model is told what is wrong", async (t) => {
  const { url, asked } = await startApplication(t, json(200, 1));
  const inputSchema = {
    type: "object",
    properties: { id: { type: "integer", minimum: 1 }, name: { type: "string" } },
    additionalProperties: false,
  };
  const upstream = openApplication(t, {
    kind: "http",
    url,
    tools: [{ ...TOOLS[0], inputSchema }],
  });
  for (const [given, message] of [
    [{}, "The arguments are not what the tool takes: arguments must have required property 'id'."],
    [{ id: 0 }, "The arguments are not what the tool takes: arguments/id must be >= 1."],
    [
      { id: "1", name: 2 },
      "The arguments are not what the tool takes: arguments/id must be integer, arguments/name must be string.",
    ],
    [{ id: 1, nam: "x" }, "There is no argument `nam`. The tool takes `id`, `name`."],
  ] as const)
    assert.deepEqual(await upstream.send(call("read", given), contextOf(), LIMITS), {
      ...text(message),
      isError: true,
    });
  const list = { ...call("read"), params: { name: "read", arguments: [1] } };
  assert.deepEqual(await upstream.send(list, contextOf(), LIMITS), {
    ...text("The arguments are no object."),
    isError: true,
  });
  assert.deepEqual(asked, []);
});

const IMAGE = Buffer.from("89504e470d0a1a0a", "hex");
for (const [what, listener, expected] of [
  ["a JSON object", json(200, { a: 1 }), { ...text('{"a":1}'), structuredContent: { a: 1 } }],
  ["a JSON array", json(200, [1]), text("[1]")],
  ["a JSON string", json(200, "ä\n"), text("ä\n")],
  [
    "JSON of another type",
    raw("application/hal+json; x=1", '{"a":1}'),
    { ...text('{"a":1}'), structuredContent: { a: 1 } },
  ],
  ["what is no JSON as JSON", raw("application/json", "{oops"), text("{oops")],
  ["text", raw("text/plain; charset=utf-8", "ä"), text("ä")],
  ["text in Latin-1", raw("text/plain; charset=ISO-8859-1", Buffer.from([0xe4])), text("ä")],
  ["XML", raw("application/xml", "<a/>"), text("<a/>")],
  ["a drawing in XML", raw("image/svg+xml", "<svg/>"), text("<svg/>")],
  [
    "an image",
    raw("image/png", IMAGE),
    { content: [{ type: "image", data: IMAGE.toString("base64"), mimeType: "image/png" }] },
  ],
  ["text without a type", raw(undefined, "text"), text("text")],
  [
    "bytes without a type",
    raw(undefined, Buffer.from([0xff, 0xfe, 0])),
    {
      ...text(
        "The application's answer is no text and no image, but something that it does not name: 3 bytes.",
      ),
      isError: true,
    },
  ],
  [
    "an archive",
    raw("application/zip", Buffer.alloc(1234)),
    {
      ...text(
        "The application's answer is no text and no image, but `application/zip`: 1234 bytes.",
      ),
      isError: true,
    },
  ],
  [
    "an encoding that was not asked for",
    raw("text/plain", "x", { "content-encoding": "br" }),
    {
      ...text("The application's answer is encoded with `br`, which it was not asked for: 1 byte."),
      isError: true,
    },
  ],
  [
    "more than is read",
    raw("text/plain", "x".repeat(2001)),
    {
      ...text("The application's answer is too long to be read: 2001 bytes or more."),
      isError: true,
    },
  ],
  [
    "more than is read, without saying so",
    (_request, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.write("x".repeat(1500));
      response.end("x".repeat(1500));
    },
    undefined,
  ],
  [
    "nothing",
    (_request, response) => response.writeHead(204).end(),
    text("The application answered with HTTP 204 No Content and an empty body."),
  ],
  [
    "an error of the caller's",
    json(422, { detail: "No such id." }),
    {
      ...text(
        'The application answered with HTTP 422 Unprocessable Entity: {"detail":"No such id."}',
      ),
      isError: true,
    },
  ],
  [
    "a refusal",
    (_request, response) => response.writeHead(403).end(),
    { ...text("The application answered with HTTP 403 Forbidden."), isError: true },
  ],
  [
    "an error without end",
    (_request, response) => {
      response.writeHead(400, { "content-type": "text/plain" });
      for (let part = 0; part < 20; part++) response.write("e".repeat(10_000));
    },
    {
      ...text(`The application answered with HTTP 400 Bad Request: ${"e".repeat(1999)}…`),
      isError: true,
    },
  ],
  [
    "an error of its own",
    json(500, "It broke."),
    {
      ...text('The application answered with HTTP 500 Internal Server Error: "It broke."'),
      isError: true,
    },
  ],
  [
    "another address",
    (_request, response) =>
      response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data/" }).end(),
    {
      ...text(
        "The application answered with HTTP 302 Found, which leads elsewhere, where the gateway does not follow.",
      ),
      isError: true,
    },
  ],
] as readonly (readonly [string, Listener, object | undefined])[]) {
  test(`GIVEN an application that answers with ${what} WHEN a tool is called THEN the result says it`, async (t) => {
    const { url, asked } = await startApplication(t, listener);
    const upstream = openApplication(
      t,
      { kind: "http", url, tools: TOOLS },
      { maxAnswerBytes: 2000 },
    );
    const result = await upstream.send(call("make", {}), contextOf(), LIMITS);
    if (expected === undefined) assert.match(JSON.stringify(result), /too long to be read/u);
    else assert.deepEqual(result, expected);
    assert.equal(asked.length, 1);
  });
}

test("GIVEN an application that fails WHEN it is called again and again THEN the breaker opens, and errors of callers do not open it", async (t) => {
  const { url, server, asked } = await startApplication(t, json(400, {}));
  const clock = createVirtualClock();
  const upstream = openApplication(t, { kind: "http", url, tools: TOOLS }, { clock });
  const send = (): Promise<unknown> => upstream.send(call("make", {}), contextOf(), LIMITS);
  for (let count = 0; count < 10; count++) await send();
  assert.equal(upstream.state.breaker, "closed");
  const opened: string[] = [];
  server.become(json(500, {}));
  for (let count = 0; count < 5; count++) {
    await send();
    opened.push(upstream.state.breaker);
  }
  assert.deepEqual(opened, ["closed", "closed", "closed", "closed", "open"]);
  await assert.rejects(send(), {
    name: "RelayError",
    code: -32000,
    status: 503,
    data: { retryable: true },
  });
  assert.equal(asked.length, 10);
});

for (const [method, name, times] of [
  ["GET", "read", 2],
  ["DELETE", "remove", 1],
  ["POST", "make", 1],
] as const) {
  test(`GIVEN a connection that breaks WHEN a ${method} is under way THEN it is sent ${times === 2 ? "again" : "once"}`, async (t) => {
    let count = 0;
    const { url } = await startApplication(t, (request, response, body) => {
      count++;
      if (count === 1) request.socket.destroy();
      else return json(200, { count })(request, response, body);
      return undefined;
    });
    const upstream = openApplication(t, { kind: "http", url, tools: TOOLS });
    const sending = upstream.send(call(name, { id: 1 }), contextOf(), LIMITS);
    if (times === 2) assert.deepEqual((await sending)["structuredContent"], { count: 2 });
    else await assert.rejects(sending, { code: -32603, data: { retryable: false } });
    assert.equal(count, times);
  });
}

test("GIVEN a DELETE that the configuration calls idempotent WHEN its connection breaks THEN it is sent again", async (t) => {
  let count = 0;
  const { url } = await startApplication(t, (request, response) => {
    if (++count === 1) request.socket.destroy();
    else response.writeHead(204).end();
  });
  const upstream = openApplication(t, { kind: "http", url, tools: TOOLS });
  const repeatable = { ...LIMITS, repeatable: true };
  await upstream.send(call("remove", { id: 1 }), contextOf(), repeatable);
  assert.equal(count, 2);
});

for (const status of [503, 429])
  test(`GIVEN a replica that is busy (${status}) WHEN a call has an effect THEN another replica runs it, once`, async (t) => {
    const first = await startServer(t, (_request, response) =>
      response.writeHead(status, { "retry-after": "1" }).end(),
    );
    await startServer(t, json(200, { ran: true }), "127.0.0.2", first.port);
    const upstream = openApplication(
      t,
      { kind: "http", url: `http://shop.test:${first.port}`, discovery: "dns", tools: TOOLS },
      {
        resolveAddresses: () =>
          Promise.resolve({ addresses: ["127.0.0.1", "127.0.0.2"], ttlSeconds: 60 }),
      },
    );
    for (let count = 0; count < 4; count++)
      assert.deepEqual(
        (await upstream.send(call("make", {}), contextOf(), LIMITS))["structuredContent"],
        { ran: true },
      );
    assert.ok(first.requests.length > 0);
    assert.equal(first.requests[0]?.headers.host, `shop.test:${first.port}`);
  });

test("GIVEN an application that is busy everywhere WHEN it is called THEN the client may try again", async (t) => {
  const { url } = await startApplication(t, json(503, {}, { "retry-after": "1" }));
  const upstream = openApplication(t, { kind: "http", url, tools: TOOLS });
  await assert.rejects(upstream.send(call("make", {}), contextOf(), LIMITS), {
    name: "RelayError",
    status: 503,
    data: { retryable: true },
  });
});

test("GIVEN an answer that is announced to be too long WHEN a tool is called THEN nobody waits for it", async (t) => {
  const { url } = await startApplication(t, (_request, response) => {
    response.writeHead(200, { "content-type": "text/plain", "content-length": "2001" });
    response.flushHeaders();
  });
  const upstream = openApplication(
    t,
    { kind: "http", url, tools: TOOLS },
    { maxAnswerBytes: 2000 },
  );
  assert.deepEqual(await upstream.send(call("make", {}), contextOf(), LIMITS), {
    ...text("The application's answer is too long to be read: 2001 bytes or more."),
    isError: true,
  });
});

test("GIVEN an application that hangs WHEN the time is over, or the caller gone THEN the call ends and says which", async (t) => {
  const arrivals = new EventEmitter();
  const { url } = await startApplication(t, () => arrivals.emit("request"));
  const clock = createVirtualClock();
  const upstream = openApplication(t, { kind: "http", url, tools: TOOLS }, { clock });
  const first = once(arrivals, "request");
  const late = upstream.send(call("make", {}), contextOf(), LIMITS);
  const ended = assert.rejects(late, {
    outcome: "timeout",
    code: -32603,
    data: { retryable: false },
  });
  await first;
  await clock.advance(20_000);
  await ended;
  const second = once(arrivals, "request");
  const controller = new AbortController();
  const context = contextOf({ signal: controller.signal });
  const gone = upstream.send(call("read", { id: 1 }), context, LIMITS);
  const cancelled = assert.rejects(gone, { outcome: "cancelled" });
  await second;
  controller.abort();
  await cancelled;
});

test("GIVEN an application that is gone WHEN its declared tools are listed THEN the list fails, and works again when it is back", async (t) => {
  const { url, server } = await startApplication(t, json(200, 1));
  const upstream = openApplication(t, { kind: "http", url, tools: TOOLS });
  assert.equal((await upstream.list(NEVER, undefined)).tools.length, 3);
  await server.stop();
  await assert.rejects(upstream.list(NEVER, undefined), { name: "RelayError", status: 503 });
  await server.again();
  assert.equal((await upstream.list(NEVER, undefined)).tools.length, 3);
  server.become((_request, response) => response.writeHead(502).end());
  await assert.rejects(upstream.list(NEVER, undefined), { name: "RelayError" });
});

test("GIVEN a declared tool whose schema is none WHEN the upstream is opened THEN it alone is left out", async (t) => {
  const { url } = await startApplication(t, json(200, 1));
  const broken = { ...TOOLS[1], inputSchema: { type: "object", required: 3 } };
  const upstream = openApplication(t, { kind: "http", url, tools: [TOOLS[0], broken] });
  const { tools } = await upstream.list(NEVER, undefined);
  assert.deepEqual(
    tools.map(({ name }) => name),
    ["read"],
  );
  await assert.rejects(upstream.send(call("make", {}), contextOf(), LIMITS), (error: unknown) => {
    assert.ok(error instanceof RelayError);
    assert.equal(error.code, -32602);
    return true;
  });
});

test("GIVEN an OpenAPI application WHEN its document changes, breaks and is mended THEN the last good one is what is listed", async (t) => {
  let document: { status: number; text: string; etag?: string } = {
    status: 200,
    text: SHOP,
    etag: '"1"',
  };
  const { url, asked } = await startApplication(t, (request, response, body) => {
    if (request.url !== "/openapi.json")
      return json(200, { ran: request.url })(request, response, body);
    const { status, text: content, etag } = document;
    if (etag !== undefined && request.headers["if-none-match"] === etag)
      response.writeHead(304).end();
    else response.writeHead(status, etag === undefined ? {} : { etag }).end(content);
    return undefined;
  });
  const clock = createVirtualClock();
  const upstream = openApplication(
    t,
    { kind: "openapi", url, documentUrl: `${url}/openapi.json` },
    { clock },
  );
  const names = async (): Promise<unknown[]> =>
    (await upstream.list(NEVER, undefined)).tools.map(({ name }) => name);
  const first = await names();
  assert.equal(first.length, 13);
  assert.deepEqual(await names(), first);
  assert.equal(asked.length, 1, "the document is good for five minutes");
  await clock.advance(300_000);
  assert.deepEqual(await names(), first);
  assert.equal(asked[1]?.headers["if-none-match"], '"1"');
  for (const bad of [
    { status: 200, text: "{" },
    { status: 200, text: '{"openapi":"2.0"}' },
    { status: 404, text: "" },
    { status: 500, text: "" },
    { status: 302, text: "" },
  ]) {
    document = bad;
    await clock.advance(300_000);
    assert.deepEqual(await names(), first, JSON.stringify(bad));
  }
  const shorter = JSON.parse(SHOP) as { paths: Record<string, unknown> };
  document = {
    status: 200,
    text: JSON.stringify({ ...shorter, paths: { "/search": shorter.paths["/search"] } }),
  };
  await clock.advance(300_000);
  assert.deepEqual(await names(), ["search_search_get"]);
  assert.deepEqual(
    (await upstream.send(call("search_search_get", { q: "a b" }), contextOf(), LIMITS))[
      "structuredContent"
    ],
    { ran: "/search?q=a%20b" },
  );
});

test("GIVEN a document that lies elsewhere WHEN it is fetched THEN no credentials go there, and calls go to the application", async (t) => {
  const documents = await startServer(t, (_request, response) => response.end(SHOP));
  const { url, asked } = await startApplication(t, json(200, { ran: true }));
  const upstream = openApplication(
    t,
    {
      kind: "openapi",
      url,
      documentUrl: `http://127.0.0.1:${documents.port}/v1.json`,
      auth: { mode: "header", value: { variable: "KEY" } },
    },
    { environment: { KEY: "secret-of-the-gateway" } },
  );
  await upstream.send(call("search_search_get", { q: "x" }), contextOf(), LIMITS);
  assert.equal(documents.requests.length, 1);
  assert.equal(documents.requests[0]?.headers.authorization, undefined);
  assert.equal(asked[0]?.headers["authorization"], "Bearer secret-of-the-gateway");
});

test("GIVEN a document of the application's own WHEN it is fetched THEN the gateway proves who it is, and does not where only callers can", async (t) => {
  const { url, asked } = await startApplication(t, (_request, response) => response.end(SHOP));
  const document = { kind: "openapi", url, documentUrl: `${url}/openapi.json` };
  const environment = { KEY: "secret-of-the-gateway" };
  const header = { mode: "header", value: { variable: "KEY" } };
  const exchange = {
    mode: "token-exchange",
    tokenEndpoint: `${url}/token`,
    clientId: "gateway",
    clientSecret: { variable: "KEY" },
  };
  for (const auth of [header, exchange])
    await openApplication(t, { ...document, auth }, { environment }).list(NEVER, undefined);
  assert.deepEqual(
    asked.map(({ line, headers }) => [line, headers["authorization"]]),
    [
      ["GET /openapi.json", "Bearer secret-of-the-gateway"],
      ["GET /openapi.json", undefined],
    ],
  );
});

test("GIVEN no document yet WHEN it is listed or called THEN both may be tried again, and are told why", async (t) => {
  const { url } = await startApplication(t, (_request, response) => response.writeHead(404).end());
  const upstream = openApplication(t, { kind: "openapi", url, documentUrl: `${url}/openapi.json` });
  const expected = {
    name: "RelayError",
    status: 503,
    message:
      "The upstream `shop` gives no OpenAPI document that can be used. It is answered with HTTP 404.",
  };
  await assert.rejects(upstream.list(NEVER, undefined), expected);
  await assert.rejects(upstream.send(call("x"), contextOf(), LIMITS), expected);
});

test("GIVEN a call under way WHEN the upstream is closed THEN the call ends first", async (t) => {
  const arrivals = new EventEmitter();
  const { url } = await startApplication(t, (request, response, body) => {
    arrivals.emit("request", () => json(200, { done: true })(request, response, body));
  });
  const upstream = openApplication(t, { kind: "http", url, tools: TOOLS });
  const arrived = once(arrivals, "request");
  const sending = upstream.send(call("make", {}), contextOf(), LIMITS);
  const [finish] = (await arrived) as [() => void];
  const closed = upstream.close();
  finish();
  assert.deepEqual((await sending)["structuredContent"], { done: true });
  await closed;
  await assert.rejects(upstream.send(call("make", {}), contextOf(), LIMITS), { status: 503 });
});
