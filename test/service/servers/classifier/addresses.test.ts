import assert from "node:assert/strict";
import { test } from "node:test";
import { isNetwork, publicAddressesAnd } from "../../../../service/servers/classifier/addresses.ts";

const PUBLIC = [
  "8.8.8.8",
  "52.216.1.1",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "100.63.255.255",
  "100.128.0.0",
  "223.255.255.255",
  "2600:1f18::1",
  "2a00:1450:4001::200e",
  "2003::1",
  // IPv4 through NAT64, and mapped: both reach 8.8.8.8.
  "64:ff9b::808:808",
  "::ffff:8.8.8.8",
];

const CLOSED = [
  ["unspecified", "0.0.0.0"],
  ["this network", "0.1.2.3"],
  ["private", "10.0.0.1"],
  ["private", "172.16.0.1"],
  ["private", "172.31.255.255"],
  ["private", "192.168.1.1"],
  ["carrier NAT", "100.64.0.1"],
  ["loopback", "127.0.0.1"],
  ["loopback", "127.255.255.254"],
  ["link-local", "169.254.0.1"],
  ["instance metadata", "169.254.169.254"],
  ["task metadata", "169.254.170.2"],
  ["documentation", "192.0.2.1"],
  ["6to4 relay", "192.88.99.1"],
  ["benchmarks", "198.19.0.1"],
  ["multicast", "224.0.0.1"],
  ["reserved", "240.0.0.1"],
  ["broadcast", "255.255.255.255"],
  ["unspecified", "::"],
  ["loopback", "::1"],
  ["unique local", "fc00::1"],
  ["instance metadata", "fd00:ec2::254"],
  ["link-local", "fe80::1"],
  ["link-local with a zone", "fe80::1%eth0"],
  ["site-local", "fec0::1"],
  ["multicast", "ff02::1"],
  ["documentation", "2001:db8::1"],
  ["documentation", "3fff::1"],
  ["Teredo", "2001::7f00:1"],
  ["6to4 of 127.0.0.1", "2002:7f00:1::"],
  ["mapped loopback", "::ffff:127.0.0.1"],
  ["mapped loopback in hex", "::ffff:7f00:1"],
  ["mapped, written out", "0:0:0:0:0:ffff:a9fe:a9fe"],
  ["mapped with zeros", "::ffff:0:1"],
  ["IPv4-compatible", "::127.0.0.1"],
  ["NAT64 of instance metadata", "64:ff9b::a9fe:a9fe"],
  ["NAT64 of a private address", "64:ff9b::10.0.0.1"],
  ["local NAT64", "64:ff9b:1::808:808"],
  ["no address", "localhost"],
  ["nothing", ""],
] as const;

test("GIVEN public addresses THEN they are open", () => {
  const isOpen = publicAddressesAnd([]);
  for (const address of PUBLIC) assert.equal(isOpen(address), true, address);
});

for (const [what, address] of CLOSED) {
  test(`GIVEN ${what} (\`${address}\`) THEN it is closed`, () => {
    assert.equal(publicAddressesAnd([])(address), false);
  });
}

test("GIVEN networks that are allowed THEN their addresses are open, in every way to write them, and no others", () => {
  const isOpen = publicAddressesAnd(["10.0.3.0/24", "fd12:3456::/32"]);
  const open = ["10.0.3.7", "::ffff:10.0.3.7", "::ffff:a00:307", "fd12:3456::1", "8.8.8.8"];
  const closed = ["10.0.4.7", "fd12:3457::1", "127.0.0.1"];
  for (const address of open) assert.equal(isOpen(address), true, address);
  for (const address of closed) assert.equal(isOpen(address), false, address);
});

test("GIVEN a network that includes metadata addresses THEN those stay closed", () => {
  const isOpen = publicAddressesAnd(["0.0.0.0/0", "::/0"]);
  for (const address of ["169.254.169.254", "169.254.170.2", "::ffff:a9fe:a9fe", "fd00:ec2::254"])
    assert.equal(isOpen(address), false, address);
  assert.equal(isOpen("10.0.0.1"), true);
});

test("GIVEN texts THEN those in CIDR notation are networks", () => {
  for (const text of ["10.0.0.0/8", "0.0.0.0/0", "fd00::/8", "::/128"])
    assert.equal(isNetwork(text), true, text);
  for (const text of [
    "10.0.0.0",
    "10.0.0.0/33",
    "10.0.0/8",
    "fd00::/129",
    "example.com/8",
    "10.0.0.0/8/8",
    "",
  ])
    assert.equal(isNetwork(text), false, text);
});
