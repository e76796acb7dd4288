import { lookup, Resolver } from "node:dns/promises";
import { isIP } from "node:net";

/** What a host name stands for. */
export interface ResolvedAddresses {
  /** IPv4 and IPv6 addresses. */
  readonly addresses: readonly string[];
  /** The least of the records' times to live; undefined where none is told. */
  readonly ttlSeconds: number | undefined;
}

/** @throws if the name has no addresses, or nobody tells. */
export type AddressResolver = (hostName: string) => Promise<ResolvedAddresses>;

/** A name server answers within milliseconds or has lost the question. */
const TIMEOUT_MILLISECONDS = 1000;
const TRIES = 2;
/** Nothing is there: of that name, of that type, or no name server at all. After other errors the operating system would only ask the same again. */
const ABSENT: ReadonlySet<unknown> = new Set(["ENOTFOUND", "ENODATA", "ECONNREFUSED"]);

/**
 * Asks name servers for A and AAAA records.
 *
 * @param servers IP addresses, with a port or without. Default: those of the machine, and for names without records, such as `localhost`, the operating system.
 */
export function createResolver(servers: readonly string[] = []): AddressResolver {
  const resolver = new Resolver({ timeout: TIMEOUT_MILLISECONDS, tries: TRIES });
  if (servers.length > 0) resolver.setServers(servers);
  return async (given) => {
    // The host of a URL has brackets around an IPv6 address.
    const hostName = given.replace(/^\[|\]$/gu, "");
    if (isIP(hostName) !== 0) return { addresses: [hostName], ttlSeconds: undefined };
    const [four, six] = await Promise.allSettled([
      resolver.resolve4(hostName, { ttl: true }),
      resolver.resolve6(hostName, { ttl: true }),
    ]);
    const records = [four, six].flatMap((each) => (each.status === "fulfilled" ? each.value : []));
    if (records.length > 0) {
      return {
        addresses: records.map(({ address }) => address),
        ttlSeconds: Math.min(...records.map(({ ttl }) => ttl)),
      };
    }
    for (const each of [four, six]) {
      if (each.status === "rejected" && !ABSENT.has((each.reason as { code?: unknown }).code))
        throw each.reason;
    }
    if (servers.length > 0)
      throw new Error(`The name servers know no addresses of \`${hostName}\`.`);
    const found = await lookup(hostName, { all: true });
    return { addresses: found.map(({ address }) => address), ttlSeconds: undefined };
  };
}
