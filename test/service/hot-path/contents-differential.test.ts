import assert from "node:assert/strict";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { test, type TestContext } from "node:test";
import { CONTENTS_CALLS } from "./contents-calls.ts";
import { startContentsEndpoint, type ContentsEndpoint } from "./contents-endpoint.ts";
import { messagesOf } from "./relay-endpoint.ts";
import { generate, random, type Generated } from "./requests.ts";

const SEED = 20_260_728;

/** What must not depend on the way that a request takes. */
interface Answered {
  readonly status: number;
  readonly challenge: string | undefined;
  readonly retryAfter: string | undefined;
  readonly hasId: boolean;
  readonly messages: readonly unknown[];
}

async function ask(
  { url }: ContentsEndpoint,
  { headers, body }: Generated,
): Promise<Answered & { readonly contentLength: string | undefined }> {
  const outgoing = request(url, {
    method: "POST",
    headers: [...headers, ["Host", url.host]].flat(),
    agent: false,
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
  return {
    status: response.statusCode ?? 0,
    challenge: response.headers["www-authenticate"],
    retryAfter: response.headers["retry-after"],
    hasId: response.headers["x-request-id"] !== undefined,
    messages: messagesOf({ headers: response.headers, body: text }).map(withoutSealed),
    contentLength: response.headers["content-length"],
  };
}

/** What is sealed differs each time. */
function withoutSealed(message: unknown): unknown {
  return JSON.parse(JSON.stringify(message), (key, value: unknown) =>
    key === "requestState" ? typeof value : value,
  );
}

/** As many requests as reach each call and each mutation in a few seconds. */
const SERVERS = [
  { named: "an author's server", requests: 2000, given: {} },
  {
    named: "one with announced changes, and an instrument that looks at tools",
    requests: 500,
    given: {
      looksAtTools: true,
      definition: {
        announcesChanges: true,
        instructions: "",
        cache: { cacheScope: "public" },
      },
    },
  },
] as const;

for (const { named, requests, given } of SERVERS) {
  test(`GIVEN requests right and wrong for ${named} WHEN one answers the common ones by itself and another leaves all to the SDK THEN nobody can tell which is which`, async (context) => {
    await compare(context, given, requests);
  });
}

async function compare(
  context: TestContext,
  given: Omit<Parameters<typeof startContentsEndpoint>[1], "hotPath">,
  requests: number,
): Promise<void> {
  const hot = await startContentsEndpoint(context, { ...given, hotPath: true });
  const sdk = await startContentsEndpoint(context, { ...given, hotPath: false });
  const next = random(SEED);
  let taken = 0;
  for (let count = 0; count < requests; count++) {
    const generated = generate(next, CONTENTS_CALLS);
    const [{ contentLength, ...byHotPath }, { contentLength: ofSdk, ...bySdk }] = await Promise.all(
      [ask(hot, generated), ask(sdk, generated)],
    );
    assert.deepEqual(byHotPath, bySdk, `request ${count}: ${JSON.stringify(generated)}`);
    if (contentLength !== undefined && ofSdk === undefined) taken++;
  }
  // Otherwise the SDK would have been compared with itself.
  assert.ok(taken > requests / 3, `only ${taken} requests were answered by the hot path`);
  await Promise.all([hot.ended(sdk.calls.length), sdk.ended(hot.calls.length)]);
  assert.deepEqual(recorded(hot), recorded(sdk));
  assert.deepEqual(written(hot), written(sdk));
}

/** What instruments were told, but for what differs from request to request. */
function recorded({ calls }: ContentsEndpoint): readonly unknown[] {
  return calls.map(
    ({ call: { requestId: _, ...call }, end: { outcome, errorCode, error }, ran }) => ({
      ...call,
      outcome,
      errorCode,
      error: String(error),
      ran,
    }),
  );
}

/** What authors wrote to the log. */
function written({ lines }: ContentsEndpoint): readonly unknown[] {
  return lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => msg === "from the author")
    .map(({ level, msg, requestId }) => ({ level, msg, requestId: typeof requestId }));
}
