/** When a relay is asked to find out what it offers a caller: before lists, and before calls of what it is not known to offer. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CALLER, startRelayEndpoint } from "./relay-endpoint.ts";
import { OFFERS } from "./fake-relay.ts";

for (const hotPath of [true, false]) {
  describe(`GIVEN a relay that offers a caller nothing until it has been prepared, ${hotPath ? "with" : "without"} the hot path`, () => {
    test("WHEN a list is asked for THEN it is that of the caller", async (context) => {
      const { relay, legacy, modern } = await startRelayEndpoint(context, {
        hotPath,
        caller: CALLER,
      });
      for (const ask of [legacy, modern]) {
        relay.offered = { ...OFFERS, tools: [] };
        relay.prepare = async ({ caller }) => {
          assert.deepEqual(caller?.id, CALLER.id);
          await Promise.resolve();
          relay.offered = OFFERS;
        };

        const { body } = await ask("tools/list");

        assert.match(body, /"name":"echo"/u);
      }
    });

    test("WHEN a tool is called THEN it waits only where the tool is not known to be offered", async (context) => {
      const { relay, legacy } = await startRelayEndpoint(context, { hotPath, caller: CALLER });
      let prepared = 0;
      relay.offered = { ...OFFERS, tools: [] };
      relay.prepare = () => {
        prepared++;
        relay.offered = OFFERS;
        return undefined;
      };

      await legacy("tools/call", { name: "echo", arguments: {} });
      assert.equal(prepared, 1);
      await legacy("tools/call", { name: "echo", arguments: {} });
      await legacy("ping");

      assert.equal(prepared, 1);
      assert.equal(relay.received.length, 2);
    });
  });
}
