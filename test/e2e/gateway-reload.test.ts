/** A gateway whose upstreams are added, changed and removed in the watched file, under load. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Caller, steadily } from "./gateway-load.ts";
import { startGatewayProcess, startProcess, upstreamsFile } from "./gateway-process.ts";
import { listen, openStream, rawRequest, toolCall } from "./gateway-streams.ts";
import { startSdkUpstream } from "./gateway-upstreams.ts";
import { join } from "node:path";

const UPSTREAM = join(import.meta.dirname, "gateway-upstream-process.ts");
const RATE = 200;

test(
  `GIVEN a gateway and ${RATE} calls a second that must not be run twice WHEN upstreams are added, changed, moved and removed, and the file is broken for a while THEN no call of what is configured fails`,
  { timeout: 120_000 },
  async (t) => {
    const [old, successor, added] = await Promise.all([
      startProcess(t, [UPSTREAM]),
      startProcess(t, [UPSTREAM]),
      startSdkUpstream("stateless"),
    ]);
    t.after(() => added.close());
    const file = await upstreamsFile(t, { one: { url: old.url } });
    const gateway = await startGatewayProcess(t, file, { GATEWAY_POLL_SECONDS: "1" });
    const hearing = await openStream(gateway.url, listen({ toolsListChanged: true }));
    await hearing.until("acknowledged");
    const toolNames = async (): Promise<readonly string[]> => {
      const response = await fetch(gateway.url, {
        method: "POST",
        ...rawRequest("tools/list", {}),
      });
      const { result } = (await response.json()) as { result: { tools: { name: string }[] } };
      return result.tools.map(({ name }) => name);
    };
    const until = async (satisfy: (names: readonly string[]) => boolean): Promise<void> => {
      while (!satisfy(await toolNames())) await hearing.until("notifications/tools/list_changed");
    };
    const caller = new Caller(gateway.url);
    t.after(() => caller.close());
    let isOver = false;
    t.after(() => {
      isOver = true;
    });
    const wrong: unknown[] = [];
    const load = steadily(
      RATE,
      () => isOver,
      async (index) => {
        const answer = await caller.send(toolCall("one__add", { a: index, b: 1 }));
        if (answer.text !== String(index + 1)) wrong.push(answer);
      },
    );
    const call = async (name: string): Promise<string | undefined> =>
      (await caller.send(toolCall(name, { a: 1, b: 2 }))).text;

    const two = { url: added.url };
    await file.write({ one: { url: old.url }, two });
    await until((names) => names.includes("two__add"));
    assert.equal(await call("two__add"), "3");

    await file.write({ one: { url: old.url, deny: ["steps"] }, two: { ...two, prefix: "second" } });
    await until((names) => names.includes("second__add") && !names.includes("one__steps"));
    assert.equal(await call("second__add"), "3");
    assert.equal(await call("two__add"), undefined);

    await file.write({ one: { url: "not an address" }, two: { ...two, prefix: "second" } });
    await gateway.line(({ msg }) =>
      String(msg).includes("Its last good configuration stays in use"),
    );
    assert.equal(await call("one__add"), "3");

    // The one before may go as soon as its successor has taken over: what it had begun has been answered.
    await file.write({ one: { url: successor.url, deny: ["wait"] } });
    await until((names) => !names.includes("one__wait") && !names.includes("second__add"));
    // Rules hold at once, also for the one before.
    await gateway.line(
      ({ msg, url }) =>
        msg === "an upstream is asked elsewhere from now on" && url === successor.url,
    );
    assert.equal(await call("second__add"), undefined);
    isOver = true;
    await load;
    await old.kill();
    assert.equal(await call("one__add"), "3");
    assert.deepEqual(wrong, []);
    hearing.close();
  },
);
