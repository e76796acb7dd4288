import { BlockList, isIP } from "node:net";

/**
 * IPv4 addresses that are not those of a public host: the IANA registry of special-purpose addresses (RFC 6890), multicast and the reserved
 * class E.
 */
const SPECIAL_IPV4 = blockList([
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
]);

/** The part of IPv6 that is given to hosts; all else is loopback, local, multicast or not in use. */
const GLOBAL_IPV6 = blockList(["2000::/3"]);

/** Special ranges in it: IETF protocols and Teredo, documentation twice, and 6to4, which hides an IPv4 address. */
const SPECIAL_IPV6 = blockList(["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]);

/** Where credentials of the machine are handed out (instance and task metadata): not even a network that is allowed includes them. */
const METADATA = blockList(["169.254.0.0/16", "fe80::/10", "fd00:ec2::/32"]);

/** Which addresses images may come from. */
export type AddressRule = (address: string) => boolean;

/**
 * A rule that lets public addresses through, and those of the networks that are named. IPv4 inside IPv6 (mapped, or translated by NAT64)
 * counts as the IPv4 address that it reaches.
 *
 * @param networks in CIDR notation, see {@link isNetwork}.
 */
export function publicAddressesAnd(networks: readonly string[]): AddressRule {
  const allowed = blockList(networks);
  return (given) => {
    const address = reachedAddress(given);
    const family = familyOf(address);
    if (family === undefined || METADATA.check(address, family)) return false;
    if (allowed.check(address, family)) return true;
    return family === "ipv4"
      ? !SPECIAL_IPV4.check(address, family)
      : GLOBAL_IPV6.check(address, family) && !SPECIAL_IPV6.check(address, family);
  };
}

/** Whether a text is a network in CIDR notation. */
export function isNetwork(text: string): boolean {
  const [address = "", length = "", ...rest] = text.split("/");
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^\d{1,3}$/u.test(length) && Number(length) <= most;
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", length] = network.split("/");
    list.addSubnet(address, Number(length), familyOf(address) ?? "ipv4");
  }
  return list;
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? "ipv4" : "ipv6";
}

/** The IPv4 address behind `::ffff:0:0/96` (mapped) and `64:ff9b::/96` (NAT64), else the address itself. */
function reachedAddress(address: string): string {
  // A zone (`fe80::1%eth0`) is for link-local addresses alone; the URL below would not take it.
  if (isIP(address) !== 6 || address.includes("%")) return address;
  const groups = groupsOf(new URL(`http://[${address}]/`).hostname.slice(1, -1));
  const prefix = groups.slice(0, 6).join(":");
  if (prefix !== "0:0:0:0:0:ffff" && prefix !== "64:ff9b:0:0:0:0") return address;
  return groups
    .slice(6)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])
    .join(".");
}

/** The eight groups of an address in the form in which URLs write it. */
function groupsOf(compressed: string): string[] {
  const [head = "", tail] = compressed.split("::");
  const before = head.split(":").filter(Boolean);
  const after = (tail ?? "").split(":").filter(Boolean);
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
}
