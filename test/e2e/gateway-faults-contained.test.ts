/** Upstreams that are gone, hang, lie or answer rubbish, and the others behind the same gateway. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Caller, steadily, type Answer } from "./gateway-load.ts";
import { startGatewayProcess, startProcess, upstreamsFile } from "./gateway-process.ts";
import { listen, openStream, rawRequest, toolCall, type Stream } from "./gateway-streams.ts";
import { startSdkUpstream } from "./gateway-upstreams.ts";

const UPSTREAM = join(import.meta.dirname, "gateway-upstream-process.ts");
const TIMEOUT = { timeout: 120_000 };
const RATE = 100;

function callerOf(context: TestContext, { url }: { readonly url: string }): Caller {
  const caller = new Caller(url);
  context.after(() => caller.close());
  return caller;
}

async function toolsAt({ url }: { readonly url: string }): Promise<readonly string[]> {
  const response = await fetch(url, { method: "POST", ...rawRequest("tools/list", {}) });
  const { result } = (await response.json()) as { result: { tools: { name: string }[] } };
  return result.tools.map(({ name }) => name).filter((name) => name.endsWith("__add"));
}

/** Waits until these are listed, as a client does that asks again whenever it is told to. */
async function untilListed(
  gateway: { readonly url: string },
  stream: Stream,
  names: readonly string[],
): Promise<void> {
  while ((await toolsAt(gateway)).join() !== names.join())
    await stream.until("notifications/tools/list_changed");
}

/** Calls of one upstream at a steady pace, as long as something else happens. */
function callsMeanwhile(context: TestContext, caller: Caller, name: string) {
  let isOver = false;
  context.after(() => {
    isOver = true;
  });
  const ending = steadily(
    RATE,
    () => isOver,
    async (index): Promise<Answer | undefined> => {
      const answer = await caller.send(toolCall(name, { a: index, b: 1 }));
      return answer.text === String(index + 1) ? undefined : answer;
    },
  );
  return async () => {
    isOver = true;
    const all = await ending;
    assert.ok(all.length > 0);
    assert.deepEqual(
      all.filter((answer) => answer !== undefined),
      [],
    );
  };
}

test(
  "GIVEN two upstreams under load WHEN one is killed THEN the other fails no call; calls of the lost one are refused at once, its tools go when the grace is over, and it is back when it answers again",
  TIMEOUT,
  async (t) => {
    const lost = await startProcess(t, [UPSTREAM]);
    const other = await startProcess(t, [UPSTREAM]);
    const file = await upstreamsFile(t, { lost: { url: lost.url }, other: { url: other.url } });
    const gateway = await startGatewayProcess(t, file, { GATEWAY_GRACE_SECONDS: "3" });
    const caller = callerOf(t, gateway);
    const end = callsMeanwhile(t, caller, "other__add");
    const call = () => caller.send(toolCall("lost__add", { a: 1, b: 2 }));
    assert.equal((await call()).text, "3");

    const hearing = await openStream(gateway.url, listen({ toolsListChanged: true }));
    await hearing.until("acknowledged");
    await lost.kill();
    const opened = gateway.line(({ msg, to }) => msg === "breaker" && to === "open");
    const breaker = { isOpen: false };
    void opened.then(() => {
      breaker.isOpen = true;
    });
    assert.ok((await call()).error);
    assert.deepEqual(await toolsAt(gateway), ["lost__add", "other__add"]);
    while (!breaker.isOpen) {
      assert.ok((await call()).error);
    }
    const refused = await call();
    assert.deepEqual([refused.status, refused.retryable], [503, true]);
    assert.match(refused.error?.message ?? "", /`lost` does not answer at present/u);

    await untilListed(gateway, hearing, ["other__add"]);
    await startProcess(t, [UPSTREAM, "127.0.0.1", String(lost.port)]);
    await untilListed(gateway, hearing, ["lost__add", "other__add"]);
    hearing.close();
    assert.equal((await call()).text, "3");
    await end();
  },
);

/** A server that answers what it is asked by hand. */
async function startRude(
  context: TestContext,
  answer: (method: string, id: unknown, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    void json(request).then(
      (body) => {
        const { method, id } = body as { method: string; id: unknown };
        answer(method, id, response);
      },
      () => {
        response.destroy();
      },
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

const LISTS: Readonly<Record<string, object>> = {
  "server/discover": {
    resultType: "complete",
    supportedVersions: ["2026-07-28"],
    capabilities: { tools: {} },
    serverInfo: { name: "rude", version: "1" },
    ttlMs: 60_000,
    cacheScope: "public",
  },
  "tools/list": {
    resultType: "complete",
    tools: [{ name: "add", inputSchema: { type: "object" } }],
    ttlMs: 60_000,
    cacheScope: "public",
  },
};

/** Well as far as anybody can see, until a tool is called. */
const wellUntilCalled =
  (call: (id: unknown, response: ServerResponse) => void) =>
  (method: string, id: unknown, response: ServerResponse): void => {
    const result = LISTS[method];
    if (result === undefined) {
      call(id, response);
      return;
    }
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
  };

const RUDE: Readonly<
  Record<string, { answer: Parameters<typeof startRude>[1]; says: RegExp; isListed: boolean }>
> = {
  hangs: {
    answer: wellUntilCalled(() => undefined),
    says: /`hangs` did not answer within 1 s/u,
    isListed: true,
  },
  hangsAlways: {
    answer: () => undefined,
    says: /`hangsAlways` has not answered this gateway yet/u,
    isListed: false,
  },
  lies: {
    answer: wellUntilCalled((_id, response) => {
      response.writeHead(500).end("Oops: at /srv/app/secret.js:1");
    }),
    says: /`lies` (?:answered with HTTP 500|does not answer at present)/u,
    isListed: true,
  },
  cuts: {
    answer: wellUntilCalled((_id, response) => {
      response.destroy();
    }),
    says: /`cuts` (?:broke the connection off|does not answer at present|cannot be reached)/u,
    isListed: true,
  },
  babbles: {
    answer: wellUntilCalled((_id, response) => {
      response.setHeader("content-type", "application/json").end('{"jsonrpc":"2.0","id":');
    }),
    says: /`babbles` /u,
    isListed: true,
  },
  confuses: {
    answer: wellUntilCalled((_id, response) => {
      response.setHeader("content-type", "text/event-stream");
      response.end('data: {"jsonrpc":"2.0","id":"somebody else","result":{}}\n\ndata: <html>\n\n');
    }),
    says: /`confuses` /u,
    isListed: true,
  },
  pages: {
    answer: (_method, _id, response) => {
      response.setHeader("content-type", "text/html").end("<html>Welcome</html>");
    },
    says: /`pages` has not answered this gateway yet/u,
    isListed: false,
  },
};

test(
  "GIVEN upstreams that hang, lie, break off or answer rubbish WHEN they are called without end THEN each says so in its own name, and the one beside them fails no call",
  TIMEOUT,
  async (t) => {
    const good = await startSdkUpstream("modern");
    t.after(() => good.close());
    const rude = await Promise.all(
      Object.entries(RUDE).map(async ([name, { answer }]) => {
        const url = await startRude(t, answer);
        // Only those that hang may be given up soon: on a busy machine the others may take their time.
        return [name, { url, timeoutSeconds: name.startsWith("hangs") ? 1 : 30 }] as const;
      }),
    );
    const file = await upstreamsFile(t, { good: { url: good.url }, ...Object.fromEntries(rude) });
    const gateway = await startGatewayProcess(t, file);
    const caller = callerOf(t, gateway);
    const listed = Object.entries(RUDE).flatMap(([name, { isListed }]) =>
      isListed ? [`${name}__add`] : [],
    );
    assert.deepEqual([...(await toolsAt(gateway))].sort(), [...listed, "good__add"].sort());
    const end = callsMeanwhile(t, caller, "good__add");
    await Promise.all(
      Object.entries(RUDE).map(async ([name, { says }]) => {
        // As many as it takes to open a breaker, and more.
        for (let round = 0; round < 2; round++) {
          const answers = await Promise.all(
            Array.from({ length: 8 }, () => caller.send(toolCall(`${name}__add`, {}))),
          );
          for (const { text, error } of answers) {
            assert.equal(text, undefined);
            assert.match(error?.message ?? "", round === 0 ? says : new RegExp(`\`${name}\``, "u"));
            assert.doesNotMatch(error?.message ?? "", /secret\.js/u);
          }
        }
      }),
    );
    await end();
  },
);
