import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { createAddressPool } from "../../local/ecs/addresses.ts";

describe("GIVEN Linux, where all of 127.0.0.0/8 is this machine", () => {
  test("WHEN tasks start THEN each has an address in its zone's network, and ports stay as declared", async () => {
    const pool = await createAddressPool([8080], "linux");
    const [first, second, other] = [pool.take(0), pool.take(0), pool.take(2)];
    assert.match(first.host, /^127\.\d+\.1\.1$/u);
    assert.equal(second.host, first.host.replace(/1$/u, "2"));
    assert.equal(other.host, first.host.replace(/1\.1$/u, "3.1"));
    assert.equal(first.port(8080), 8080);
    first.release();
    assert.equal(pool.take(0).host, first.host);
    pool.close();
  });

  test("WHEN two runs go on at once THEN they share no address", async () => {
    const pools = [
      await createAddressPool([8080], "linux"),
      await createAddressPool([8080], "linux"),
    ];
    const hosts = pools.map((pool) => pool.take(0).host);
    assert.equal(new Set(hosts).size, 2);
    for (const pool of pools) pool.close();
  });

  test("WHEN a zone is full THEN a sentence says so", async () => {
    const pool = await createAddressPool([8080], "linux");
    for (let task = 0; task < 254; task++) pool.take(1);
    assert.throws(() => pool.take(1), {
      message: "Zone 2 has no address left for a task: 254 run there already.",
    });
    pool.close();
  });
});

describe("GIVEN Linux, where another process has the port on all addresses", () => {
  test("WHEN tasks start THEN each has its own range of ports, as elsewhere", async (context) => {
    const other = createServer().listen(0, "0.0.0.0");
    await once(other, "listening");
    context.after(() => other.close());
    const { port } = other.address() as AddressInfo;
    const pool = await createAddressPool([port], "linux");
    assert.equal(pool.take(0).host, "127.0.0.1");
    pool.close();
  });
});

describe("GIVEN another system, which has 127.0.0.1 alone", () => {
  test("WHEN tasks start THEN each has its own range of ports, so that two declared ports stay two", async () => {
    const pool = await createAddressPool([8080], "darwin");
    const [first, second] = [pool.take(0), pool.take(1)];
    assert.deepEqual([first.host, first.port(8080), first.port(8081)], ["127.0.0.1", 9080, 9081]);
    assert.deepEqual([second.host, second.port(8080)], ["127.0.0.1", 11_080]);
    first.release();
    assert.equal(pool.take(2).port(8080), 9080);
    pool.close();
  });

  test("WHEN a port would be moved to one that `fetch` refuses THEN the range is left out", async () => {
    // 4000 + 2000 is the port of X11.
    const pool = await createAddressPool([4000, 4001], "darwin");
    assert.deepEqual(
      [pool.take(0), pool.take(0)].map((address) => address.port(4000)),
      [5000, 7000],
    );
    pool.close();
  });

  test("WHEN a port would leave the range THEN a sentence says so", async () => {
    const pool = await createAddressPool([8080], "darwin");
    const address = pool.take(0);
    assert.throws(() => address.port(65_000), {
      message:
        "Port 65000 of task 1 would be port 66000 here, which does not exist. Run fewer replicas, or declare a lower port.",
    });
    pool.close();
  });
});
