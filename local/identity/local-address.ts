import type { UserPool } from "./user-pool.ts";

/** What an address is on this machine: by the first origin, or address with a path, that it is or begins with. */
export function localAddress(
  address: string,
  origins: Iterable<readonly [string, string]>,
): string {
  for (const [origin, here] of origins) {
    if (address === origin || address.startsWith(`${origin}/`))
      return here + address.slice(origin.length);
  }
  return address;
}

/**
 * A pool whose resource servers have the addresses that clients use here: the identifier of one is the public address of a service, and
 * its scopes begin with it.
 */
export function atLocalAddresses(pool: UserPool, origins: ReadonlyMap<string, string>): UserPool {
  return {
    ...pool,
    resourceServers: pool.resourceServers.map((server) => ({
      ...server,
      identifier: localAddress(server.identifier, origins),
    })),
    clients: pool.clients.map((client) => ({
      ...client,
      scopes: client.scopes.map((scope) => localAddress(scope, origins)),
    })),
  };
}
