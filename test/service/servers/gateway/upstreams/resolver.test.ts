import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { createResolver } from "../../../../../service/servers/gateway/upstreams/addresses/resolver.ts";

const A = 1;
const SERVFAIL = 2;
const NXDOMAIN = 3;

/** A name server (RFC 1035, 4) that has these A records, and nothing else. */
async function nameServer(
  t: TestContext,
  records: readonly (readonly [address: string, ttl: number])[],
  code = 0,
): Promise<string> {
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address }) => {
    const end = query.indexOf(0, 12) + 5;
    const type = query.readUInt16BE(end - 4);
    const given = type === A ? records : [];
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | code, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(given.length, 6);
    const answers = given.map(([ip, ttl]) => {
      const answer = Buffer.alloc(16);
      answer.writeUInt16BE(0xc00c, 0);
      answer.writeUInt16BE(A, 2);
      answer.writeUInt16BE(1, 4);
      answer.writeUInt32BE(ttl, 6);
      answer.writeUInt16BE(4, 10);
      for (const [index, part] of ip.split(".").entries()) answer[12 + index] = Number(part);
      return answer;
    });
    socket.send(Buffer.concat([header, query.subarray(12, end), ...answers]), port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  t.after(() => socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

test("GIVEN A records and no AAAA WHEN a name is resolved THEN all addresses come, with the least time to live", async (t) => {
  const server = await nameServer(t, [
    ["10.0.0.1", 60],
    ["10.0.0.2", 5],
  ]);
  const { addresses, ttlSeconds } = await createResolver([server])("numbers.test");
  assert.deepEqual([...addresses].sort(), ["10.0.0.1", "10.0.0.2"]);
  assert.equal(ttlSeconds, 5);
});

test("GIVEN a name that the given name servers do not know WHEN it is resolved THEN nobody else is asked", async (t) => {
  const server = await nameServer(t, [], NXDOMAIN);
  await assert.rejects(createResolver([server])("localhost"), {
    message: "The name servers know no addresses of `localhost`.",
  });
});

test("GIVEN a name server that fails WHEN a name is resolved THEN that is no answer", async (t) => {
  const server = await nameServer(t, [], SERVFAIL);
  await assert.rejects(createResolver([server])("numbers.test"), { code: "ESERVFAIL" });
});

test("GIVEN an address instead of a name WHEN it is resolved THEN it is itself", async () => {
  for (const [host, address] of [
    ["127.0.0.1", "127.0.0.1"],
    ["[::1]", "::1"],
  ] as const) {
    const resolved = await createResolver([])(host);
    assert.deepEqual(resolved, { addresses: [address], ttlSeconds: undefined });
  }
});
