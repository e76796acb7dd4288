import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { RelayContext } from "../../../service/runtime/relay.ts";
import { messagesOf, startRelayEndpoint, type RelayEndpoint } from "./relay-endpoint.ts";
import { generate, random, type Generated } from "./requests.ts";

/** As many as reach each method, each mutation and most pairs of them in a few seconds. */
const REQUESTS = 600;
const SEED = 20_260_728;

/** What must not depend on the way that a request takes. */
interface Answered {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly hasId: boolean;
  readonly messages: readonly unknown[];
}

async function ask(
  { url }: RelayEndpoint,
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
    retryAfter: response.headers["retry-after"],
    hasId: response.headers["x-request-id"] !== undefined,
    messages: messagesOf({ headers: response.headers, body: text }),
    contentLength: response.headers["content-length"],
  };
}

test("GIVEN requests right and wrong WHEN one server answers the common ones by itself and another leaves all to the SDK THEN nobody can tell which is which", async (context) => {
  const hot = await startRelayEndpoint(context, { hotPath: true });
  const sdk = await startRelayEndpoint(context, { hotPath: false });
  const next = random(SEED);
  let taken = 0;
  for (let count = 0; count < REQUESTS; count++) {
    const generated = generate(next);
    const [{ contentLength, ...byHotPath }, { contentLength: ofSdk, ...bySdk }] = await Promise.all(
      [ask(hot, generated), ask(sdk, generated)],
    );
    const shown = `request ${count}: ${JSON.stringify(generated)}`;
    assert.deepEqual(byHotPath, bySdk, shown);
    if (contentLength !== undefined && ofSdk === undefined) taken++;
    const [passedByHotPath, passedBySdk] = [hot, sdk].map(({ relay }) =>
      relay.received.splice(0).map(({ request: { argumentsText, ...passed }, context }) => {
        if (argumentsText !== undefined)
          assert.deepEqual(JSON.parse(argumentsText), passed.params["arguments"], shown);
        const given = compared(context);
        return {
          passed,
          given: {
            ...given,
            callerToken: context.callerToken,
            progress: typeof given.progress,
            message: typeof given.message,
          },
        };
      }),
    );
    assert.deepEqual(passedByHotPath, passedBySdk, shown);
  }
  // Otherwise the SDK would have been compared with itself.
  assert.ok(taken > REQUESTS / 5, `only ${taken} requests were answered by the hot path`);
  await Promise.all([hot.ended(sdk.calls.length), sdk.ended(hot.calls.length)]);
  assert.deepEqual(recorded(hot), recorded(sdk));
});

/** Of a context, what can be the same in two servers. */
function compared({
  log: _,
  cancellation: __,
  ...given
}: RelayContext): Omit<RelayContext, "log" | "cancellation"> {
  return given;
}

/** What instruments were told, but for what differs from request to request. */
function recorded({ calls }: RelayEndpoint): readonly unknown[] {
  return calls.map(({ call: { requestId: _, ...call }, end: { outcome, errorCode, error } }) => ({
    ...call,
    outcome,
    errorCode,
    error: String(error),
  }));
}
