import { BlockList, isIP } from "node:net";
import { ArgumentError } from "../validation.ts";

/** Addresses that no route of the internet leads to (RFC 1918, RFC 6598, RFC 4193), and those of one machine. */
const PRIVATE = new BlockList();
PRIVATE.addSubnet("10.0.0.0", 8);
PRIVATE.addSubnet("172.16.0.0", 12);
PRIVATE.addSubnet("192.168.0.0", 16);
PRIVATE.addSubnet("100.64.0.0", 10);
PRIVATE.addSubnet("127.0.0.0", 8);
PRIVATE.addSubnet("fc00::", 7, "ipv6");
PRIVATE.addAddress("::1", "ipv6");

/** Whether a host name can only be of a private network: it has no dot, or a top-level domain that the internet has not (RFC 6762, RFC 8375, ICANN). */
function isPrivateHost(hostname: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/u, "$1");
  const family = isIP(address);
  if (family !== 0) return PRIVATE.check(address, family === 6 ? "ipv6" : "ipv4");
  return !address.includes(".") || /\.(?:internal|local|localhost|home\.arpa)$/u.test(address);
}

/** The port of an address, that of its scheme where it names none. */
export function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}

/** Refuses addresses that are none, that hold secrets, or that would carry them through the internet in plain text. */
export function checkAddress(component: string, argument: string, text: string): void {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/u.test(url.protocol)) {
    throw new ArgumentError(
      component,
      `\`${argument}\` is \`${text}\`; give an address such as \`https://mcp.example.com/mcp\`.`,
    );
  }
  if (url.username !== "" || url.password !== "" || url.hash !== "") {
    throw new ArgumentError(
      component,
      `\`${argument}\` for the host \`${url.hostname}\` has a user, a password or a fragment. Leave it out; a secret belongs into \`auth\`.`,
    );
  }
  if (url.protocol === "https:" || isPrivateHost(url.hostname)) return;
  throw new ArgumentError(
    component,
    `\`${argument}\` is \`${text}\`, which would carry calls and credentials through the internet in plain text. Give an \`https\` address; \`http\` is for private` +
      " addresses, and for names that end with `.internal` or `.local` or have no dot.",
  );
}
