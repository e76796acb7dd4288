import assert from "node:assert/strict";
import { once } from "node:events";
import { request, type ClientRequest, type IncomingMessage } from "node:http";
import { describe, test } from "node:test";
import { modernHeaders, modernRequest } from "../running-host.ts";
import { startRelayEndpoint, type RelayEndpoint } from "./relay-endpoint.ts";

/** Opens a subscription, and waits for its first message. */
async function listen(
  { url }: RelayEndpoint,
  notifications: Record<string, unknown>,
): Promise<{ readonly outgoing: ClientRequest; readonly next: () => Promise<string> }> {
  const outgoing = request(url, {
    method: "POST",
    headers: modernHeaders("subscriptions/listen"),
    agent: false,
  });
  outgoing.on("error", () => undefined);
  outgoing.end(JSON.stringify(modernRequest("subscriptions/listen", { notifications })));
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  response.on("error", () => undefined);
  const parts = response.setEncoding("utf8")[Symbol.asyncIterator]() as AsyncIterator<string>;
  const next = async (): Promise<string> => String((await parts.next()).value);
  assert.match(await next(), /notifications\/subscriptions\/acknowledged/u);
  return { outgoing, next };
}

describe("GIVEN a relay whose server announces changes", () => {
  test("WHEN clients want to know of resources THEN the relay is told which, and what it says of them reaches these clients", async (context) => {
    const endpoint = await startRelayEndpoint(context, {
      hotPath: true,
      definition: { announcesChanges: true },
    });
    const { relay } = endpoint;
    const { watchResources } = relay;
    let resolve = (): void => undefined;
    relay.watchResources = (uris) => {
      watchResources(uris);
      resolve();
    };
    const { outgoing, next } = await listen(endpoint, {
      resourceSubscriptions: ["docs://guide", "docs://other"],
    });
    assert.deepEqual(relay.watched, [new Set(["docs://guide", "docs://other"])]);
    endpoint.endpoint.changes.resourceUpdated("docs://guide");
    assert.match(await next(), /"notifications\/resources\/updated".*docs:\/\/guide/u);
    const unwatched = new Promise<void>((done) => {
      resolve = done;
    });
    outgoing.destroy();
    await unwatched;
    assert.deepEqual(relay.watched.at(-1), new Set());
  });

  test("WHEN the relay says that tools changed THEN clients that subscribed are told", async (context) => {
    const endpoint = await startRelayEndpoint(context, {
      hotPath: true,
      definition: { announcesChanges: true },
    });
    const { next } = await listen(endpoint, { toolsListChanged: true });
    endpoint.endpoint.changes.toolsChanged();
    assert.match(await next(), /"notifications\/tools\/list_changed"/u);
    assert.deepEqual(endpoint.relay.watched, []);
  });
});

test("GIVEN a relay whose server announces no changes WHEN a client subscribes to a resource THEN the relay is not told", async (context) => {
  const endpoint = await startRelayEndpoint(context, { hotPath: true });
  await listen(endpoint, { resourceSubscriptions: ["docs://guide"] });
  assert.deepEqual(endpoint.relay.watched, []);
});
