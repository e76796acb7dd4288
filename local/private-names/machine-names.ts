import { lookup, Resolver } from "node:dns/promises";
import type { NameAnswer } from "./name-server.ts";

/** For addresses of the hosts file, which tells no time to live. */
const TTL_SECONDS = 5;

/** What this machine knows of names that are not private, as the resolver of a VPC knows public ones. */
export async function machineName(name: string): Promise<NameAnswer | undefined> {
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  try {
    const records = await resolver.resolve4(name, { ttl: true });
    return {
      addresses: records.map(({ address }) => address),
      ttlSeconds: Math.min(...records.map(({ ttl }) => ttl)),
    };
  } catch {
    // The hosts file may know it.
  }
  try {
    const found = await lookup(name, { all: true, family: 4 });
    return { addresses: found.map(({ address }) => address), ttlSeconds: TTL_SECONDS };
  } catch {
    return undefined;
  }
}
