/** What is lost behind a gateway, or of it, while calls go on: real processes, killed as they are. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { startNameServer } from "../../local/private-names/name-server.ts";
import { Caller, steadily, type Answer } from "./gateway-load.ts";
import {
  startGatewayProcess,
  startProcess,
  upstreamsFile,
  type ServerProcess,
} from "./gateway-process.ts";
import { toolCall } from "./gateway-streams.ts";

const UPSTREAM = join(import.meta.dirname, "gateway-upstream-process.ts");
const HOSTS = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
const TIMEOUT = { timeout: 120_000 };

/** So many calls a second… */
const RATE = 500;
/** …and so many of them. */
const CALLS = 1500;

/** Replicas of one upstream at one port, and the name server that tells of them. */
async function startReplicas(
  context: TestContext,
  count: number,
  countFile?: string,
): Promise<{
  readonly replicas: readonly ServerProcess[];
  readonly url: string;
  readonly environment: Readonly<Record<string, string>>;
  startAgain(index: number): Promise<ServerProcess>;
}> {
  const start = (host: string, port: number): Promise<ServerProcess> =>
    startProcess(context, [
      UPSTREAM,
      host,
      String(port),
      ...(countFile === undefined ? [] : [countFile]),
    ]);
  const hosts = HOSTS.slice(0, count);
  const first = await start(HOSTS[0] ?? "", 0);
  const others = await Promise.all(hosts.slice(1).map((host) => start(host, first.port)));
  const names = await startNameServer(() => ({ addresses: hosts, ttlSeconds: 5 }));
  context.after(() => names.close());
  return {
    replicas: [first, ...others],
    url: `http://numbers.test:${first.port}/mcp`,
    environment: { DNS_SERVERS: names.address },
    startAgain: (index) => start(HOSTS[index] ?? "", first.port),
  };
}

function callerOf(context: TestContext, { url }: { readonly url: string }): Caller {
  const caller = new Caller(url);
  context.after(() => caller.close());
  return caller;
}

const add = (name: string, index: number) => toolCall(name, { a: index, b: 1 });

/** Those that were not answered as they should be. */
const wrong = (answers: readonly Answer[]): readonly Answer[] =>
  answers.filter(({ text }, index) => text !== String(index + 1));

test(
  `GIVEN three replicas of an upstream and ${RATE} idempotent calls a second WHEN one replica is killed THEN no call fails`,
  TIMEOUT,
  async (t) => {
    const { replicas, url, environment } = await startReplicas(t, 3);
    const file = await upstreamsFile(t, {
      one: { url, discovery: "dns", idempotentTools: ["add"] },
    });
    const gateway = await startGatewayProcess(t, file, environment);
    const caller = callerOf(t, gateway);
    const killed = Promise.withResolvers<undefined>();
    const answers = await steadily(
      RATE,
      (begun) => begun === CALLS,
      (index) => {
        if (index === CALLS / 3)
          void replicas[1]?.kill().then(() => {
            killed.resolve(undefined);
          });
        return caller.send(add("one__add", index));
      },
    );
    await killed.promise;
    assert.deepEqual(wrong(answers), []);
    await gateway.line(
      ({ msg, address }) =>
        msg === "an address of an upstream does not answer" &&
        String(address).startsWith("127.0.0.2:"),
    );
  },
);

test(
  `GIVEN two replicas of a gateway and ${RATE} calls a second WHEN one is killed THEN none fails for a client that tries again`,
  TIMEOUT,
  async (t) => {
    const upstream = await startProcess(t, [UPSTREAM]);
    const file = await upstreamsFile(t, { one: { url: upstream.url, idempotentTools: ["add"] } });
    const gateways = await Promise.all([
      startGatewayProcess(t, file),
      startGatewayProcess(t, file),
    ]);
    const callers = gateways.map((gateway) => callerOf(t, gateway));
    let retries = 0;
    const answers = await steadily(
      RATE,
      (begun) => begun === CALLS,
      async (index) => {
        if (index === CALLS / 3) void gateways[0].kill();
        for (let attempt = 0; ; attempt++) {
          const answer = await callers[(index + attempt) % 2]?.send(add("one__add", index));
          assert.ok(answer);
          if (answer.status !== 0 || attempt === 1) return answer;
          retries++;
        }
      },
    );
    assert.deepEqual(wrong(answers), []);
    assert.ok(retries > 0);
  },
);

test(
  "GIVEN a tool that must not be run twice WHEN replicas of its upstream and of the gateway are killed under load THEN it never is, and what is said to have worked has",
  TIMEOUT,
  async (t) => {
    const file = await upstreamsFile(t, {});
    const countFile = join(dirname(file.path), "counted.txt");
    await writeFile(countFile, "");
    const { replicas, url, environment } = await startReplicas(t, 3, countFile);
    await file.write({ one: { url, discovery: "dns" } });
    const gateways = await Promise.all([
      startGatewayProcess(t, file, environment),
      startGatewayProcess(t, file, environment),
    ]);
    const callers = gateways.map((gateway) => callerOf(t, gateway));
    const kills = new Map<number, () => Promise<void>>([
      [200, async () => replicas[1]?.kill()],
      [400, () => gateways[0].kill()],
      [600, async () => replicas[2]?.kill()],
    ]);
    const answers = await steadily(
      RATE,
      (begun) => begun === 900,
      async (index) => {
        await kills.get(index)?.();
        const request = toolCall("one__count", { id: `call-${index}` });
        const first = await callers[index % 2]?.send(request);
        assert.ok(first);
        // Only what the gateway says to have had no effect is sent again.
        const isSafe = first.status === 503;
        return isSafe ? ((await callers[1]?.send(request)) ?? first) : first;
      },
    );
    const counted = (await readFile(countFile, "utf8")).split("\n").filter((line) => line !== "");
    assert.equal(new Set(counted).size, counted.length, "something was run twice");
    const done = answers.flatMap(({ text }) => text ?? []);
    assert.deepEqual(
      done.filter((id) => !counted.includes(id)),
      [],
    );
    const told = answers.filter(({ error }) => error !== undefined);
    assert.ok(told.length > 0, "the kills came between calls");
    for (const { error, retryable } of told)
      if (error?.code !== -32_000) assert.equal(retryable, false, error?.message);
  },
);
