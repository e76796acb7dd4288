import assert from "node:assert/strict";
import { test } from "node:test";
import { readNameServers } from "../../../../service/servers/gateway/settings.ts";

test("GIVEN no name servers WHEN the variable is read THEN there are none, so that the machine's are asked", () => {
  assert.deepEqual(readNameServers({}), []);
  assert.deepEqual(readNameServers({ DNS_SERVERS: " " }), []);
});

test("GIVEN addresses with ports and without WHEN the variable is read THEN each is taken as it stands", () => {
  const servers = ["10.0.0.2", "127.0.0.1:5353", "fd00::2", "[fd00::2]:53"];

  assert.deepEqual(readNameServers({ DNS_SERVERS: servers.join(", ") }), servers);
});

for (const wrong of ["ns.example.com", "10.0.0.2:0", "10.0.0.2:65536", "[10.0.0.2]:53", "10.0.0"]) {
  test(`GIVEN \`${wrong}\` WHEN the variable is read THEN it is refused by its name`, () => {
    assert.throws(() => readNameServers({ DNS_SERVERS: wrong }), {
      name: "ConfigurationError",
      message: `\`DNS_SERVERS\` (\`${wrong}\`) is no list of IP addresses, with a port or without, such as \`10.0.0.2,127.0.0.1:5353\`.`,
    });
  });
}
