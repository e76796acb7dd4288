import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Caller } from "../../../service/runtime/caller.ts";
import { OFFERS } from "../hot-path/fake-relay.ts";
import { CALLER, messagesOf, startRelayEndpoint } from "../hot-path/relay-endpoint.ts";

for (const hotPath of [true, false]) {
  describe(`GIVEN a relay ${hotPath ? "on the hot path" : "behind the SDK"} that has to find out what it offers a caller`, () => {
    test("WHEN a list is asked for, or what is not known to be offered is called THEN it is waited for", async (context) => {
      const { relay, modern } = await startRelayEndpoint(context, { hotPath, caller: CALLER });
      const prepared: { caller: Caller | undefined; callerToken: string | undefined }[] = [];
      relay.offered = { ...OFFERS, tools: [] };
      relay.prepare = async ({ caller, callerToken }) => {
        prepared.push({ caller, callerToken });
        await Promise.resolve();
        relay.offered = OFFERS;
      };
      const { status, headers, body } = await modern("tools/call", { name: "echo" });
      assert.equal(status, 200);
      assert.equal(messagesOf({ headers, body }).length, 1);
      assert.deepEqual(prepared, [{ caller: CALLER, callerToken: "a-token-of-the-tests" }]);
      await modern("tools/call", { name: "echo" });
      assert.equal(prepared.length, 1);
      await modern("tools/list");
      assert.equal(prepared.length, 2);
    });

    test("WHEN it cannot find out THEN the request is answered by what there is, and its room is free again", async (context) => {
      const { relay, modern } = await startRelayEndpoint(context, {
        hotPath,
        environment: { MAX_ONGOING_REQUESTS: "1" },
      });
      for (const prepare of [
        () => Promise.reject(new Error("broken")),
        () => {
          throw new Error("broken");
        },
      ]) {
        relay.prepare = prepare;
        assert.equal((await modern("tools/list")).status, 200);
        assert.equal((await modern("tools/call", { name: "echo" })).status, 200);
      }
    });

    test("WHEN it never answers THEN the request is answered after 10 seconds by what there is, and its room is free again", async (context) => {
      const { relay, modern } = await startRelayEndpoint(context, {
        hotPath,
        environment: { MAX_ONGOING_REQUESTS: "1" },
      });
      const asked = Promise.withResolvers<undefined>();
      relay.prepare = () => {
        asked.resolve(undefined);
        return new Promise(() => undefined);
      };
      context.mock.timers.enable({ apis: ["setTimeout"] });
      const listing = modern("tools/list");
      await asked.promise;
      context.mock.timers.tick(9999);
      assert.equal((await modern("tools/list")).status, 503);
      context.mock.timers.tick(1);
      assert.equal((await listing).status, 200);
      assert.equal((await modern("tools/call", { name: "echo" })).status, 200);
    });
  });
}
