import assert from "node:assert/strict";
import type { LookupAddress } from "node:dns";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { test, type TestContext } from "node:test";
import { publicAddressesAnd } from "../../../../service/servers/classifier/addresses.ts";
import { createImageFetcher } from "../../../../service/servers/classifier/fetch-image.ts";
import { guardedLookup } from "../../../../service/servers/classifier/guarded-agent.ts";
import type { ImageSettings } from "../../../../service/servers/classifier/settings.ts";

const SETTINGS: ImageSettings = {
  maxBytes: 1024,
  maxPixels: 1_000_000,
  timeoutMilliseconds: 10_000,
  allowHttp: true,
  allowedNetworks: ["127.0.0.1/32"],
};

const BYTES = Buffer.from("an image");
const open = new AbortController().signal;

/** A host on loopback; gives its port, and counts what it was asked. */
async function serve(
  context: TestContext,
  listener: RequestListener,
  address = "127.0.0.1",
): Promise<{ readonly port: number; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    listener(request, response);
  }).listen(0, address);
  await once(server, "listening");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

function fetcherOf(
  context: TestContext,
  settings: Partial<ImageSettings> = {},
  lookup?: LookupFunction,
) {
  const fetcher = createImageFetcher({ ...SETTINGS, ...settings }, lookup);
  context.after(() => fetcher.close());
  return fetcher;
}

const image: RequestListener = (_request, response) => {
  response.setHeader("content-type", "image/png").end(BYTES);
};

test("GIVEN an image WHEN it is fetched THEN its bytes come, in memory of their own", async (context) => {
  const { port } = await serve(context, image);
  const bytes = await fetcherOf(context).fetch(`http://127.0.0.1:${port}/a.png`, open);
  assert.deepEqual(Buffer.from(bytes), BYTES);
  assert.equal(bytes.buffer.byteLength, BYTES.length);
});

test("GIVEN redirects WHEN an image is fetched THEN three are followed, and a fourth is not", async (context) => {
  const { port, asked } = await serve(context, (request, response) => {
    const left = Number(request.url?.slice(1));
    if (left === 0) response.setHeader("content-type", "image/png").end(BYTES);
    else response.writeHead(302, { location: `/${left - 1}` }).end("elsewhere");
  });
  const fetcher = fetcherOf(context);
  const bytes = await fetcher.fetch(`http://127.0.0.1:${port}/3`, open);
  assert.deepEqual(Buffer.from(bytes), BYTES);
  asked.length = 0;
  await assert.rejects(fetcher.fetch(`http://127.0.0.1:${port}/4`, open), {
    message:
      "`image_url` is redirected more than 3 times. Give the address where the image itself is.",
  });
  assert.deepEqual(asked, ["/4", "/3", "/2", "/1"]);
});

test("GIVEN a redirect to an address that is closed WHEN it is followed THEN nobody is asked there", async (context) => {
  const inside = await serve(context, image, "127.0.0.2");
  const outside = await serve(context, (_request, response) => {
    response.writeHead(302, { location: `http://127.0.0.2:${inside.port}/secret` }).end();
  });
  await assert.rejects(fetcherOf(context).fetch(`http://127.0.0.1:${outside.port}/`, open), {
    message:
      "`127.0.0.2` is not a public host, and images are fetched from those alone. Give a public address, or send the image as a `data:` URL.",
  });
  assert.deepEqual([outside.asked, inside.asked], [["/"], []]);
});

test("GIVEN a redirect with a long text that does not end WHEN it is followed THEN the text is not waited for, and the image is asked for uncompressed", async (context) => {
  const encodings: unknown[] = [];
  const { port } = await serve(context, (request, response) => {
    encodings.push(request.headers["accept-encoding"]);
    if (request.url === "/a.png") image(request, response);
    else response.writeHead(302, { location: "/a.png", "content-length": 100_000 }).write("moved");
  });
  const bytes = await fetcherOf(context).fetch(`http://127.0.0.1:${port}/`, open);
  assert.deepEqual(Buffer.from(bytes), BYTES);
  assert.deepEqual(encodings, ["identity", "identity"]);
});

test("GIVEN redirects to other schemes WHEN they are followed THEN they are refused", async (context) => {
  for (const [location, scheme] of [
    ["file:///etc/passwd", "file:"],
    ["data:image/png;base64,YQ==", "data:"],
    ["ftp://127.0.0.1/", "ftp:"],
  ] as const) {
    const { port } = await serve(context, (_request, response) => {
      response.writeHead(302, { location }).end();
    });
    await assert.rejects(fetcherOf(context).fetch(`http://127.0.0.1:${port}/`, open), {
      message: `\`image_url\` is redirected to an address that begins with \`${scheme}\`. Give an address that begins with \`https://\` or \`http://\`.`,
    });
  }
});

/** A name server that gives the next answer each time it is asked. */
function nameServer(...answers: readonly string[][]) {
  const asked: string[] = [];
  const lookup = guardedLookup(
    publicAddressesAnd(SETTINGS.allowedNetworks),
    (name, _options, callback) => {
      const addresses = answers[asked.length] ?? [];
      asked.push(name);
      callback(
        null,
        addresses.map((address): LookupAddress => ({ address, family: 4 })),
      );
    },
  );
  return { asked, lookup };
}

test("GIVEN a name that has another address a moment later WHEN it is fetched THEN it is looked up once, and the address that was checked is the one that is asked", async (context) => {
  const good = await serve(context, image);
  const names = nameServer(["127.0.0.1"], ["127.0.0.2"]);
  const bytes = await fetcherOf(context, {}, names.lookup).fetch(
    `http://images.example:${good.port}/`,
    open,
  );
  assert.deepEqual(Buffer.from(bytes), BYTES);
  assert.deepEqual([names.asked, good.asked], [["images.example"], ["/"]]);
});

test("GIVEN a name with closed and open addresses WHEN it is fetched THEN only an open one is asked", async (context) => {
  const good = await serve(context, image);
  const names = nameServer(["10.1.2.3", "127.0.0.1", "169.254.169.254"]);
  await fetcherOf(context, {}, names.lookup).fetch(`http://images.example:${good.port}/`, open);
  assert.deepEqual(good.asked, ["/"]);
});

test("GIVEN a name that is closed, first or after a redirect WHEN it is fetched THEN it is refused by its name alone", async (context) => {
  const outside = await serve(context, (_request, response) => {
    response.writeHead(301, { location: "http://inside.example/" }).end();
  });
  const message =
    "`inside.example` is not a public host, and images are fetched from those alone. Give a public address, or send the image as a `data:` URL.";
  const direct = fetcherOf(context, {}, nameServer(["10.0.0.1"]).lookup);
  await assert.rejects(direct.fetch("http://inside.example/", open), { message });
  const redirected = fetcherOf(context, {}, nameServer(["127.0.0.1"], ["fd00:ec2::254"]).lookup);
  await assert.rejects(redirected.fetch(`http://outside.example:${outside.port}/`, open), {
    message,
  });
});

for (const [what, address, sentence] of [
  [
    "plain http",
    "http://example.com/a.png",
    "`image_url` begins with `http:`. Give an address that begins with `https://`.",
  ],
  [
    "a file",
    "file:///etc/passwd",
    "`image_url` begins with `file:`. Give an address that begins with `https://`.",
  ],
  ["no address", "cat.jpg", "`image_url` is not an address. Give one that begins with `https://`."],
  [
    "a password",
    "https://user:secret@example.com/",
    "`image_url` contains a user name or password. Give one that needs none.",
  ],
  ["an address in octal", "https://0177.0.0.1/", "`127.0.0.1` is not a public host,"],
  ["an address as one number", "https://2130706433/", "`127.0.0.1` is not a public host,"],
  ["IPv6 loopback", "https://[::1]/", "`::1` is not a public host,"],
  [
    "mapped metadata",
    "https://[::ffff:169.254.169.254]/",
    "`::ffff:a9fe:a9fe` is not a public host,",
  ],
  ["localhost", "https://localhost/", "`localhost` is not a public host,"],
] as const) {
  test(`GIVEN ${what} WHEN it is fetched with the usual settings THEN it is refused with a sentence`, async (context) => {
    const fetcher = fetcherOf(context, { allowHttp: false, allowedNetworks: [] });
    await assert.rejects(fetcher.fetch(address, open), (error: Error) => {
      assert.equal(error.message.slice(0, sentence.length), sentence);
      return true;
    });
  });
}

for (const [what, listener, sentence] of [
  [
    "a page",
    (_request, response) =>
      response.setHeader("content-type", "text/html; charset=utf-8").end("<html>"),
    "`image_url` leads to `text/html`, which is no picture of pixels.",
  ],
  [
    "an SVG",
    (_request, response) => response.setHeader("content-type", "image/svg+xml").end("<svg>"),
    "`image_url` leads to `image/svg+xml`, which is no picture of pixels.",
  ],
  [
    "nothing there",
    (_request, response) => response.writeHead(404).end(),
    "There is no image at `image_url` (status 404). Check the address.",
  ],
  [
    "a login",
    (_request, response) => response.writeHead(403).end(),
    "The image's host gives it only to those it knows (status 403).",
  ],
  [
    "a host in trouble",
    (_request, response) => response.writeHead(503).end(),
    "The image's host cannot give it now (status 503). Try again later, or give another address.",
  ],
  [
    "a file that says it is too long",
    (_request, response) => {
      response
        .writeHead(200, { "content-type": "image/png", "content-length": 1025 })
        .flushHeaders();
    },
    "The image is longer than 1024 bytes. Give a smaller one, such as a thumbnail.",
  ],
  [
    "a file that turns out too long",
    (_request, response) => {
      response.writeHead(200, { "content-type": "image/png" });
      for (let count = 0; count < 3; count += 1) response.write(Buffer.alloc(512));
    },
    "The image is longer than 1024 bytes. Give a smaller one, such as a thumbnail.",
  ],
  [
    "a compressed answer",
    (_request, response) =>
      response
        .writeHead(200, { "content-type": "image/png", "content-encoding": "gzip" })
        .end(BYTES),
    "The image's host sent it compressed (`gzip`) though asked not to. Give another address.",
  ],
  [
    "an empty answer",
    (_request, response) => response.setHeader("content-type", "image/png").end(),
    "The image's host answered with nothing in it.",
  ],
  [
    "a connection that breaks",
    (request) => request.socket.destroy(),
    "The image's host cannot be reached, or broke the connection off. Try again later, or give another address.",
  ],
] as readonly (readonly [string, RequestListener, string])[]) {
  test(`GIVEN ${what} WHEN it is fetched THEN the model is told what to do`, async (context) => {
    const { port } = await serve(context, listener);
    await assert.rejects(
      fetcherOf(context).fetch(`http://127.0.0.1:${port}/`, open),
      (error: Error) => {
        assert.equal(error.message.slice(0, sentence.length), sentence);
        assert.equal(error.name, "ToolError");
        return true;
      },
    );
  });
}

test("GIVEN a host that is silent WHEN the time is over THEN the model is told so", async (context) => {
  const { port } = await serve(context, () => undefined);
  const fetcher = fetcherOf(context, { timeoutMilliseconds: 1 });
  await assert.rejects(fetcher.fetch(`http://127.0.0.1:${port}/`, open), {
    message: "The image's host takes too long. Try again later, or give another address.",
  });
});

test("GIVEN a redirect and a body that does not end WHEN the one time for both is over THEN the fetch ends", async (context) => {
  const deadline = new AbortController();
  const timeout = context.mock.method(AbortSignal, "timeout", () => deadline.signal);
  const closed = Promise.withResolvers<undefined>();
  const { port } = await serve(context, (request, response) => {
    if (request.url === "/") {
      response.writeHead(302, { location: "/slow" }).end();
      return;
    }
    response.once("close", () => {
      closed.resolve(undefined);
    });
    response.writeHead(200, { "content-type": "image/png" });
    // More than sockets keep: once it has drained, the body is being read.
    response.once("drain", () => {
      deadline.abort();
    });
    response.write(Buffer.alloc(16 * 1024 * 1024));
  });
  const fetcher = fetcherOf(context, { maxBytes: 64 * 1024 * 1024, timeoutMilliseconds: 7000 });
  await assert.rejects(fetcher.fetch(`http://127.0.0.1:${port}/`, open), {
    message: "The image's host takes too long. Try again later, or give another address.",
  });
  await closed.promise;
  assert.deepEqual(
    timeout.mock.calls.map(({ arguments: given }) => given),
    [[7000]],
  );
});

test("GIVEN a fetch under way WHEN the call is cancelled THEN it ends with the signal's reason, and so does the connection", async (context) => {
  const ended = Promise.withResolvers<undefined>();
  const controller = new AbortController();
  const reason = new Error("the client left");
  const { port } = await serve(context, (request, response) => {
    response.once("close", () => {
      ended.resolve(undefined);
    });
    request.resume();
    controller.abort(reason);
  });
  await assert.rejects(
    fetcherOf(context).fetch(`http://127.0.0.1:${port}/`, controller.signal),
    reason,
  );
  await ended.promise;
});

for (const [what, address, expected] of [
  ["an image", `data:image/png;base64,${BYTES.toString("base64")}`, BYTES],
  ["an image without a type", `data:;base64,${BYTES.toString("base64")}`, BYTES],
  [
    "an escaped one",
    `data:image/png;base64,${encodeURIComponent(Buffer.from([255, 255]).toString("base64"))}`,
    Buffer.from([255, 255]),
  ],
  [
    "one that is not base64",
    "data:image/png,abc",
    "`image_url` is a data URL that is not in base64.",
  ],
  [
    "a damaged one",
    "data:image/png;base64,a*b",
    "`image_url` is a data URL whose base64 is empty or damaged.",
  ],
  [
    "an empty one",
    "data:image/png;base64,",
    "`image_url` is a data URL whose base64 is empty or damaged.",
  ],
  [
    "a text",
    "data:text/html;base64,YQ==",
    "`image_url` leads to `text/html`, which is no picture of pixels.",
  ],
  [
    "one that is too long",
    `data:image/png;base64,${Buffer.alloc(1025).toString("base64")}`,
    "The image is longer than 1024 bytes.",
  ],
] as const) {
  test(`GIVEN ${what} as a data URL THEN ${typeof expected === "string" ? "the model is told what to do" : "its bytes are taken"}`, async (context) => {
    const fetched = fetcherOf(context).fetch(address, open);
    if (typeof expected !== "string") assert.deepEqual(Buffer.from(await fetched), expected);
    else
      await assert.rejects(fetched, (error: Error) => {
        assert.equal(error.message.slice(0, expected.length), expected);
        return true;
      });
  });
}
