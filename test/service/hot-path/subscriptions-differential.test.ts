import assert from "node:assert/strict";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Contents } from "../../../service/runtime/protocol/contents.ts";
import { recogniseListen } from "../../../service/runtime/subscriptions/recognise-listen.ts";
import { messagesOf } from "./relay-endpoint.ts";
import { random, type Generated } from "./requests.ts";
import { startListenEndpoint, type ListenEndpoint } from "./subscriptions-endpoint.ts";
import { generateListen } from "./subscriptions-requests.ts";

const REQUESTS = 200;
const SEED = 20_260_728;

const KNOWN_HEADERS = [
  "allow",
  "cache-control",
  "connection",
  "content-type",
  "keep-alive",
  "retry-after",
  "www-authenticate",
  "x-accel-buffering",
] as const;

/** What must not depend on the way that a request takes. */
interface Heard {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly hasId: boolean;
  readonly messages: readonly unknown[];
}

/** Sends a request; resolves with the head of its answer, as what resolves with all of it. */
async function ask(
  { url }: ListenEndpoint,
  { headers, body }: Generated,
): Promise<() => Promise<Heard>> {
  const outgoing = request(url, {
    method: "POST",
    headers: [...headers, ["Host", url.host]].flat(),
    agent: false,
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  let text = "";
  response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const ended = once(response, "end");
  return async () => {
    await ended;
    return {
      status: response.statusCode,
      headers: Object.fromEntries(KNOWN_HEADERS.map((name) => [name, response.headers[name]])),
      hasId: response.headers["x-request-id"] !== undefined,
      messages: messagesOf({ headers: response.headers, body: text }),
    };
  };
}

/** Everything that can happen, one after the other: what is said twice at once may be said once. */
async function change({ endpoint: { changes } }: ListenEndpoint): Promise<void> {
  const uris = ["docs://guide", "docs://other", "docs://größe\u2028\n"];
  for (let round = 0; round < 2; round++) {
    changes.toolsChanged();
    for (const uri of uris) changes.resourceUpdated(uri);
    changes.promptsChanged();
    changes.resourcesChanged();
    // All of it is told in a few turns.
    for (let turns = 0; turns < 100; turns++) await turn();
  }
}

const NOTHING: Contents = { tools: [], resources: [], resourceTemplates: [], prompts: [] };
const PAGE = { name: "page", uri: "docs://page", read: () => "text" };

const SERVERS = [
  { title: "a relay that announces changes", announcesChanges: true },
  { title: "a relay that announces none", announcesChanges: false },
  {
    title: "contents that change",
    announcesChanges: true,
    contents: { ...NOTHING, resources: [PAGE] },
  },
  { title: "no contents", announcesChanges: true, contents: NOTHING },
];

for (const { title, announcesChanges, contents } of SERVERS) {
  test(`GIVEN ${title}, and subscriptions right and wrong WHEN one server serves the right ones by itself and another leaves all to the SDK THEN nobody can tell which is which`, async (context) => {
    const options = {
      announcesChanges,
      environment: { MAX_SUBSCRIPTIONS: String(REQUESTS) },
      ...(contents === undefined ? {} : { contents }),
    };
    const hot = await startListenEndpoint(context, { ...options, hotPath: true });
    const sdk = await startListenEndpoint(context, { ...options, hotPath: false });
    const next = random(SEED);
    const asked = [];
    let recognised = 0;
    for (let count = 0; count < REQUESTS; count++) {
      const generated = generateListen(next);
      if (isRecognised(generated)) recognised++;
      const heard = await Promise.all([ask(hot, generated), ask(sdk, generated)]);
      asked.push({ generated, heard });
    }
    // Otherwise the SDK would have been compared with itself.
    assert.ok(recognised > REQUESTS / 3, `only ${recognised} requests were recognised`);
    for (const endpoint of [hot, sdk]) {
      await change(endpoint);
      await endpoint.endpoint.endSubscriptions();
    }
    let notifications = 0;
    for (const [count, { generated, heard }] of asked.entries()) {
      const [byHotPath, bySdk] = await Promise.all(heard.map((all) => all()));
      assert.deepEqual(byHotPath, bySdk, `request ${count}: ${JSON.stringify(generated)}`);
      notifications += (byHotPath?.messages.length ?? 0) - 1;
    }
    assert.ok(contents === NOTHING || !announcesChanges || notifications > recognised / 2);
    assert.deepEqual(hot.relay.watched.at(-1), sdk.relay.watched.at(-1));
  });
}

function isRecognised({ headers, body }: Generated): boolean {
  const lower = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
  return recogniseListen(lower, JSON.parse(body)) !== undefined;
}
