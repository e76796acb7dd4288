import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { after, before, describe, test } from "node:test";
import { LocalError } from "../../../local/graph/graph.ts";
import { startPage, type Page } from "../../../local/page/page.ts";
import { settled, VirtualClock } from "../virtual-clock.ts";
import { ScriptedSource } from "./scripted-source.ts";

const clock = new VirtualClock();
const source = new ScriptedSource();
const errors: unknown[] = [];
let page: Page;
let port: number;

before(async () => {
  page = await startPage({ port: 0, source, clock, onError: (error) => errors.push(error) });
  port = Number(new URL(page.url).port);
});
after(() => page.close());

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** By Node's own client, which sends any `Host` it is told to. */
async function ask(
  path: string,
  { method = "GET", headers = {}, body }: Asked = {},
): Promise<{ status: number | undefined; text: string; headers: IncomingMessage["headers"] }> {
  const request = httpRequest({ host: "127.0.0.1", port, path, method, headers });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response.setEncoding("utf8") as AsyncIterable<string>) text += chunk;
  return { status: response.statusCode, text, headers: response.headers };
}

function own(body: unknown, changes: Readonly<Record<string, string>> = {}): Asked {
  return {
    method: "POST",
    headers: {
      origin: `http://127.0.0.1:${port}`,
      "content-type": "application/json",
      ...changes,
    },
    body: JSON.stringify(body),
  };
}

const sentence = (text: string): unknown => (JSON.parse(text) as { error: unknown }).error;

describe("GIVEN the page's server", () => {
  test("WHEN `Host` is another name, as after DNS rebinding, THEN it refuses, whatever is asked for", async () => {
    for (const path of ["/", "/api/snapshot", "/api/live", "/client/main.ts"]) {
      for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1", "127.0.0.1:1"]) {
        const { status, text } = await ask(path, { headers: { host } });
        assert.equal(status, 403, `${host}${path}`);
        assert.equal(
          sentence(text),
          `The request's \`Host\` is not this page's. Open http://127.0.0.1:${port}/ instead.`,
        );
      }
    }
  });
  test("WHEN `Host` is one of this machine's own names THEN it answers", async () => {
    for (const host of ["127.0.0.1", "localhost", "[::1]"]) {
      const { status } = await ask("/", { headers: { host: `${host}:${port}` } });
      assert.equal(status, 200, host);
    }
  });
  test("WHEN a POST comes from another origin, from none, or is no JSON THEN nothing is done", async () => {
    const body = { kind: "lose-zone", zone: "us-east-1a" };
    const refused = [
      own(body, { origin: "http://evil.example" }),
      own(body, { origin: "null" }),
      own(body, { origin: `http://127.0.0.1:${port + 1}` }),
      { ...own(body), headers: { "content-type": "application/json" } },
    ];
    for (const request of refused) assert.equal((await ask("/api/faults", request)).status, 403);
    const plain = await ask("/api/faults", own(body, { "content-type": "text/plain" }));
    assert.equal(plain.status, 415);
    assert.deepEqual(source.asked, []);
  });
  test("WHEN another site's page reads or embeds it THEN it refuses, but a link leads to it", async () => {
    const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
    assert.equal((await ask("/api/snapshot", { headers })).status, 403);
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    assert.equal((await ask("/", { headers: link })).status, 200);
  });
  test("WHEN a method would change something by another way THEN it is refused", async () => {
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS"]) {
      assert.equal((await ask("/api/snapshot", { method })).status, 405);
    }
  });
  test("THEN every answer, a refusal as well, forbids scripts from elsewhere, inline scripts and frames", async () => {
    for (const path of ["/", "/api/snapshot", "/nothing"]) {
      const { headers } = await ask(path);
      assert.equal(
        headers["content-security-policy"],
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.equal(headers["access-control-allow-origin"], undefined);
    }
  });
  test("WHEN a path leads out of the page's folders THEN there is nothing", async () => {
    for (const path of [
      "/client/../page.ts",
      "/client/..%2fpage.ts",
      "/page.ts",
      "/client/tsconfig.json",
      "/style/main.ts",
      "//evil.example/",
    ]) {
      assert.equal((await ask(path)).status, 404, path);
    }
  });
  test("WHEN a program is asked for THEN its types are gone", async () => {
    const { status, headers, text } = await ask("/client/wire.ts");
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "text/javascript; charset=utf-8");
    assert.doesNotMatch(text, /interface|: number/u);
  });
  test("WHEN the run refuses THEN its sentence is told", async () => {
    const running = { ...source.now };
    await ask("/api/drills/zone-loss", own({}));
    const { status, text } = await ask("/api/drills/kill-replica", own({}));
    source.now = running;
    assert.equal(status, 422);
    assert.equal(sentence(text), "The drill `zone-loss` is under way. Wait until it has ended.");
  });
  test("WHEN something else fails THEN neither its message nor its stack is told, and the run hears of it", async () => {
    const { status, text } = await ask("/api/services/documents/tools");
    assert.equal(status, 500);
    assert.equal(text, '{"error":"The run failed to do this. Its terminal says why."}');
    assert.match(String(errors.at(-1)), /secret-token/u);
  });
  test("WHEN an argument is wrong THEN the sentence names it, its value and the way out", async () => {
    const dashboard = source.dashboards()[0] ?? "";
    const cases: readonly (readonly [string, Asked, number, string])[] = [
      [
        `/api/dashboards/${dashboard}?minutes=0`,
        {},
        400,
        "`minutes` is `0`. Give a whole number from 1 to 1440.",
      ],
      [
        "/api/drills/meteor",
        own({}),
        404,
        "There is no drill `meteor`. Choose one of `zone-loss`, `kill-replica`, `bad-deploy`, `rolling-deploy`, `overload`, `scale-out`.",
      ],
      [
        "/api/faults",
        own({ kind: "flood" }),
        400,
        "The body is no fault. Send `kind` as `kill-replica` with `service` and `task`, or as `lose-zone` or `restore-zone` with `zone`.",
      ],
      ["/api/faults", own([]), 400, "The body is no JSON object. Send one."],
      ["/api/faults", { ...own({}), body: "{" }, 400, "The body is no JSON object. Send one."],
      [
        "/api/services/weather/tools/alerts",
        own({ arguments: 1 }),
        400,
        "`arguments` is no JSON object. Send the tool's arguments in one.",
      ],
      ["/api/%E0", {}, 400, "The path is not well encoded. Open / for the page."],
      ["/api/nothing", {}, 404, "There is nothing at `/api/nothing`. Open / for the page."],
      [
        "/api/services/other/tools",
        {},
        404,
        "There is no service `other` to call. Choose one of `weather`, `translator`, `classifier`, `documents`.",
      ],
    ];
    for (const [path, request, status, expected] of cases) {
      const answer = await ask(path, request);
      assert.equal(answer.status, status, path);
      assert.equal(sentence(answer.text), expected);
    }
  });
  test("WHEN a body is larger than a mebibyte THEN it is refused", async () => {
    const { status } = await ask("/api/faults", own({ kind: "x".repeat(1024 * 1024) }));
    assert.equal(status, 413);
  });
  test("WHEN the port is taken THEN a second page says so", async () => {
    await assert.rejects(
      startPage({ port, source, clock }),
      new LocalError(
        `The port ${port} of the page is taken. Give another one, or 0 for any that is free.`,
      ),
    );
  });
});

describe("GIVEN an open page", () => {
  test("WHEN the run changes THEN it hears the snapshot at most twice a second, only when it differs, and events as they come", async () => {
    const request = httpRequest({ host: "127.0.0.1", port, path: "/api/live" }).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    assert.equal(response.headers["content-type"], "text/event-stream");
    const heard: { event: string; data: unknown }[] = [];
    let text = "";
    const told = new EventEmitter();
    response.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const parts = text.split("\n\n");
      text = parts.pop() ?? "";
      for (const part of parts) {
        const [, event = "", data = ""] = /^event: (\w+)\ndata: (.*)$/u.exec(part) ?? [];
        heard.push({ event, data: JSON.parse(data) });
      }
      told.emit("told");
    });
    const until = async (events: number): Promise<void> => {
      while (heard.length < events) await once(told, "told");
    };
    await until(3);
    assert.deepEqual(
      heard.map(({ event }) => event),
      ["history", "events", "snapshot"],
    );
    assert.deepEqual(heard[2]?.data, JSON.parse(JSON.stringify(source.now)));

    await clock.advance(500);
    await until(4);
    // Time alone is no change: nothing comes in these two seconds.
    source.now = { ...source.now, now: source.now.now + 2000 };
    await clock.advance(2000);
    source.happens({ at: 1, source: "weather", text: "healthy", level: "good" });
    await until(5);
    assert.deepEqual(heard[4], {
      event: "events",
      data: [{ at: 1, source: "weather", text: "healthy", level: "good" }],
    });
    // Changes between two beats are told as one.
    for (const speed of [2, 3, 4]) {
      source.now = { ...source.now, speed };
      await clock.advance(100);
    }
    await clock.advance(200);
    await until(6);
    assert.equal((heard[5]?.data as { speed: number }).speed, 4);
    assert.equal(heard.length, 6);
    request.destroy();
    await settled();
  });
  test("WHEN the run ends THEN the connection ends with it", async () => {
    const other = await startPage({ port: 0, source, clock });
    const request = httpRequest(new URL("/api/live", other.url)).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const ended = once(response.resume(), "close");
    await other.close();
    await ended;
  });
});
